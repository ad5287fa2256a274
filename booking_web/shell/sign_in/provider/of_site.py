# SPDX-License-Identifier: AGPL-3.0-or-later
"""The identity provider that the settings name, and how this site keeps what it says."""

from booking_web.base.sealing import SecretSeal
from booking_web.domain.rights.provider_ties import voucher_seal
from booking_web.shell.services import services
from booking_web.shell.sign_in.provider.client import Provider
from booking_web.shell.site.site_address import public_address


def provider_of_site() -> Provider | None:
    """Give it; None where there is none."""
    settings = services().settings
    if not settings.oidc_issuer:
        return None
    return Provider(
        settings.oidc_issuer,
        settings.oidc_client_id or "",
        settings.oidc_client_secret or "",
        public_address("provider.come_back"),
    )


def provider_name() -> str:
    """Give its name among people."""
    return services().settings.oidc_name


def seal_of_site() -> SecretSeal:
    """Give the seal of what it said."""
    return voucher_seal(services().settings.secret_key)

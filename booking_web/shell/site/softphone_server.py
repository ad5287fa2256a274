# SPDX-License-Identifier: AGPL-3.0-or-later
"""How softphones reach the site's Asterisk, where its settings say so."""

from booking_web.base.settings import Settings, SettingsError
from provisioning.bundles.softphone import SoftphoneServer, own_authority


def softphone_server(settings: Settings) -> SoftphoneServer | None:
    """Give Asterisk's address and authority; None where `sip_server` is not set.

    Raises SettingsError where the authority's file cannot be read: a softphone without it
    would be told to trust nobody.
    """
    if settings.sip_server is None:
        return None
    try:
        authority = own_authority(settings.sip_ca_file)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"sip_ca_file: {error}") from error
    return SoftphoneServer(
        settings.sip_server, settings.sip_port, settings.sip_plain_port, authority
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The sign-out at the identity provider, of who is signed out here already.

A form's answer may lead to no other site (`form-action`), and the provider leads on to others:
the way there is a page of ours that goes on by itself, with a link for whom it does not.
"""

import secrets

import structlog
from flask import flash, redirect, render_template, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from booking_web.domain.rights.provider_ties import Voucher
from booking_web.shell.sign_in.provider.client import NotBelieved, ProviderAway
from booking_web.shell.sign_in.provider.of_site import (
    provider_name,
    provider_of_site,
    seal_of_site,
)
from booking_web.shell.site.site_address import public_address

ENDING = "ending_at_provider"

logger = structlog.get_logger(__name__)


def farewell(sealed_voucher: str | None) -> Response | str:
    """Lead on to the provider's sign-out, or tell that the person is signed in there still."""
    voucher = sealed_voucher and Voucher.opened(sealed_voucher, seal_of_site())
    address = address_to_end(voucher) if voucher else None
    if address is None:
        # A press on our button would let the next one in.
        flash(
            gettext(
                "Vous êtes déconnecté de ce site. Votre session %(provider)s reste ouverte "
                "dans ce navigateur : sur un poste partagé, fermez le navigateur.",
                provider=provider_name(),
            ),
            "warning",
        )
        return redirect(url_for("accounts.sign_in"))
    return render_template(
        "shell/sign_in/provider_ending.html",
        title=gettext("Vous êtes déconnecté de ce site"),
        name=provider_name(),
        address=address,
    )


def address_to_end(voucher: Voucher) -> str | None:
    """Give where this person's session at the provider is ended, from this browser alone.

    None where that cannot be: the log says why.
    """
    provider = provider_of_site()
    if not provider or voucher.issuer != provider.issuer or not voucher.id_token:
        return None
    state = secrets.token_urlsafe(32)
    back = public_address("provider.ended")
    try:
        address = provider.address_to_end(voucher.id_token, state, back)
    except (ProviderAway, NotBelieved) as error:
        logger.warning("identity provider", trouble=str(error))
        return None
    session[ENDING] = state
    return address

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The way to the identity provider and back: who it names is signed in, where they have an account.

Only the browser that left with a `state` comes back with it, once and within ten minutes
(RFC 6749, 10.12); what the provider says is bound to that leaving by the `nonce`.
"""

import hmac
import secrets
from http import HTTPStatus
from typing import Any

import structlog
from flask import (
    Blueprint,
    abort,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from booking_web.domain.rights.provider_ties import Voucher
from booking_web.shell.asking_place import asking_place
from booking_web.shell.rate_limits import DatabaseStorage
from booking_web.shell.services import services
from booking_web.shell.sign_in.landing import landing
from booking_web.shell.sign_in.pages import let_in
from booking_web.shell.sign_in.provider.client import (
    NotBelieved,
    Provider,
    ProviderAway,
)
from booking_web.shell.sign_in.provider.ending import ENDING, address_to_end
from booking_web.shell.sign_in.provider.of_site import provider_name, provider_of_site
from booking_web.shell.sign_in.provider.whose import account_for
from provisioning.database.models import User

LEFT = "left_for_provider"
BACK_WITHIN_SECONDS = 600
# Of one place: each return has us ask the provider.
RETURNS_PER_WINDOW, WINDOW_SECONDS = 60, 300
# No code and no state of a provider is longer.
LONGEST = 2048
# To be handed back in an address (RFC 9110, 4.1, has 8,000 characters understood).
LONGEST_TOKEN = 6000
Answer = Response | tuple[str, int]

logger = structlog.get_logger(__name__)
blueprint = Blueprint("provider", __name__, url_prefix="/connexion/fournisseur")


@blueprint.get("")
def leave() -> Answer:
    """Lead to the provider, which asks the person who they are."""
    provider = _provider()
    wanted = request.args.get("next", "")
    if current_user.is_authenticated:
        return redirect(landing(current_user.role, wanted), 303)
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        # Another site's link: whoever the provider still knows presses the button themselves.
        return redirect(url_for("accounts.sign_in", next=wanted or None), 303)
    state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    try:
        address = provider.address_to_ask(state, nonce)
    except (ProviderAway, NotBelieved) as error:
        return _failed(error)
    session[LEFT] = {
        "state": state,
        "nonce": nonce,
        "next": wanted,
        "at": int(services().now().timestamp()),
    }
    return redirect(address, 303)


@blueprint.get("/retour")
def come_back() -> Answer:
    """Sign in whom the provider names."""
    provider = _provider()
    left = session.pop(LEFT, None)
    if left is None or not _is_return_of(left):
        return _told(
            gettext(
                "Cette connexion a été commencée ailleurs, ou il y a trop longtemps."
            ),
            HTTPStatus.BAD_REQUEST,
        )
    code = request.args.get("code", "")
    if "error" in request.args or not 0 < len(code) <= LONGEST:
        return _told(
            gettext(
                "%(provider)s n'a pas confirmé qui vous êtes.", provider=provider_name()
            ),
            HTTPStatus.FORBIDDEN,
        )
    storage = DatabaseStorage(database=services().database)
    key = f"provider:{asking_place()}"
    if storage.incr(key, WINDOW_SECONDS) > RETURNS_PER_WINDOW:
        abort(429)
    try:
        vouched = provider.person_of(code, left["nonce"])
    except (ProviderAway, NotBelieved) as error:
        return _failed(error)
    kept = vouched.id_token if len(vouched.id_token) <= LONGEST_TOKEN else ""
    voucher = Voucher(provider.issuer, vouched.subject, kept)
    found = account_for(provider.issuer, vouched)
    if isinstance(found, User):
        return let_in(found, left["next"], voucher=voucher)
    # Whose sign-in it was stands nowhere.
    logger.warning("identity provider", trouble=found.trouble)
    # The provider would name the same person again, until they are out there.
    end = address_to_end(voucher)
    return _told(found.sentence, HTTPStatus.FORBIDDEN, end=end)


@blueprint.get("/fin")
def ended() -> Answer:
    """Tell whom the provider has signed out that they are out in both places."""
    _provider()
    state = session.pop(ENDING, "")
    given = request.args.get("state", "")
    is_theirs = state and hmac.compare_digest(given.encode(), state.encode())
    if is_theirs and not current_user.is_authenticated:
        said = gettext(
            "Vous êtes déconnecté de ce site et de %(provider)s.",
            provider=provider_name(),
        )
        flash(said, "success")
    return redirect(url_for("accounts.sign_in"), 303)


def _is_return_of(left: dict[str, Any]) -> bool:
    age = services().now().timestamp() - left["at"]
    state = request.args.get("state", "")
    is_same = hmac.compare_digest(state.encode(), left["state"].encode())
    return is_same and 0 <= age <= BACK_WITHIN_SECONDS


def _provider() -> Provider:
    provider = provider_of_site()
    if provider is None:
        abort(404)
    return provider


def _failed(error: ProviderAway | NotBelieved) -> Answer:
    # Whose sign-in it was stands nowhere.
    logger.warning("identity provider", trouble=str(error))
    if isinstance(error, ProviderAway):
        return _told(
            gettext(
                "%(provider)s ne répond pas pour l'instant.", provider=provider_name()
            ),
            HTTPStatus.BAD_GATEWAY,
        )
    return _told(
        gettext(
            "La réponse de %(provider)s n'est pas celle attendue : personne n'est "
            "connecté. Prévenez l'administrateur.",
            provider=provider_name(),
        ),
        HTTPStatus.BAD_GATEWAY,
    )


def _told(sentence: str, status: HTTPStatus, *, end: str | None = None) -> Answer:
    page = render_template(
        "shell/sign_in/provider_trouble.html",
        title=gettext("Vous n'êtes pas connecté"),
        sentence=sentence,
        name=provider_name(),
        again=url_for("provider.leave"),
        end=end,
    )
    return page, status

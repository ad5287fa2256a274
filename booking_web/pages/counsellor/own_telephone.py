# SPDX-License-Identifier: AGPL-3.0-or-later
"""The secret of a counsellor's telephone that is a page, and who may open its WebSocket.

A page asks for its secret as it is opened; nobody else is told it, and it is stored nowhere
but in Asterisk's row, as digests are.
"""

import time
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Response, abort, jsonify, request
from flask_login import current_user
from sqlalchemy.orm import Session

from booking_web.base.transactions import in_transaction
from booking_web.domain.journal.entries import write_down
from booking_web.domain.rights.browser_telephones import (
    Ending,
    NoBrowserTelephone,
    PageSecret,
    TelephoneRevoked,
    call_of_own_telephone,
    give_secret,
    is_ending,
    mark_ended,
    own_browser_telephone,
)
from booking_web.domain.rights.person import Right
from booking_web.shell.rate_limits import DatabaseStorage
from booking_web.shell.services import services
from booking_web.shell.signed_in import gate, signed_in
from booking_web.tables.journal_acts import Act

# A page is opened some times an hour; one that asks in a loop is stopped.
SECRETS_PER_WINDOW, WINDOW_SECONDS = 30, 300
# The dispatcher ends what was registered before; without it the page is not kept waiting.
ENDED_WITHIN_SECONDS, LOOK_SECONDS = 2.0, 0.05
NONE, REVOKED = ({"error": "no_browser_telephone"}, 404), ({"error": "revoked"}, 409)
# The site has no line for pages: `ws_port` is 0.
NO_LINE = ({"error": "no_line"}, 501)

logger = structlog.get_logger(__name__)
blueprint = Blueprint("own_telephone", __name__, url_prefix="/bureau/telephone")
blueprint.before_request(
    gate(
        Right.TELEPHONE,
        "console.home",
        parts=("own_telephone.open_one", "own_telephone.may_connect"),
    )
)


@blueprint.post("")
def open_one() -> Response | tuple[Response, int]:
    """Give this page a new secret; the one before, and its registration, end at once.

    A call that goes on is not touched. Where Asterisk takes no WebSocket nothing is given or
    ended. The answer is the page's alone: it is kept by no cache.
    """
    acting = signed_in(Right.TELEPHONE)
    if services().settings.ws_port == 0:
        return jsonify(NO_LINE[0]), NO_LINE[1]
    storage = DatabaseStorage(database=services().database)
    if storage.incr(f"telephone:{acting.user_id}", WINDOW_SECONDS) > SECRETS_PER_WINDOW:
        abort(429)
    key, now = current_user.key, services().now()

    def work(session: Session) -> PageSecret:
        made = give_secret(session, acting.user_id, key, now)
        write_down(
            session, Act.TELEPHONE_OPENED, actor=acting.actor, at=now, detail=made.slug
        )
        return made

    try:
        made = in_transaction(services().database, work)
    except NoBrowserTelephone:
        return jsonify(NONE[0]), NONE[1]
    except TelephoneRevoked:
        return jsonify(REVOKED[0]), REVOKED[1]
    _wait_for_the_end(Ending(made.slug, now))
    with services().database.read() as session:
        call = call_of_own_telephone(session, acting.user_id)
    here = urlsplit(request.host_url)
    scheme = "wss" if here.scheme == "https" else "ws"
    return jsonify(
        uri=f"sip:{made.slug}@{here.hostname}",
        realm=made.realm,
        ha1=made.ha1,
        server=f"{scheme}://{here.netloc}/ws",
        name=made.name,
        call=call,
    )


@blueprint.get("/entree")
def may_connect() -> Response:
    """Answer 204 where this browser may open a WebSocket to Asterisk; the front alone asks.

    A browser sends the cookie along whichever page opens a WebSocket, and no rule of origins
    holds it back: whose page it is has to be asked here (RFC 6455, 10.2).
    """
    acting = signed_in(Right.TELEPHONE)
    if services().settings.ws_port == 0:
        abort(403)
    ours = urlsplit(request.host_url)
    if request.headers.get("Origin") != f"{ours.scheme}://{ours.netloc}":
        abort(403)
    with services().database.read() as session:
        try:
            own_browser_telephone(session, acting.user_id)
        except (NoBrowserTelephone, TelephoneRevoked):
            abort(403)
    return Response(status=204)


def _wait_for_the_end(ending: Ending) -> None:
    """Wait until nobody is registered with an earlier secret.

    Who registers with the new one meanwhile could be taken for the earlier one: the answer,
    and with it the secret, waits.
    """
    services().doorbell.ring()
    until = time.monotonic() + ENDED_WITHIN_SECONDS
    while _is_ending(ending):
        if time.monotonic() > until:
            # The new registration takes the place of the earlier one by itself.
            in_transaction(
                services().database, lambda session: mark_ended(session, ending)
            )
            logger.warning("earlier registration not ended", endpoint=ending.slug)
            return
        time.sleep(LOOK_SECONDS)


def _is_ending(ending: Ending) -> bool:
    with services().database.read() as session:
        return is_ending(session, ending)

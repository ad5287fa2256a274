# SPDX-License-Identifier: AGPL-3.0-or-later
"""The guest's page: waits at the door, and telephones once the counsellor lets them in.

It names nobody: neither who sits at the kiosk nor where. What it opens is a telephone that
may call nobody, and that nobody but the dispatcher calls.
"""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    abort,
    jsonify,
    make_response,
    render_template,
    request,
)
from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.base.transactions import in_transaction
from booking_web.domain.appointments.guests.visits import (
    Visit,
    give_guests_telephone,
    hear_of_page,
    leave,
    may_telephone,
    visit_of,
)
from booking_web.pages.guest.cookie import PATH, present_guest
from booking_web.shell.asking_place import asking_place
from booking_web.shell.rate_limits import DatabaseStorage
from booking_web.shell.services import services
from booking_web.shell.site.security_headers import WITH_OWN_MEDIA
from booking_web.tables.guests import Guest

# A page is opened and reloaded some times; one that asks in a loop is stopped.
TELEPHONES_PER_WINDOW, WINDOW_SECONDS = 30, 300
GONE, NO_GUEST = 410, 403

Result = TypeVar("Result")
blueprint = Blueprint("guest_visit", __name__, url_prefix=PATH)


@blueprint.get("")
def show() -> Response:
    """Show the page; its scripts do the rest."""
    with services().database.read() as session:
        guest = present_guest(session)
        visit = None if guest is None else visit_of(session, guest, services().now())
    if visit is None:
        page = render_template(
            "guest/over.html",
            title=gettext("Ce lien ne sert plus"),
            said=gettext(
                "Ouvrez le lien que le conseiller vous a envoyé, dans ce navigateur."
            ),
        )
        return make_response(page, NO_GUEST)
    page = render_template(
        "guest/visit.html", visit=visit, title=gettext("Entretien en vidéo")
    )
    return make_response(page, {"Permissions-Policy": WITH_OWN_MEDIA})


@blueprint.post("/telephone")
def open_telephone() -> Response | tuple[Response, int]:
    """Give the page its telephone; the answer is the page's alone."""
    _count()
    now = services().now()
    made = _with_guest(
        lambda session, guest: give_guests_telephone(session, guest, now)
    )
    if made is None:
        return jsonify(error="over"), GONE
    services().doorbell.ring()
    here = urlsplit(request.host_url)
    scheme = "wss" if here.scheme == "https" else "ws"
    return jsonify(
        uri=f"sip:{made.telephone}@{here.hostname}",
        realm=made.realm,
        ha1=made.ha1,
        server=f"{scheme}://{here.netloc}{PATH}/ws",
        name="",
    )


@blueprint.post("/etat")
def tell() -> Response:
    """Take that the page is there, and whether it waits; tell how it stands."""
    now, knocks = services().now(), request.form.get("attend") == "1"
    visit: Visit = _with_guest(
        lambda session, guest: hear_of_page(session, guest, now, knocks=knocks)
    )
    return jsonify(visit=visit)


@blueprint.post("/quitter")
def go() -> Response:
    """Have the guest go; their browser may come back and wait again."""
    now = services().now()
    _with_guest(lambda session, guest: leave(session, guest, now))
    services().doorbell.ring()
    return Response(status=204)


@blueprint.get("/entree")
def may_connect() -> Response:
    """Answer 204 where this browser may open a WebSocket to Asterisk; the front alone asks."""
    ours = urlsplit(request.host_url)
    if request.headers.get("Origin") != f"{ours.scheme}://{ours.netloc}":
        abort(403)
    now = services().now()
    with services().database.read() as session:
        guest = present_guest(session)
        if guest is None or not may_telephone(session, guest, now):
            abort(403)
    return Response(status=204)


def _with_guest(act: Callable[[Session, Guest], Result]) -> Result:
    """Do it for the guest whose browser asks, in one transaction; 403 for anybody else."""

    def work(session: Session) -> tuple[Result] | None:
        guest = present_guest(session, to_change=True)
        return None if guest is None else (act(session, guest),)

    done = in_transaction(services().database, work)
    if done is None:
        abort(NO_GUEST)
    return done[0]


def _count() -> None:
    storage = DatabaseStorage(database=services().database)
    key = f"guest-telephone:{asking_place()}"
    if storage.incr(key, WINDOW_SECONDS) > TELEPHONES_PER_WINDOW:
        abort(429)

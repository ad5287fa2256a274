# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page for a screen on a wall, and the one-time link by which it is let in.

To look at the link's page, as people and their mail's scanner do, changes nothing; the first
browser that presses its button has a cookie of these pages alone, and the link is used up.
"""

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    url_for,
)
from flask_babel import gettext

from booking_web.base.transactions import in_transaction
from booking_web.domain.fleet.wall_displays import (
    display_of_link,
    is_seen_anew,
    note_seen,
    open_display,
)
from booking_web.pages.oversight.wall.cookie import give_cookie, present_display
from booking_web.pages.oversight.wall.view import WallView, wall_view
from booking_web.shell.live_parts import PageUpdate
from booking_web.shell.services import begin_page, last_change, services
from booking_web.shell.site.host_cookies import WALL_COOKIE
from booking_web.tables.wall_displays import WallDisplay

CLOSED, UNKNOWN = 403, 404
PARTS = ("lines", "kiosks")

blueprint = Blueprint("wall", __name__, url_prefix=WALL_COOKIE.path)


@blueprint.after_request
def keep_the_address(response: Response) -> Response:
    """Tell no other page where one came from: the address of a link is its secret."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("")
def show() -> Response:
    """Show how the site is now; a browser that no link let in is told so (403)."""
    begin_page()
    display = _display()
    if display is None:
        return _closed(CLOSED)
    page = render_template(
        "oversight/wall/wall.html",
        title=gettext("Situation"),
        last_event=last_change(),
        is_dark=display.is_dark,
        view=_view(),
    )
    response = make_response(page)
    give_cookie(response)
    return response


@blueprint.get("/changements")
def changes() -> Response:
    """Give what an open page does not show yet."""
    if _display() is None:
        abort(401)
    update, view = PageUpdate(), _view()
    for part in PARTS:
        template = f"oversight/wall/_{part}.html"
        update.part(part, view.facts(part), template, view=view)
    return update.response()


@blueprint.get("/lien/<token>")
def ask(token: str) -> Response:
    """Say what the link is for."""
    with services().database.read() as session:
        display = display_of_link(session, token, services().now())
    if display is None:
        return _closed(UNKNOWN)
    title = gettext("Afficher la situation sur cet écran")
    page = render_template("oversight/wall/link.html", display=display, title=title)
    return make_response(page)


@blueprint.post("/lien/<token>")
def use(token: str) -> Response:
    """Use the link up: this browser is the display from now on."""
    now = services().now()
    secret = in_transaction(
        services().database, lambda session: open_display(session, token, now)
    )
    if secret is None:
        return _closed(UNKNOWN)
    response = make_response(redirect(url_for("wall.show"), 303))
    give_cookie(response, secret)
    return response


def _display() -> WallDisplay | None:
    now = services().now()
    with services().database.read() as session:
        display = present_display(session)
    if display is not None and is_seen_anew(display, now):
        number = display.id
        in_transaction(
            services().database, lambda session: note_seen(session, number, now)
        )
    return display


def _view() -> WallView:
    with services().database.read() as session:
        return wall_view(session, services().now())


def _closed(status: int) -> Response:
    page = render_template(
        "guest/over.html",
        title=gettext("Cet affichage est fermé"),
        said=gettext(
            "Le lien a déjà servi, il a plus d'un jour, ou l'affichage a été supprimé. "
            "Demandez un autre lien au superviseur (Situation, Écrans au mur)."
        ),
    )
    return make_response(page, status)

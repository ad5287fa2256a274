# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where displays are let in and taken back, by who looks after the whole site."""

from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.resident_text import has_unprintable, normalised
from booking_web.domain.fleet.wall_displays import (
    LINK_LASTS,
    all_displays,
    make_display,
    revoke_display,
)
from booking_web.domain.rights.person import Right
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import gate, signed_in
from booking_web.shell.site.site_address import public_address
from booking_web.tables.wall_displays import LABEL_LENGTH, WallDisplay
from booking_web.words.dates import moment
from provisioning.directory.usual_time_zone import usual_time_zone

blueprint = Blueprint("displays", __name__, url_prefix="/situation/ecrans")
blueprint.before_request(gate(Right.DISPLAYS, "displays.show"))


@blueprint.get("")
def show() -> str:
    """Show the displays, and the form for one more."""
    return _page()


@blueprint.post("")
def make() -> str | Response | tuple[str, int]:
    """Make a display; its link is shown in the answer and never again."""
    acting, now = signed_in(Right.DISPLAYS), services().now()
    label = normalised(request.form.get("label"))
    is_dark = request.form.get("fond") != "clair"
    error = ""
    if not label or has_unprintable(label):
        error = gettext("Écrivez où est l'écran, par exemple « Hall ».")
    elif len(label) > LABEL_LENGTH:
        error = gettext("%(most)s caractères au plus.", most=LABEL_LENGTH)
    if error:
        return _page(error=error, label=label[:LABEL_LENGTH], is_dark=is_dark), 422

    def work(session: Session) -> str:
        return make_display(
            session, label, is_dark=is_dark, user_id=acting.user_id, now=now
        )

    done = carry_out(work)
    if done is None:
        return redirect(url_for("displays.show"), 303)
    return _page(address=public_address("wall.ask", token=done.value))


@blueprint.get("/<int:display_id>/supprimer")
def ask_to_revoke(display_id: int) -> str:
    """Ask once before a display is closed."""
    with services().database.read() as session:
        display = session.get(WallDisplay, display_id)
    if display is None:
        abort(404)
    return render_template(
        "oversight/wall/revoke.html",
        display=display,
        title=gettext("Supprimer un affichage"),
    )


@blueprint.post("/<int:display_id>/supprimer")
def revoke(display_id: int) -> Response:
    """Close a display; twice is no error."""
    user_id = signed_in(Right.DISPLAYS).user_id
    done = carry_out(lambda session: revoke_display(session, display_id, user_id))
    if done is not None and done.value:
        flash(gettext("Cet écran n'affiche plus rien."), "success")
    return redirect(url_for("displays.show"), 303)


def _page(
    *, error: str = "", label: str = "", is_dark: bool = True, address: str = ""
) -> str:
    now = services().now()
    with services().database.read() as session:
        displays = all_displays(session)
        zone = ZoneInfo(usual_time_zone(session))
    return render_template(
        "oversight/wall/displays.html",
        displays=displays,
        error=error,
        label=label,
        is_dark=is_dark,
        address=address,
        label_length=LABEL_LENGTH,
        is_stale=lambda display: now - display.created_at > LINK_LASTS,
        moment=lambda instant: moment(instant, zone, now),
        title=gettext("Écrans au mur"),
    )

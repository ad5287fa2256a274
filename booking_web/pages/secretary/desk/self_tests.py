# SPDX-License-Identifier: AGPL-3.0-or-later
"""The secretary has a kiosk test itself again, once what it found is mended."""

from typing import Any

from flask import abort, flash, redirect, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.domain.fleet.orders import ask_kiosk
from booking_web.domain.rights.person import Right
from booking_web.pages.secretary.desk.pages import blueprint, desk_view
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.fleet import OrderKind
from provisioning.database.models import Kiosk


@blueprint.post("/bornes/<int:kiosk_id>/auto-test", endpoint="test_kiosk")
def ask_for_self_test(kiosk_id: int) -> Response:
    """Ask the kiosk to test itself; what it finds comes by itself."""
    acting, now = signed_in(Right.DESK), services().now()
    with services().database.read() as session:
        shown: dict[str, Any] = dict(desk_view(session).parameters)
        mine = {each.id for each in acting.relays(session)}

    def work(session: Session) -> None:
        kiosk = session.get(Kiosk, kiosk_id)
        if kiosk is None or kiosk.relay_id not in mine:
            abort(404)
        ask_kiosk(session, kiosk_id, OrderKind.SELF_TEST, acting.actor, now)

    if carry_out(work) is not None:
        said = gettext("La borne se vérifie. Le résultat s'affiche d'ici deux minutes.")
        flash(said, "success")
    return redirect(url_for("desk.show", **shown), 303)

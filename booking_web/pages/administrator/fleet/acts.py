# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an administrator asks of a kiosk's machine, and the archive that it brought."""

from flask import abort, flash, redirect, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.domain.fleet.diagnosis import fetch_archive
from booking_web.domain.fleet.orders import ask_kiosk
from booking_web.domain.rights.person import Right
from booking_web.pages.administrator.gate import blueprint
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.fleet import OrderKind
from provisioning.database.models import Kiosk


@blueprint.post("/parc/bornes/<ref>/auto-test")
def fleet_test(ref: str) -> Response:
    """Have the kiosk test itself."""
    said = gettext("L'auto-test est demandé. Le résultat s'affiche d'ici deux minutes.")
    return _ask(ref, OrderKind.SELF_TEST, said)


@blueprint.post("/parc/bornes/<ref>/diagnostic")
def fleet_diagnose(ref: str) -> Response:
    """Have the kiosk collect its logs, without any resident's name."""
    said = gettext(
        "Le diagnostic est demandé. L'archive arrive d'ici quelques minutes."
    )
    return _ask(ref, OrderKind.DIAGNOSE, said)


@blueprint.post("/parc/bornes/<ref>/mise-a-jour")
def fleet_update(ref: str) -> Response:
    """Have the kiosk take the newest version of its ring, once it is in no call."""
    said = gettext(
        "La mise à jour est demandée. La borne la fait dès qu'aucun appel n'y est en cours."
    )
    return _ask(ref, OrderKind.UPDATE, said)


@blueprint.post("/parc/bornes/<ref>/archive/<int:order_id>")
def fleet_archive(ref: str, order_id: int) -> Response:
    """Give the archive that the kiosk collected, once."""
    now = services().now()
    found = carry_out(
        lambda session: fetch_archive(session, _kiosk_id(session, ref), order_id, now)
    )
    if found is None or found.value is None:
        if found is not None:
            flash(gettext("Cette archive a déjà été téléchargée."), "warning")
        return redirect(url_for("administrator.fleet_kiosk", ref=ref), 303)
    name = f"{ref}-{now:%Y-%m-%d}.tar.gz"
    return Response(
        found.value,
        mimetype="application/gzip",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def _ask(ref: str, kind: OrderKind, said: str) -> Response:
    acting, now = signed_in(Right.ADMINISTRATION), services().now()

    def work(session: Session) -> None:
        ask_kiosk(session, _kiosk_id(session, ref), kind, acting.actor, now)

    if carry_out(work) is not None:
        flash(said, "success")
    return redirect(url_for("administrator.fleet_kiosk", ref=ref), 303)


def _kiosk_id(session: Session, ref: str) -> int:
    found = session.scalar(select(Kiosk.id).where(Kiosk.slug == ref))
    if found is None:
        abort(404)
    return found

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where the officer restricts a resident's data (GDPR, article 18), and lifts it."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.resident_text import normalised
from booking_web.base.sms_spool import SmsSpool, SpoolUnreachable
from booking_web.base.transactions import in_transaction
from booking_web.domain.residents.restricting import (
    AlreadyRestricted,
    InCallNow,
    NotRestricted,
    lift,
    restrict,
    restriction_of,
)
from booking_web.domain.rights.person import Right
from booking_web.pages.oversight.rights.blueprint import asked_for, blueprint
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.restrictions import ENDS_WHEN_LENGTH, Ground
from booking_web.words.restrictions import GROUNDS


@blueprint.get("/usagers/<int:resident_id>/limiter")
def ask_to_restrict(resident_id: int) -> str:
    """Ask for the ground and the end."""
    return _page(resident_id)


@blueprint.post("/usagers/<int:resident_id>/limiter")
def restrict_resident(resident_id: int) -> Response | tuple[str, int]:
    """Restrict the resident's data."""
    acting, now = signed_in(Right.RESIDENTS_RIGHTS), services().now()
    ends_when = normalised(request.form.get("ends_when", ""))
    told = request.form.get("ground", "")
    if told not in set(Ground):
        return _page(resident_id, gettext("Choisissez un motif.")), 422
    if not 0 < len(ends_when) <= ENDS_WHEN_LENGTH:
        words = gettext("Écrivez en une phrase ce qui y mettra fin.")
        return _page(resident_id, words), 422

    def work(session: Session) -> None:
        restrict(
            session,
            asked_for(session, resident_id),
            Ground(told),
            ends_when,
            spool=SmsSpool.of(services().settings),
            actor=acting.actor,
            now=now,
        )

    try:
        in_transaction(services().database, work)
    except InCallNow:
        words = gettext(
            "Cet usager est en appel en ce moment. Rien n'est limité : recommencez après "
            "l'appel."
        )
        return _page(resident_id, words), 409
    except AlreadyRestricted:
        words = gettext("Ses données sont déjà sous limitation. Levez-la d'abord.")
        return _page(resident_id, words), 409
    except SpoolUnreachable:
        words = gettext(
            "Des SMS de l'usager attendent peut-être encore dans le dossier du modem, qui "
            "ne s'ouvre pas. Rien n'est limité : prévenez l'administrateur."
        )
        return _page(resident_id, words), 503
    flash(
        gettext(
            "Les données sont sous limitation : elles sont gardées, et plus personne ne "
            "s'en sert."
        ),
        "success",
    )
    return redirect(url_for("file_rights.show", resident_id=resident_id), 303)


@blueprint.post("/usagers/<int:resident_id>/lever")
def lift_restriction(resident_id: int) -> Response:
    """Have the data be worked with again; the resident was told so before (18.3)."""
    acting, now = signed_in(Right.RESIDENTS_RIGHTS), services().now()
    here = redirect(url_for("file_rights.show", resident_id=resident_id), 303)
    if "told" not in request.form:
        words = gettext(
            "Prévenez d'abord l'usager, puis cochez-le. La limitation n'est pas levée."
        )
        flash(words, "warning")
        return here

    def work(session: Session) -> None:
        lift(session, asked_for(session, resident_id), acting.actor, now)

    try:
        in_transaction(services().database, work)
    except NotRestricted:
        abort(404)
    flash(gettext("La limitation est levée."), "success")
    return here


def _page(resident_id: int, refusal: str = "") -> str:
    with services().database.read() as session:
        resident = asked_for(session, resident_id)
        return render_template(
            "oversight/rights/restrict.html",
            title=gettext("Limiter l'usage des données"),
            resident=resident,
            relay=resident.relay.name,
            stands=restriction_of(session, resident.id) is not None,
            grounds=GROUNDS,
            chosen=request.form.get("ground", ""),
            ends_when=request.form.get("ends_when", ""),
            refusal=refusal,
        )

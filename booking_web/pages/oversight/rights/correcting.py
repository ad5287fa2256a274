# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page on which the officer corrects a resident's particulars wherever they stand."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking_web.base.transactions import in_transaction
from booking_web.domain.residents.correcting import correct_resident
from booking_web.domain.residents.telephones import telephone_of
from booking_web.domain.rights.person import Right
from booking_web.pages.oversight.rights.blueprint import asked_for, blueprint
from booking_web.shell.forms.day_and_hour import parsed_day
from booking_web.shell.forms.resident_form import ResidentForm
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in


@blueprint.get("/usagers/<int:resident_id>/corriger")
def ask_to_correct(resident_id: int) -> str:
    """Show what is known, to be corrected."""
    return _page(resident_id)


@blueprint.post("/usagers/<int:resident_id>/corriger")
def correct(resident_id: int) -> Response | tuple[str, int]:
    """Write what was corrected everywhere."""
    form = ResidentForm()
    acting, now = signed_in(Right.RESIDENTS_RIGHTS), services().now()
    if not form.validate():
        return _page(resident_id, form), 422

    def work(session: Session) -> int:
        return correct_resident(
            session,
            asked_for(session, resident_id),
            acting.actor,
            now,
            name=form.resident_name.data,
            telephone=telephone_of(form.telephone.data or ""),
            email=form.email.data or "",
            address=form.address,
            birth_date=parsed_day(form.birth_date.data),
        )

    count = in_transaction(services().database, work)
    words = ngettext(
        "Corrigé : la fiche, et %(num)d rendez-vous.",
        "Corrigé : la fiche, et %(num)d rendez-vous.",
        count,
    )
    then = gettext("Les documents déjà faits restent comme ils sont.")
    flash(f"{words} {then}", "success")
    return redirect(url_for("file_rights.show", resident_id=resident_id), 303)


def _page(resident_id: int, form: ResidentForm | None = None) -> str:
    with services().database.read() as session:
        resident = asked_for(session, resident_id)
        return render_template(
            "oversight/rights/correct.html",
            title=gettext("Corriger la fiche"),
            resident=resident,
            relay=resident.relay.name,
            form=form or ResidentForm.filled(resident),
        )

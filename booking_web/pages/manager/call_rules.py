# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page of how the organisation's counsellors are rung: time to write, missed rings."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import StringField

from booking_web.domain.duty.call_rules import (
    LONGEST_WRAP_UP_SECONDS,
    MOST_MISSED_RINGS,
    set_call_rules,
)
from booking_web.domain.rights.person import Right
from booking_web.pages.manager.forms import NotANumber, whole_number
from booking_web.pages.manager.gate import blueprint
from booking_web.pages.manager.pages import INVALID, Answer
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from provisioning.database.models import Organisation


class CallRulesForm(FlaskForm):
    """The two limits; texts, so that what was typed comes back."""

    wrap_up_seconds = StringField(
        lazy_gettext("Temps de saisie après un appel (secondes)")
    )
    missed_rings_allowed = StringField(
        lazy_gettext("Appels manqués de suite avant la pause")
    )

    def values(self) -> dict[str, int] | None:
        """Give both numbers; None after adding errors."""
        self.validate()
        wrap_up = _needed(self.wrap_up_seconds, LONGEST_WRAP_UP_SECONDS)
        missed = _needed(self.missed_rings_allowed, MOST_MISSED_RINGS)
        if wrap_up is None or missed is None or self.errors:
            return None
        return {"wrap_up_seconds": wrap_up, "missed_rings_allowed": missed}


@blueprint.route("/appels", methods=["GET", "POST"])
def call_rules() -> Answer:
    """Show both limits, and change them."""
    acting = signed_in(Right.HOURS)
    form = CallRulesForm()
    with services().database.read() as session:
        organisation = acting.organisation(session)
    if request.method == "GET":
        form.wrap_up_seconds.data = str(organisation.wrap_up_seconds)
        form.missed_rings_allowed.data = str(organisation.missed_rings_allowed)
        return _page(form, organisation)
    values = form.values()
    if values is None:
        return _page(form, organisation), INVALID

    def change(session: Session) -> None:
        set_call_rules(
            session,
            acting.organisation(session),
            **values,
            actor=acting.actor,
            at=services().now(),
        )

    if carry_out(change) is not None:
        words = gettext(
            "C'est enregistré. Cela vaut dès la fin du prochain appel ou la prochaine "
            "sonnerie."
        )
        flash(words, "success")
    return redirect(url_for("manager.show"), 303)


def _page(form: CallRulesForm, organisation: Organisation) -> str:
    return render_template(
        "manager/call_rules.html",
        form=form,
        organisation=organisation,
        title=gettext("Règles des appels"),
    )


def _needed(field: StringField, most: int) -> int | None:
    """Read a number that must be there; None after adding an error."""
    try:
        number = whole_number(field.data, 0, most)
    except NotANumber as error:
        field.errors = [str(error)]
        return None
    if number is None:
        field.errors = [
            gettext(
                "Écrivez un nombre entre %(least)d et %(most)d.", least=0, most=most
            )
        ]
    return number

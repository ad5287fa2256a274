# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page of outcome and note. The note is the organisation's alone."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import AnyOf, Length, ValidationError

from booking_web.base.resident_text import has_unprintable
from booking_web.base.row_numbers import whole_or_none
from booking_web.domain.appointments.conclusions import (
    Ending,
    NotedMeanwhile,
    NothingToConclude,
    can_conclude,
    conclude,
    ending_of,
)
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.ending.section import EndingSection, ending_section
from booking_web.pages.counsellor.pages import blueprint
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.conclusions import NOTE_LENGTH, Outcome
from booking_web.words.conclusions import OUTCOMES


def readable_lines(_form: FlaskForm, field: TextAreaField) -> None:
    if any(has_unprintable(line) for line in (field.data or "").splitlines()):
        raise ValidationError(
            lazy_gettext(
                "Ce texte contient des caractères illisibles. Retapez-le à la main."
            )
        )


def lines_typed(text: str | None) -> str:
    """Give the note as it is kept: a browser counts the end of a line as one letter."""
    return (text or "").replace("\r\n", "\n").strip()


class EndForm(FlaskForm):
    """What came of it, and the organisation's own note."""

    outcome = StringField(
        lazy_gettext("Issue"),
        validators=[
            AnyOf(list(Outcome), lazy_gettext("Choisissez l'issue dans la liste."))
        ],
    )
    note = TextAreaField(
        lazy_gettext("Note"),
        filters=[lines_typed],
        validators=[
            Length(
                max=NOTE_LENGTH,
                message=lazy_gettext(
                    "Cette note est trop longue : 1 000 caractères au plus."
                ),
            ),
            readable_lines,
        ],
    )
    version = HiddenField()


@blueprint.get("/<int:appointment_id>/fin")
def show_end(appointment_id: int) -> str:
    """Show what was noted, to be completed."""
    end, _, _ = _read(appointment_id)
    return _page(appointment_id, _form_of(end))


@blueprint.post("/<int:appointment_id>/fin")
def note_end(appointment_id: int) -> Response | tuple[str, int]:
    """Note outcome and note; where a colleague was faster the page says so and keeps both."""
    viewer, now = signed_in(Right.RECEIVING), services().now()
    form = EndForm()
    # Whether there is such an appointment is asked before anything is said of the form.
    end, _, _ = _read(appointment_id)
    if not form.validate():
        return _page(appointment_id, form), 422

    def work(session: Session) -> None:
        conclude(
            session,
            viewer.appointment(session, appointment_id, to_change=True),
            Outcome(form.outcome.data),
            form.note.data,
            version=whole_or_none(form.version.data or "") or 0,
            actor=viewer.actor,
            now=now,
        )

    try:
        done = carry_out(work, {NothingToConclude: _nothing})
    except NotedMeanwhile:
        end, _, _ = _read(appointment_id)
        form.version.data = str(end.version)
        return _page(appointment_id, form, theirs=True), 409
    if done is not None:
        flash(gettext("L'issue du rendez-vous est notée."), "success")
    back = url_for("console.show", appointment_id=appointment_id, _anchor="ending")
    return redirect(back, 303)


def _nothing(_error: NothingToConclude) -> str:
    return gettext(
        "L'issue se note pendant l'appel ou après lui. Rien n'a été enregistré."
    )


def _form_of(end: Ending) -> EndForm:
    return EndForm(
        formdata=None,
        data={
            "outcome": str(end.outcome or ""),
            "note": end.note,
            "version": str(end.version),
        },
    )


def _read(appointment_id: int) -> tuple[Ending, EndingSection, tuple[str, bool]]:
    viewer = signed_in(Right.RECEIVING)
    with services().database.read() as session:
        appointment = viewer.appointment(session, appointment_id)
        return (
            ending_of(session, appointment_id),
            ending_section(session, viewer, appointment),
            (appointment.name_on_boards, can_conclude(appointment)),
        )


def _page(appointment_id: int, form: EndForm, *, theirs: bool = False) -> str:
    """Write the page; `theirs`: a colleague's note is shown beside what was typed."""
    _, section, (name, is_possible) = _read(appointment_id)
    return render_template(
        "counsellor/ending/end.html",
        form=form,
        outcomes=OUTCOMES,
        section=section,
        theirs=theirs,
        is_possible=is_possible,
        note_length=NOTE_LENGTH,
        is_sent=request.method == "POST",
        back=url_for("console.show", appointment_id=appointment_id, _anchor="ending"),
        title=gettext("Fin du rendez-vous de %(name)s", name=name),
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A scanned page is looked at: the counsellor says which page it is, and that it is signed."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Response, abort, render_template, request
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from booking_web.base.local_time import local_day
from booking_web.base.row_numbers import whole_or_none
from booking_web.domain.documents.errors import DocumentRefused
from booking_web.domain.forms.printed.correcting import (
    accept_signatures,
    confirm_same_person,
    forms_to_name,
    name_page,
    set_page_aside,
)
from booking_web.domain.forms.printed.rows import find_returned
from booking_web.domain.rights.person import Right
from booking_web.pages.counsellor.returns.blueprint import (
    back_to_console,
    blueprint,
    counsellor_of,
)
from booking_web.shell.archive import archive
from booking_web.shell.carrying_out import carry_out
from booking_web.shell.form_services import named_pages
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.printed_forms import (
    PrintedForm,
    ReturnedKind,
    ReturnedPage,
    ZoneState,
)
from booking_web.words.dates import short_date
from booking_web.words.returns import STRAYS, ZONES, noted_sentence

NO_PAGE = "aucune"
_GOOD = frozenset({ZoneState.SIGNED, ZoneState.ACCEPTED})


@dataclass(frozen=True)
class Choice:
    """A page that the scanned one may be said to be."""

    value: str
    words: str
    is_chosen: bool


@blueprint.get("/pages-revenues/<int:returned_id>")
def look_at_page(appointment_id: int, returned_id: int) -> str:
    """Show a scanned page, what was seen of it, and what can be said of it."""
    return _page(appointment_id, returned_id)


@blueprint.get("/pages-revenues/<int:returned_id>.png")
def draw_returned(appointment_id: int, returned_id: int) -> Response:
    """Give the picture of a scanned page, as it was scanned."""
    counsellor_of(appointment_id)
    with services().database.read() as session:
        row = find_returned(session, appointment_id, returned_id)
        document, scanned = row.document, row.scanned
    try:
        picture = archive().draw_page(document, scanned)
    except DocumentRefused:
        abort(404)
    return Response(picture, mimetype="image/png")


@blueprint.post("/pages-revenues/<int:returned_id>")
def say_which_page(
    appointment_id: int, returned_id: int
) -> AnyResponse | tuple[str, int]:
    """Keep which page it is, or that it is none of the printed ones."""
    viewer = counsellor_of(appointment_id)
    said, turn = request.form.get("page", ""), request.form.get("sens", "0")
    printed, _, number = said.partition("-")
    is_page = None not in map(whole_or_none, (printed, number, turn))
    if said != NO_PAGE and not is_page:
        words = gettext("Choisissez la page.")
        return _page(appointment_id, returned_id, error=words), 422

    def work(session: Session) -> None:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        now = services().now()
        if said == NO_PAGE:
            set_page_aside(session, appointment, returned_id, viewer.actor, now)
        else:
            name_page(
                session,
                appointment,
                returned_id,
                int(printed),
                int(number),
                int(turn),
                viewer.actor,
                now,
            )

    if carry_out(work) is None:
        return back_to_console(appointment_id)
    states = named_pages().check(appointment_id, returned_id)
    return back_to_console(appointment_id, noted_sentence(states), "success")


@blueprint.post("/pages-revenues/<int:returned_id>/signature")
def accept(appointment_id: int, returned_id: int) -> AnyResponse:
    """Keep that the signatures of a page are as they should be."""
    viewer = counsellor_of(appointment_id)

    def work(session: Session) -> None:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        accept_signatures(
            session, appointment, returned_id, viewer.actor, services().now()
        )

    if carry_out(work) is None:
        return back_to_console(appointment_id)
    words = gettext("La signature est notée comme bonne.")
    return back_to_console(appointment_id, words, "success")


@blueprint.post("/formulaires-imprimes/<int:printed_id>/meme-personne")
def say_same_person(appointment_id: int, printed_id: int) -> AnyResponse:
    """Keep that a form printed in another appointment is of this resident."""
    viewer = counsellor_of(appointment_id)

    def work(session: Session) -> None:
        appointment = viewer.appointment(session, appointment_id, to_change=True)
        confirm_same_person(
            session, appointment, printed_id, viewer.actor, services().now()
        )

    if carry_out(work) is None:
        return back_to_console(appointment_id)
    words = gettext("C'est noté : les pages de ce formulaire comptent ici.")
    return back_to_console(appointment_id, words, "success")


def _page(appointment_id: int, returned_id: int, error: str = "") -> str:
    viewer = signed_in(Right.FILLING)
    with services().database.read() as session:
        appointment = viewer.appointment(session, appointment_id)
        row = find_returned(session, appointment_id, returned_id)
        printed = forms_to_name(session, appointment)
        document = row.document
        zone = ZoneInfo(appointment.kiosk.relay.time_zone)
    states = [ZoneState(state) for state in row.zones.values()]
    kind = ReturnedKind(row.kind)
    return render_template(
        "counsellor/returns/page.html",
        row=row,
        choices=[choice for form in printed for choice in _choices(form, row, zone)],
        no_page=NO_PAGE,
        stray=STRAYS.get(kind, ""),
        zones=[ZONES[state] for state in states],
        can_accept=not _GOOD.issuperset(states),
        error=error,
        appointment_id=appointment_id,
        title=gettext(
            "Document %(number)s, page %(page)s",
            number=document.number,
            page=row.scanned,
        ),
    )


def _choices(form: PrintedForm, row: ReturnedPage, zone: ZoneInfo) -> list[Choice]:
    is_of_here = form.appointment_id == row.document.appointment_id
    day = short_date(local_day(form.printed_at, zone))
    return [
        Choice(
            f"{form.id}-{page}",
            _page_of_here(form, page) if is_of_here else _page_of(form, page, day),
            (row.printed_form_id, row.page) == (form.id, page),
        )
        for page in range(1, form.pages + 1)
    ]


def _page_of_here(form: PrintedForm, page: int) -> str:
    return gettext(
        "Page %(page)s de « %(form)s » (document %(number)s)",
        page=page,
        form=form.edition.form.title,
        number=form.document.number,
    )


def _page_of(form: PrintedForm, page: int, day: str) -> str:
    return gettext(
        "Page %(page)s de « %(form)s » (imprimé le %(day)s)",
        page=page,
        form=form.edition.form.title,
        day=day,
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages that the second screen asks for: shown, and taken away once these came back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.domain.forms.description import FieldKind, Rectangle
from booking_web.domain.forms.library_reading import read_edition
from booking_web.domain.forms.printed.overview import standing_of
from booking_web.domain.forms.printed.rows import pages_of
from booking_web.domain.forms.printed.standing import Standing
from booking_web.domain.kiosks.screen_content import ScreenContent, screen_content
from booking_web.domain.kiosks.second_screen import (
    print_asked_for,
    show_page,
    write_words,
)
from booking_web.tables.appointment import Appointment
from booking_web.tables.printed_forms import PrintedForm, ZoneState


@dataclass(frozen=True)
class AskedPage:
    """A page that is asked for and shown: its size, and where it is to be signed, in points."""

    width: float
    height: float
    places: tuple[Rectangle, ...]
    standing: Standing
    is_to_be_signed: bool


def asked_page(session: Session, content: ScreenContent) -> AskedPage | None:
    """Give the page of a printed form that the screen shows and asks for, if it does."""
    shown = content.page
    if content.asked_print_id is None or shown is None:
        return None
    printed = session.get_one(PrintedForm, content.asked_print_id)
    if printed.document_id != shown.document_id:
        return None
    standing = standing_of(printed, pages_of(session, [printed]))
    if shown.page not in standing.wanted:
        return None
    copy = standing.pages[shown.page - 1].counted
    signed = (
        {place for place, state in copy.zones if state is not ZoneState.EMPTY}
        if copy
        else set()
    )
    description = read_edition(session, printed.edition_id).description
    page = description.pages[shown.page - 1]
    places = tuple(
        place.rectangle
        for field in description.fields
        for place in field.places
        if field.kind is FieldKind.SIGNATURE
        and place.page == shown.page
        and place.key not in signed
    )
    return AskedPage(
        page.width, page.height, places, standing, shown.page in standing.empty
    )


def ask_for_pages(
    session: Session,
    appointment: Appointment,
    printed: PrintedForm,
    standing: Standing,
    sealed: bytes,
    actor: str,
    now: datetime,
) -> bool:
    """Have the screen ask for the pages that are wanted; tell whether it shows the first.

    Works in the caller's writing transaction, the appointment's row locked. What was printed
    in another appointment is asked for in words alone.
    """
    write_words(session, appointment, sealed, now, printed.id)
    if printed.document.appointment_id != appointment.id:
        return False
    page = standing.wanted[0]
    show_page(session, appointment, printed.document, page, actor, now)
    return True


def take_words_away(session: Session, appointment: Appointment, now: datetime) -> None:
    """Take away what nothing of is wanted any more, or show the next page that is.

    Works in the caller's writing transaction, the appointment's row locked.
    """
    printed_id = print_asked_for(session, appointment)
    if printed_id is None:
        return
    printed = session.get_one(PrintedForm, printed_id)
    wanted = standing_of(printed, pages_of(session, [printed])).wanted
    shown = screen_content(session, appointment, now).page
    if shown is not None and shown.document_id == printed.document_id:
        document = printed.document if wanted else None
        actor = f"kiosk:{appointment.kiosk.slug}"
        page = wanted[0] if wanted else 1
        show_page(session, appointment, document, page, actor, now)
    if not wanted:
        write_words(session, appointment, None, now)

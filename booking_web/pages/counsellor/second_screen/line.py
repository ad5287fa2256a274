# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the kiosk's second screen shows, as the counsellor reads it."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.documents.errors import StoreUnavailable
from booking_web.domain.kiosks.screen_content import (
    IN_SIGHT_FOR,
    ScreenContent,
    Sight,
    is_fresh,
    screen_content,
)
from booking_web.domain.rights.person import Person, Right
from booking_web.shell.services import services
from booking_web.shell.written_words import call_name, open_words
from booking_web.tables.appointment import Appointment
from booking_web.tables.forms import Form, FormEdition
from booking_web.tables.states import AppointmentState
from booking_web.words.read_aloud import unreadable_words


@dataclass(frozen=True)
class ScreenLine:
    """What it shows, in words, and whether that is a form, or words to the resident too."""

    words: str
    is_form: bool
    # A form or a CV: what no document's own button takes away.
    is_following: bool
    is_written_to: bool
    # Nobody sees the screen, as far as it says.
    is_silent: bool = False
    # Why what is shown cannot be read aloud; empty where it can, or nothing is shown.
    why_silent: str = ""


def screen_line(
    session: Session,
    viewer: Person,
    appointment: Appointment,
    content: ScreenContent,
    now: datetime,
) -> ScreenLine | None:
    """Give what a screen shows, in words, to those who fill in forms."""
    if not viewer.may(Right.FILLING):
        return None
    draft = content.draft
    if draft is not None:
        title = session.scalar(
            select(Form.title)
            .join(FormEdition, FormEdition.form_id == Form.id)
            .where(FormEdition.id == draft.edition_id)
        )
        words = (
            gettext("Formulaire montré : %(title)s.", title=title)
            if draft.sight is Sight.SEEN
            else gettext("Formulaire envoyé, pas affiché : %(title)s.", title=title)
        )
    elif content.cv is not None:
        words = (
            gettext("Le CV est montré.")
            if content.cv.sight is Sight.SEEN
            else gettext("CV envoyé, pas affiché.")
        )
    elif content.page is not None:
        number = content.page.number
        words = (
            gettext("Document %(number)s montré.", number=number)
            if content.page.sight is Sight.SEEN
            else gettext("Document %(number)s envoyé, pas affiché.", number=number)
        )
    else:
        words = gettext("Le second écran ne montre rien.")
    return ScreenLine(
        words,
        draft is not None,
        content.is_following,
        content.words is not None,
        is_silent(appointment, content, now),
        unreadable_words(content.page.number) if content.page else "",
    )


def is_silent(appointment: Appointment, content: ScreenContent, now: datetime) -> bool:
    """Tell whether the screen of a call does not say that people see it.

    One whose call began a moment ago may not have had the time to.
    """
    return (
        appointment.state == AppointmentState.IN_CALL
        and now - appointment.state_since > IN_SIGHT_FOR
        and not is_fresh(content.told_at, now)
    )


def written_in(viewer: Person, appointment_id: int) -> str:
    """Give what is written to the resident now: who comes later goes on with it."""
    if not viewer.may(Right.FILLING):
        return ""
    with services().database.read() as session:
        appointment = viewer.appointment(session, appointment_id)
        words = screen_content(session, appointment, services().now()).words
        name = call_name(appointment)
    try:
        return open_words(words, name) if words else ""
    except StoreUnavailable:
        return ""

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the counsellor reads of the second screen is what it said last, for seconds alone."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from booking_web.base.clock import utc_now
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.kiosks.in_sight import InSight, is_news, note_in_sight
from booking_web.domain.kiosks.screen_content import (
    IN_SIGHT_FOR,
    NOTHING,
    ScreenContent,
    Sight,
    screen_content,
)
from booking_web.domain.kiosks.second_screen import show_draft, show_page
from booking_web.pages.counsellor.second_screen.line import is_silent
from booking_web.tables.appointment import Appointment, LiveEvent
from booking_web.tables.documents import Document
from booking_web.tables.forms import Draft
from booking_web.tables.states import AppointmentState as State
from stage.kiosk_ground import add_document, bring_to, make_pdf
from tests.factories.drafts import anne_of

CALL = (State.ARRIVED, State.CALLING, State.QUEUED, State.IN_CALL)
LATER = IN_SIGHT_FOR + timedelta(milliseconds=1)


class Screen:
    """The screen of the appointment of a draft, at an hour of one's own."""

    def __init__(self, database, draft_id: int) -> None:
        self.database, self.draft_id = database, draft_id
        with database.read() as session:
            draft = session.get_one(Draft, draft_id)
            self.appointment_id = draft.appointment_id
            self.anne = anne_of(draft.organisation_id)
        self.now = utc_now()

    def show(self, page: int = 1) -> None:
        with self.database.write() as session:
            appointment = session.get_one(Appointment, self.appointment_id)
            show_draft(
                *(session, appointment, self.draft_id, page, "", self.anne, self.now)
            )

    def show_document(self, page: int) -> None:
        with self.database.write() as session:
            appointment = session.get_one(Appointment, self.appointment_id)
            document = session.scalars(select(Document)).one()
            show_page(session, appointment, document, page, "kiosk:k", self.now)

    def say(self, sheet: str, language: str = "fr") -> list[str]:
        """Have the screen say what is seen on it; give what open pages heard of it."""
        with self.database.write() as session:
            session.execute(delete(LiveEvent))
            appointment = session.get_one(Appointment, self.appointment_id)
            note_in_sight(session, appointment, InSight(sheet, language), self.now)
        with self.database.read() as session:
            return list(session.scalars(select(LiveEvent.kind)))

    @property
    def content(self) -> ScreenContent:
        with self.database.read() as session:
            appointment = session.get_one(Appointment, self.appointment_id)
            return screen_content(session, appointment, self.now)

    @property
    def is_silent(self) -> bool:
        with self.database.read() as session:
            appointment = session.get_one(Appointment, self.appointment_id)
            return is_silent(appointment, self.content, self.now)


@pytest.fixture
def screen(either_database, begun):
    screen = Screen(either_database, begun)
    bring_to(either_database, screen.appointment_id, *CALL)
    screen.now = utc_now()
    return screen


def test_a_form_is_sent_seen_lost_and_seen_again(screen) -> None:
    form = f"draft-{screen.draft_id}"
    assert screen.say("") == ["screen"]
    screen.show()
    assert screen.content.sheet == form
    assert screen.content.sight is Sight.SENT
    # Another sheet, an earlier one's name, or nothing: it is not this one that is seen.
    for other in ("", form + "0", "cv-1", f"document-{screen.draft_id}/1"):
        assert screen.say(other) == []
        assert screen.content.sight is Sight.SENT
    assert screen.say(form) == ["screen"]
    assert screen.content.sight is Sight.SEEN
    screen.now += IN_SIGHT_FOR
    assert screen.content.sight is Sight.SEEN
    screen.now += timedelta(milliseconds=1)
    assert screen.content.sight is Sight.LOST
    assert screen.say(form) == ["screen"]
    assert screen.content.sight is Sight.SEEN


def test_a_page_that_is_turned_in_a_form_is_no_loss_and_in_a_document_another_sheet(
    screen, archive
) -> None:
    form = f"draft-{screen.draft_id}"
    screen.show(1)
    screen.say(form)
    screen.show(2)
    assert screen.content.sight is Sight.SEEN
    add_document(archive, screen.appointment_id, make_pdf(2))
    screen.show_document(1)
    assert (screen.content.sheet, screen.content.sight) == ("document-1/1", Sight.SENT)
    screen.say("document-1/1")
    assert screen.content.sight is Sight.SEEN
    screen.show_document(2)
    screen.say("document-1/1")
    assert screen.content.sight is Sight.SENT
    screen.say("document-1/2")
    assert screen.content.sight is Sight.SEEN


def test_what_is_said_again_at_once_is_no_news(screen) -> None:
    told, other = InSight("", "fr"), InSight("", "en")
    assert is_news(screen.content, told, screen.now)
    screen.say("")
    assert not is_news(screen.content, told, screen.now)
    assert is_news(screen.content, other, screen.now)
    screen.show()
    form = InSight(f"draft-{screen.draft_id}", "fr")
    assert is_news(screen.content, form, screen.now)
    screen.say(form.sheet)
    assert not is_news(screen.content, form, screen.now)
    screen.now += timedelta(seconds=1)
    # Written down, and no page has to look.
    assert is_news(screen.content, form, screen.now)
    assert screen.say(form.sheet) == []
    assert screen.say(form.sheet, "en") == ["screen"]
    assert screen.content.language == "en"


def test_a_screen_is_silent_once_it_had_the_time_to_speak(screen) -> None:
    assert not screen.is_silent
    screen.now += LATER
    assert screen.is_silent
    screen.say("")
    assert not screen.is_silent
    screen.now += LATER
    assert screen.is_silent
    # One that comes back is heard of at once.
    assert screen.say("") == ["screen"]


def test_nothing_is_written_outside_the_call_or_left_for_the_next(screen) -> None:
    screen.show()
    screen.say(f"draft-{screen.draft_id}")
    with screen.database.write() as session:
        appointment = session.get_one(Appointment, screen.appointment_id)
        move(session, appointment, State.DONE, actor="d", at=screen.now)
    assert screen.content == NOTHING
    assert screen.say(f"draft-{screen.draft_id}") == []
    assert screen.content == NOTHING and not screen.is_silent

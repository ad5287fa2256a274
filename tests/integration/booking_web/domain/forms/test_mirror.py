# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second screen follows a draft in its call, on SQLite and PostgreSQL; then it is empty."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, select, update

from booking_web.base.clock import utc_now
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.kiosks.screen_content import (
    NOTHING,
    Pointer,
    Reading,
    ScreenContent,
    ShownDraft,
    screen_content,
)
from booking_web.domain.kiosks.screen_row import forget_ended
from booking_web.domain.kiosks.second_screen import (
    draft_changed,
    note_draft_view,
    point_at,
    say,
    show_draft,
    show_page,
    write_words,
)
from booking_web.tables.appointment import Appointment, JournalEntry, LiveEvent
from booking_web.tables.documents import Document, KioskScreen
from booking_web.tables.forms import Draft
from booking_web.tables.states import AppointmentState as State
from stage.kiosk_ground import add_document, bring_to, make_pdf
from tests.factories.drafts import ANNE, anne_of, edition_of

CALL = (State.ARRIVED, State.CALLING, State.QUEUED, State.IN_CALL)


class Screen:
    """The screen of the appointment of a draft."""

    def __init__(self, database, draft_id: int) -> None:
        self.database, self.draft_id = database, draft_id
        with database.read() as session:
            draft = session.get_one(Draft, draft_id)
            self.appointment_id = draft.appointment_id
            self.anne = anne_of(draft.organisation_id)

    def do(self, act, *given, draft_id=None, **named):
        with self.database.write() as session:
            appointment = session.get_one(Appointment, self.appointment_id)
            if draft_id is not None:
                given = (draft_id, *given)
            return act(session, appointment, *given, now=utc_now(), **named)

    def show(self, page=1, place="", draft_id=None):
        number = draft_id or self.draft_id
        return self.do(show_draft, page, place, self.anne, draft_id=number)

    def changed(self, place="nom"):
        with self.database.write() as session:
            draft_changed(session, self.draft_id, place, utc_now())

    @property
    def content(self) -> ScreenContent:
        with self.database.read() as session:
            appointment = session.get_one(Appointment, self.appointment_id)
            return screen_content(session, appointment, utc_now())

    def heard(self) -> list[str]:
        """Give what open pages heard since it was asked last."""
        with self.database.write() as session:
            kinds = list(session.scalars(select(LiveEvent.kind).order_by(LiveEvent.id)))
            session.execute(delete(LiveEvent))
        return kinds


@pytest.fixture
def screen(either_database, begun):
    screen = Screen(either_database, begun)
    bring_to(either_database, screen.appointment_id, *CALL)
    screen.heard()
    return screen


def end(screen, state=State.DONE) -> None:
    with screen.database.write() as session:
        appointment = session.get_one(Appointment, screen.appointment_id)
        move(session, appointment, state, actor="d", at=utc_now())


def shown_acts(screen) -> list[tuple[str, str]]:
    with screen.database.read() as session:
        rows = session.scalars(select(JournalEntry).order_by(JournalEntry.id))
        known = ("draft_shown", "document_hidden", "viewed")
        return [(each.act, each.detail) for each in rows if each.act in known]


def test_the_screen_follows_the_draft_place_by_place(screen) -> None:
    assert screen.show()
    first = ShownDraft(screen.draft_id, screen.content.draft.edition_id, 0, 1, "")
    assert screen.content.draft == first
    assert screen.heard() == ["screen"]
    assert screen.show(1, "marie")
    assert screen.show(1, "marie")
    assert screen.content.draft == replace(first, place="marie")
    assert screen.heard() == ["mirror"]
    screen.changed("nom")
    assert screen.content.draft.place == "nom"
    # Each key is heard of, also where the frame stays.
    screen.changed("nom")
    assert screen.heard() == ["mirror", "mirror"]
    assert shown_acts(screen) == [("draft_shown", f"draft {screen.draft_id}")]


def test_a_page_is_seen_and_told_once(screen) -> None:
    screen.show()
    for page in (1, 2, 1):
        screen.do(note_draft_view, page, draft_id=screen.draft_id)
    screen.do(note_draft_view, 1, draft_id=screen.draft_id + 1)
    assert screen.content.draft.pages_seen == {1, 2}
    viewed = [each for act, each in shown_acts(screen) if act == "viewed"]
    draft = f"draft {screen.draft_id}"
    assert viewed == [f"{draft}, page 1", f"{draft}, page 2"]


def test_a_document_and_a_draft_take_each_others_place(screen, archive) -> None:
    number = add_document(archive, screen.appointment_id, make_pdf(), "Titre").number
    screen.show()
    with screen.database.write() as session:
        appointment = session.get_one(Appointment, screen.appointment_id)
        document = session.scalars(select(Document)).one()
        show_page(session, appointment, document, 1, "kiosk:k", utc_now())
    assert screen.content.draft is None and screen.content.page.number == number
    screen.show(1, "nom")
    assert screen.content.page is None and screen.content.draft.place == "nom"
    screen.do(show_page, None, 1, "kiosk:k")
    assert (screen.content.page, screen.content.draft) == (None, None)
    assert shown_acts(screen)[-1] == ("document_hidden", "")


def test_what_is_written_pointed_at_and_read_is_told(screen) -> None:
    assert screen.do(write_words, b"sealed")
    assert not screen.do(say, Reading.FIELD)
    screen.show(1, "nom")
    assert screen.do(point_at, 0.25, 0.5)
    assert screen.do(say, Reading.FIELD)
    content = screen.content
    assert (content.words, content.pointer) == (b"sealed", Pointer(0.25, 0.5))
    number = content.reading.number
    assert (content.reading.what, content.reading.place) == (Reading.FIELD, "nom")
    screen.do(say, Reading.NONE)
    assert screen.content.reading.number == number + 1
    # What was pointed at is elsewhere now.
    screen.changed("marie")
    assert screen.content.pointer is None
    assert screen.heard() == ["mirror", "screen", *["mirror"] * 4]


@pytest.mark.parametrize("state", [State.DONE, State.INTERRUPTED])
def test_all_of_it_ends_with_the_call(screen, state) -> None:
    screen.show(1, "nom")
    screen.do(write_words, b"sealed")
    screen.do(point_at, 0.1, 0.1)
    end(screen, state)
    assert screen.content == NOTHING
    with screen.database.read() as session:
        line = session.scalars(select(KioskScreen)).one()
        assert (line.sealed_words, line.draft_id, line.place) == (None, None, "")
        assert (line.pointer_x, line.pages_seen) == (None, "")
    assert not screen.show() and not screen.do(write_words, b"again")
    screen.heard()
    screen.changed()
    assert screen.heard() == [] and screen.content == NOTHING


def test_what_a_call_left_behind_is_forgotten_by_retention(screen) -> None:
    screen.do(write_words, b"sealed")
    with screen.database.write() as session:
        forget_ended(session)
    assert screen.content.words == b"sealed"
    with screen.database.write() as session:
        # As in a database whose call ended without a word.
        session.execute(update(Appointment).values(attempt=Appointment.attempt + 1))
        forget_ended(session)
        assert session.scalars(select(KioskScreen.sealed_words)).one() is None


def test_a_draft_that_was_set_aside_or_is_another_calls_is_not_shown(
    screen, drafts, form_id
) -> None:
    assert not screen.show(draft_id=screen.draft_id + 99)
    assert screen.show()
    assert drafts.set_aside(screen.draft_id, ANNE) is None
    assert screen.content.draft is None and not screen.show()
    drafts.resume(screen.draft_id, screen.appointment_id, ANNE)
    assert screen.show() and screen.content.draft is not None
    assert drafts.erase(screen.draft_id, ANNE)
    assert screen.content.draft is None and not screen.show()
    other = drafts.begin(
        edition_of(screen.database, form_id), screen.appointment_id, ANNE
    )
    assert screen.show(draft_id=other)

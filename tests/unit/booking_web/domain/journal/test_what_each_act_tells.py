# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every act on an appointment tells what docs/api.md promises: no more, no less, in order."""

import ast
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import booking_web
from booking_web.domain.appointments import acts
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.hours_changes import change_hours
from booking_web.domain.appointments.kiosk_language import choose_language
from booking_web.domain.appointments.lifecycle import move, release_slots
from booking_web.domain.appointments.line.calling import call_from_lines
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.appointments.setting_back import set_back
from booking_web.domain.journal.promises import NEWS, TOLD, News
from booking_web.domain.places.grid import slot_of
from booking_web.domain.rights.person import Person
from booking_web.tables.appointment import Appointment, LiveEvent
from booking_web.tables.hours import Opening
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentSource
from booking_web.tables.states import AppointmentState as State
from tests.unit.booking_web.domain.journal.conftest import ACTOR, HOUR, Heard, World

MINUTE = timedelta(minutes=1)
PACKAGE = Path(booking_web.__file__).parent
WALKS: dict[str, tuple[Callable[[World], None], Heard]] = {}


def tells(**words: str) -> Callable[[Callable[[World], None]], None]:
    """Note of a walk what is heard after its last `listen`."""

    def note(walk: Callable[[World], None]) -> None:
        WALKS[walk.__name__] = (walk, Heard(**words))

    return note


A, AA, AAA = "appointment", "appointment " * 2, "appointment " * 3


@tells(journal="booked", live=A, webhooks="booked", messages="booked")
def an_hour_is_booked(world: World) -> None:
    world.booked()


@tells(journal="booked", live=A, webhooks="booked")
def an_appointment_made_elsewhere_is_imported(world: World) -> None:
    world.booked(source=AppointmentSource.IMPORT)


@tells()
def a_form_that_is_sent_twice_books_once(world: World) -> None:
    world.booked()
    world.listen()
    world.booked()


@tells(journal="booked moved", live=AA, webhooks="booked state")
def who_comes_without_appointment_is_called_at_once(world: World) -> None:
    book(world.session, world.request(None), world.now)


@tells(journal="joined_line moved", live=AA, webhooks="booked state")
def who_comes_without_appointment_joins_the_line(world: World) -> None:
    world.waits()


@tells()
def a_form_that_is_sent_twice_joins_the_line_once(world: World) -> None:
    world.waits()
    world.listen()
    world.waits()


@tells(journal="called_from_line", live=A, webhooks="changed")
def the_line_goes_on(world: World) -> None:
    waits = world.waits()
    world.listen()
    assert call_from_lines(world.session, "dispatcher", world.now) == 1
    # An hour of its own now, which ends with a slot.
    assert waits.ends_at == slot_of(waits.ends_at)


@tells(journal="place_given_up called_from_line", live=AAA, webhooks="changed")
def a_place_is_given_up_to_the_first_of_two_who_wait(world: World) -> None:
    world.called(State.UNREACHABLE)
    world.waits("first")
    world.waits("second")
    world.listen()
    late = world.now + 20 * MINUTE
    assert call_from_lines(world.session, "dispatcher", late) == 1


@tells()
def a_line_that_does_not_go_on(world: World) -> None:
    world.called(State.IN_CALL)
    world.waits()
    world.listen()
    assert call_from_lines(world.session, "dispatcher", world.now) == 0


@tells(journal="moved", live=A, webhooks="changed state")
def a_call_is_asked_for_before_the_hour(world: World) -> None:
    appointment = world.booked()
    world.listen()
    acts.call_now(world.session, appointment, ACTOR, world.now)
    assert appointment.starts_at == world.now


@tells(journal="call_requested", live=A, webhooks="changed")
def a_call_is_asked_for_before_the_hour_of_one_who_is_there(world: World) -> None:
    appointment = world.arrived()
    world.listen()
    acts.call_now(world.session, appointment, ACTOR, world.now)


@tells(journal="call_requested", live=A)
def a_call_is_asked_for_within_an_hour_that_stays_as_it_is(world: World) -> None:
    appointment = world.arrived(slot_of(world.now))
    # Its end cannot go on: the kiosk is somebody else's then.
    world.booked(appointment.ends_at, token="next")
    world.listen()
    acts.call_now(world.session, appointment, ACTOR, world.now)


@tells(journal="call_requested", live=A, webhooks="changed")
def a_call_is_asked_for_late(world: World) -> None:
    appointment = world.arrived(slot_of(world.now))
    world.listen()
    acts.call_now(world.session, appointment, ACTOR, world.now + 20 * MINUTE)


@tells(journal="moved", live=A, webhooks="changed state")
def a_failed_call_is_made_again_after_the_hour(world: World) -> None:
    appointment = world.called(State.UNREACHABLE)
    world.listen()
    acts.call_now(world.session, appointment, ACTOR, world.now + HOUR)


@tells(journal="moved", live=A, webhooks="changed state")
def a_call_is_asked_for_while_others_have_the_counter(world: World) -> None:
    appointment = world.booked()
    world.booked(slot_of(world.now), token="other", relay="guise")
    world.listen()
    former = appointment.counter_id
    acts.call_now(world.session, appointment, ACTOR, world.now)
    assert appointment.counter_id != former


@tells()
def a_call_is_asked_for_twice(world: World) -> None:
    appointment = world.arrived()
    acts.call_now(world.session, appointment, ACTOR, world.now)
    world.listen()
    acts.call_now(world.session, appointment, ACTOR, world.now)


@tells(journal="rescheduled", live=A, webhooks="changed", messages="rescheduled")
def an_appointment_is_moved(world: World) -> None:
    appointment = world.booked()
    world.listen()
    moves(world, appointment, appointment.starts_at + HOUR)


@tells(journal="rescheduled", live=A, webhooks="changed", messages="rescheduled")
def an_appointment_is_moved_to_its_own_hour(world: World) -> None:
    appointment = world.booked()
    world.listen()
    moves(world, appointment, appointment.starts_at)


@tells(journal="rescheduled", live=AA, webhooks="changed", messages="rescheduled")
def an_appointment_is_moved_to_another_relay(world: World) -> None:
    appointment = world.booked()
    world.listen()
    moves(world, appointment, appointment.starts_at, relay_id=2)
    # Those who look at the relay that it left, and those of the one where it is now.
    query = select(LiveEvent.kiosk_id).order_by(LiveEvent.id.desc()).limit(2)
    assert world.session.scalars(query).all() == [2, 1]


@tells(
    journal="rescheduled moved",
    live=A,
    webhooks="changed state",
    messages="rescheduled",
)
def one_whose_call_failed_is_moved(world: World) -> None:
    appointment = world.called(State.UNREACHABLE)
    world.listen()
    moves(world, appointment, slot_of(world.now) + HOUR)


def moves(world: World, appointment: Appointment, to: datetime, **where: int) -> None:
    acts.reschedule(
        world.session,
        appointment,
        starts_at=to,
        actor=ACTOR,
        now=world.now,
        **where,
        hours=Hours.AGREED,
    )


@tells(journal="moved", live=A, webhooks="state", messages="cancelled")
def an_appointment_is_cancelled(world: World) -> None:
    appointment = world.booked()
    world.listen()
    acts.cancel(world.session, appointment, ACTOR, world.now)


@tells(journal="moved", live=A, webhooks="state")
def somebody_arrives(world: World) -> None:
    appointment = world.booked()
    world.listen()
    acts.mark_arrived(world.session, appointment, ACTOR, world.now)


@tells(journal="moved", live=A, webhooks="state")
def somebody_arrives_late_and_takes_what_is_left_of_the_hour(world: World) -> None:
    appointment = world.booked(slot_of(world.now))
    release_slots(world.session, appointment)
    world.listen()
    acts.mark_arrived(world.session, appointment, ACTOR, world.now + 10 * MINUTE)
    assert not appointment.in_line


@tells(journal="moved", live=A, webhooks="state")
def somebody_arrives_after_the_place_was_given_up(world: World) -> None:
    arrives_late(world)


@tells(journal="called_from_line", live=A, webhooks="changed")
def who_arrived_late_is_called_at_another_hour(world: World) -> None:
    late = arrives_late(world)
    world.listen()
    assert call_from_lines(world.session, "dispatcher", world.now + HOUR) == 1
    assert late.ends_at > world.now + HOUR


def arrives_late(world: World) -> Appointment:
    late = world.booked(slot_of(world.now))
    release_slots(world.session, late)
    world.booked(slot_of(world.now), token="other")
    world.listen()
    acts.mark_arrived(world.session, late, ACTOR, world.now + 10 * MINUTE)
    assert late.in_line
    return late


@tells(journal="moved", live=A, webhooks="state")
def somebody_does_not_come(world: World) -> None:
    appointment = world.booked()
    world.listen()
    acts.mark_no_show(world.session, appointment, ACTOR, world.now)


@tells(journal="moved moved moved moved", live=AA + AA, webhooks="state " * 4)
def a_call_is_made(world: World) -> None:
    appointment = world.arrived(slot_of(world.now))
    world.listen()
    for state in (State.CALLING, State.QUEUED, State.IN_CALL, State.DONE):
        move(world.session, appointment, state, actor="dispatcher", at=world.now)


@tells(journal="hang_up_requested", live=A)
def the_end_of_a_call_is_asked_for(world: World) -> None:
    appointment = world.called(State.IN_CALL)
    world.listen()
    acts.request_hang_up(world.session, appointment, ACTOR, world.now)
    acts.request_hang_up(world.session, appointment, ACTOR, world.now)


@tells(journal="moved", live=A, webhooks="state")
def a_broken_call_is_closed(world: World) -> None:
    appointment = world.called(State.IN_CALL, State.INTERRUPTED)
    world.listen()
    acts.finish(world.session, appointment, ACTOR, world.now)


@tells(journal="usefulness_noted", live=A)
def the_resident_says_whether_it_was_useful(world: World) -> None:
    appointment = world.called(State.IN_CALL, State.DONE)
    world.listen()
    acts.note_usefulness(world.session, appointment, True, ACTOR, world.now)
    acts.note_usefulness(world.session, appointment, True, ACTOR, world.now)


@tells(journal="language_chosen", live=A)
def the_kiosk_is_to_speak_english(world: World) -> None:
    appointment = world.booked()
    world.listen()
    choose_language(world.session, appointment, "en", ACTOR, world.now)
    choose_language(world.session, appointment, "en", ACTOR, world.now)


@tells(journal="moved set_back", live=A, webhooks="state")
def an_arrival_is_set_back(world: World) -> None:
    appointment = world.arrived()
    world.listen()
    set_back(world.session, appointment, State.ARRIVED, ACTOR, world.now)


@tells(journal="moved set_back", live=A, webhooks="state", messages="booked")
def a_cancellation_is_set_back(world: World) -> None:
    appointment = world.booked()
    acts.cancel(world.session, appointment, ACTOR, world.now)
    world.listen()
    set_back(world.session, appointment, State.CANCELLED, ACTOR, world.now)


@tells(journal="moved set_back", live=A, webhooks="state")
def an_absence_is_set_back_of_one_that_had_been_moved(world: World) -> None:
    appointment = world.booked()
    moves(world, appointment, appointment.starts_at + HOUR)
    acts.mark_no_show(world.session, appointment, ACTOR, world.now)
    world.listen()
    set_back(world.session, appointment, State.NO_SHOW, ACTOR, world.now)


@tells(journal="hours_withdrawn")
def the_hours_of_an_appointment_are_withdrawn(world: World) -> None:
    world.session.add(
        Opening(
            counter_id=1,
            first_day=world.now.date(),
            weekdays=0b1111111,
            every_weeks=1,
            opens_minute=8 * 60,
            closes_minute=18 * 60,
        )
    )
    world.session.flush()
    world.booked()
    world.listen()
    acting = Person(user_id=9, actor=ACTOR, organisation_id=1)

    def withdraw(session: Session) -> None:
        session.delete(session.scalars(select(Opening)).one())

    touched = change_hours(
        world.session, acting, withdraw, world.now, is_confirmed=True
    )
    assert touched == 1


@pytest.mark.parametrize("name", WALKS)
def test_an_act_tells_what_is_promised(world, name) -> None:
    walk, promised = WALKS[name]
    walk(world)
    written = Heard(*(" ".join(words.split()) for words in vars(promised).values()))
    assert world.heard() == written


# Each function of domain/appointments that tells of an act, and the walks that go through it.
TELLERS: dict[str, tuple[str, ...]] = {
    "acts.call_now": (
        "a_call_is_asked_for_before_the_hour",
        "a_call_is_asked_for_before_the_hour_of_one_who_is_there",
        "a_call_is_asked_for_late",
    ),
    "acts.cancel": ("an_appointment_is_cancelled",),
    "acts.finish": ("a_broken_call_is_closed",),
    "acts.mark_arrived": (
        "somebody_arrives",
        "somebody_arrives_late_and_takes_what_is_left_of_the_hour",
        "somebody_arrives_after_the_place_was_given_up",
    ),
    "acts.mark_no_show": ("somebody_does_not_come",),
    "acts.note_usefulness": ("the_resident_says_whether_it_was_useful",),
    "acts.request_hang_up": ("the_end_of_a_call_is_asked_for",),
    "booking._write": (
        "an_hour_is_booked",
        "who_comes_without_appointment_is_called_at_once",
    ),
    "hours_changes.change_hours": ("the_hours_of_an_appointment_are_withdrawn",),
    "kiosk_language.choose_language": ("the_kiosk_is_to_speak_english",),
    "lifecycle._enter": ("a_call_is_made",),
    "line.calling.call_from_lines": ("the_line_goes_on",),
    "line.joining.join_line": ("who_comes_without_appointment_joins_the_line",),
    "line.keeping.give_up_places": (
        "a_place_is_given_up_to_the_first_of_two_who_wait",
    ),
    "moving.reschedule": (
        "an_appointment_is_moved",
        "one_whose_call_failed_is_moved",
    ),
    "setting_back.set_back": ("a_cancellation_is_set_back",),
}

# What changes no appointment: programs and residents are told nothing of it.
BESIDES = set(Act) - {
    Act(word) for _, promised in WALKS.values() for word in promised.journal.split()
}
KNOWN_BESIDES = """
    anonymised cancel_requested console_opened copied copy_aborted copy_canceled copy_put_back
    cv_begun cv_erased cv_keeping_agreed cv_keeping_withdrawn cv_made cv_resumed cv_shown
    cv_taken_over mail_requested mail_sent
    copy_requested document_added document_arranged document_hidden document_named
    document_removed document_set_back document_shown downloaded draft_begun draft_erased
    draft_resumed draft_set_aside draft_shown draft_taken_over feed_made feed_revoked fetched
    form_brought_back form_printed form_returned kept_outside_hours list_exported list_printed
    listed message_retried original_erased print_aborted print_canceled print_requested printed
    receipt_made reminder_call_undone reminder_called resident_created resident_edited
    resident_forgotten resident_merged returned_page_named scan_aborted scan_canceled
    scan_finished scan_read scan_requested scanned show_requested signature_accepted slip_made
    viewed waiting_added waiting_booked waiting_passed waiting_put_back waiting_withdrawn
    wipe_failed wiped
"""


def test_an_act_that_nobody_walked_through_is_found() -> None:
    assert BESIDES == set(KNOWN_BESIDES.split())
    assert set(TOLD) == set(Act)
    assert set(NEWS) == set(News)


@pytest.mark.parametrize("act", sorted(BESIDES))
def test_what_changes_no_appointment_is_told_to_no_program_and_no_resident(act) -> None:
    assert (TOLD[act].webhooks, TOLD[act].message) == ((), None)


def test_every_function_that_tells_is_walked_through() -> None:
    assert called_in("domain/appointments", {"tell", "move", "move_back"}) == set(
        TELLERS
    )
    for walks in TELLERS.values():
        assert set(walks) <= set(WALKS)


@pytest.mark.parametrize(
    ("written", "only_in"),
    [
        ({"JournalEntry"}, {"domain.journal.entries.write_down"}),
        ({"LiveEvent"}, {"domain.journal.telling._tell_live"}),
        ({"queue_event"}, {"domain.journal.telling.tell"}),
        (
            {"queue_messages"},
            {"domain.journal.telling.tell", "domain.journal.telling.remind"},
        ),
    ],
)
def test_there_is_one_way_to_tell(written, only_in) -> None:
    assert called_in("", written) == only_in


def called_in(folder: str, names: set[str]) -> set[str]:
    """Name the functions of a folder that call one of the names."""
    found = set()
    for path in (PACKAGE / folder).rglob("*.py"):
        module = ".".join(path.relative_to(PACKAGE / folder).with_suffix("").parts)
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and ast.unparse(call.func) in names:
                    found.add(f"{module}.{function.name}")
    return found

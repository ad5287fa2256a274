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
from booking_web.domain.appointments.conclusions import conclude
from booking_web.domain.appointments.discretion import choose_discretion
from booking_web.domain.appointments.following_up import book_follow_up
from booking_web.domain.appointments.guests import invitations, telephoning
from booking_web.domain.appointments.handing_over import going
from booking_web.domain.appointments.handing_over.asking import (
    Wanted,
    ask_to_hand_over,
)
from booking_web.domain.appointments.handing_over.noting import note_own_part
from booking_web.domain.appointments.hours_changes import change_hours
from booking_web.domain.appointments.interpreters import calls, replacing
from booking_web.domain.appointments.kiosk_language import choose_language
from booking_web.domain.appointments.lifecycle import move, release_slots
from booking_web.domain.appointments.line.calling import call_from_lines
from booking_web.domain.appointments.missed_calls import settle_missed_call
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.appointments.setting_back import set_back
from booking_web.domain.consents.answers import ConsentText, note_answer
from booking_web.domain.consents.reading_aloud import read_aloud
from booking_web.domain.journal.promises import NEWS, TOLD, News
from booking_web.domain.places.grid import slot_of
from booking_web.domain.rights.person import Person
from booking_web.tables.appointment import Appointment, LiveEvent
from booking_web.tables.conclusions import Outcome
from booking_web.tables.consents import ConsentAnswer
from booking_web.tables.handovers import Handover, HandoverState
from booking_web.tables.hours import Opening
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentSource
from booking_web.tables.states import AppointmentState as State
from provisioning.database.models import Counsellor, Counter, Organisation
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


@tells(journal="outcome_noted outcome_noted", live=AA)
def what_came_of_it_is_noted(world: World) -> None:
    appointment = world.called(State.IN_CALL, State.DONE)
    world.listen()
    for version, outcome in (
        (0, Outcome.OTHER),
        (0, Outcome.OTHER),
        (1, Outcome.RESOLVED),
    ):
        conclude(
            world.session,
            appointment,
            outcome,
            "Note",
            version=version,
            actor=ACTOR,
            now=world.now,
        )


@tells(journal="booked follow_up_booked", live=AA, webhooks="booked", messages="booked")
def a_continuation_is_booked(world: World) -> None:
    world.session.add(all_week(1, world))
    appointment = world.called(State.IN_CALL, State.DONE)
    world.listen()
    in_a_week = slot_of(world.now) + timedelta(days=7)
    for _ in range(2):
        book_follow_up(
            world.session,
            appointment,
            in_a_week,
            user_id=1,
            actor=ACTOR,
            now=world.now,
        )


@tells(journal="missed_call_settled", live=A)
def nothing_is_to_be_done_of_a_missed_call(world: World) -> None:
    appointment = world.called(State.UNREACHABLE)
    world.listen()
    for _ in range(2):
        settle_missed_call(world.session, appointment, ACTOR, world.now)


@tells(journal="discretion_chosen", live=A)
def it_is_made_discreet(world: World) -> None:
    appointment = world.booked()
    world.listen()
    choose_discretion(world.session, appointment, True, ACTOR, world.now)
    choose_discretion(world.session, appointment, True, ACTOR, world.now)


@tells(
    journal="consent_read_aloud consent_given consent_withdrawn consent_refused",
    live=AA + AA,
)
def the_resident_is_asked_agrees_and_changes_their_mind(world: World) -> None:
    appointment = world.booked()
    world.listen()
    read_aloud(world.session, appointment, ACTOR, world.now)
    text = ConsentText("Êtes-vous d'accord ?", "fr")
    for answer in (
        *(ConsentAnswer.AGREED, ConsentAnswer.AGREED),
        *(ConsentAnswer.WITHDRAWN, ConsentAnswer.WITHDRAWN),
        ConsentAnswer.REFUSED,
    ):
        note_answer(world.session, appointment, answer, text, ACTOR, world.now)


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


def all_week(counter_id: int, world: World) -> Opening:
    return Opening(
        counter_id=counter_id,
        first_day=world.now.date(),
        weekdays=0b1111111,
        every_weeks=1,
        opens_minute=8 * 60,
        closes_minute=18 * 60,
    )


@tells(journal="hours_withdrawn")
def the_hours_of_an_appointment_are_withdrawn(world: World) -> None:
    world.session.add(all_week(1, world))
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


def handed_over(world: World) -> tuple[Appointment, Handover]:
    """Give one in call whose counsellor asks for another organisation's."""
    appointment = world.called(State.IN_CALL)
    session = world.session
    first = Counsellor(
        slug="first", name="1", organisation_id=appointment.organisation_id
    )
    session.add(first)
    other = Organisation(slug="other", name="O", short_name="O")
    session.add(other)
    session.flush()
    session.add(Counter(slug="other-1", name="1", organisation_id=other.id))
    session.add(Counsellor(slug="second", name="2", organisation_id=other.id))
    session.flush()
    appointment.call = f"gv-{appointment.id}-1"
    appointment.counsellor_id = first.id
    session.flush()
    wanted = Wanted(organisation="other", resident_agrees=True)
    world.listen()
    row = ask_to_hand_over(
        session, appointment, first, wanted, actor=ACTOR, now=world.now
    )
    return appointment, row


@tells(
    journal="handover_requested moved handed_over handover_taken",
    # The organisation that had it is told beside of each step.
    live=AAA + AAA,
    # It sees no more of it than that it has gone.
    webhooks="changed",
)
def a_call_is_handed_to_another_organisation(world: World) -> None:
    appointment, row = handed_over(world)
    assert going.set_out(world.session, row, appointment, ACTOR, world.now)
    going.taken(world.session, row, appointment, None, ACTOR, world.now)


@tells(
    journal="handover_requested moved handed_over moved handover_undone",
    live=AAA + AAA,
    webhooks="changed changed state",
)
def a_call_that_asterisk_did_not_hand_over_stays(world: World) -> None:
    appointment, row = handed_over(world)
    before = appointment.organisation_id
    assert going.set_out(world.session, row, appointment, ACTOR, world.now)
    going.undo(world.session, row, appointment, ACTOR, world.now)
    assert appointment.organisation_id == before


@tells(journal="handover_requested handover_returned handover_taken", live=AAA)
def a_call_comes_back_since_the_colleague_did_not_take_it(world: World) -> None:
    appointment, row = handed_over(world)
    going.come_back(world.session, row, appointment, ACTOR, world.now)
    going.taken(world.session, row, appointment, None, ACTOR, world.now)
    assert row.state == HandoverState.RETURNED


@tells(journal="moved moved", live=AA, webhooks="state state")
def a_call_stands_otherwise_than_its_events_told(world: World) -> None:
    appointment, row = handed_over(world)
    world.listen()
    another = Counsellor(
        slug="third", name="3", organisation_id=appointment.organisation_id
    )
    world.session.add(another)
    world.session.flush()
    for _ in range(2):
        going.stand_as_seen(
            world.session, row, appointment, another.id, ACTOR, world.now
        )
    assert appointment.counsellor_id == another.id


@tells(journal="outcome_noted", live=A)
def the_first_organisation_notes_its_own_part(world: World) -> None:
    appointment, row = handed_over(world)
    going.set_out(world.session, row, appointment, ACTOR, world.now)
    world.listen()
    for _ in range(2):
        note_own_part(
            world.session, row, Outcome.OTHER, "Note", actor=ACTOR, now=world.now
        )


@tells(journal="interpreter_hours_withdrawn interpreter_kept", live=AA)
def the_hours_of_an_interpreter_are_withdrawn_and_given_back(world: World) -> None:
    appointment = world.interpreted()
    interpreter, counter = appointment.interpreter, appointment.interpreter_counter
    assert interpreter is not None and counter is not None
    world.session.add(all_week(counter.id, world))
    world.session.flush()
    world.listen()
    acting = Person(user_id=9, actor=ACTOR, organisation_id=interpreter.id)

    def withdraw(session: Session) -> None:
        session.delete(session.scalars(select(Opening)).one())

    def give_back(session: Session) -> None:
        session.add(all_week(counter.id, world))

    for change, touched in ((withdraw, 1), (give_back, 0)):
        assert touched == change_hours(
            world.session, acting, change, world.now, is_confirmed=True
        )


@tells(journal="interpreter_given_up", live=A, webhooks="changed")
def nobody_interprets_any_more(world: World) -> None:
    appointment = world.interpreted()
    world.listen()
    replacing.give_up(world.session, appointment, ACTOR, world.now)


@tells(
    journal="interpreter_given_up interpreter_changed", live=AA, webhooks="changed " * 2
)
def another_interpreter_is_asked(world: World) -> None:
    appointment = world.interpreted()
    interpreter = appointment.interpreter
    assert interpreter is not None
    world.listen()
    replacing.give_up(world.session, appointment, ACTOR, world.now)
    replacing.ask_another(world.session, appointment, interpreter, ACTOR, world.now)


@tells(journal="moved interpreter_called", live=AA, webhooks="state")
def an_interpreter_is_called_as_the_call_begins(world: World) -> None:
    appointment = world.interpreted(State.QUEUED)
    world.listen()
    move(world.session, appointment, State.IN_CALL, actor="dispatcher", at=world.now)


@tells(journal="interpreter_joined interpreter_left", live=AA)
def an_interpreter_comes_and_leaves(world: World) -> None:
    call = world.interpreter_called()
    world.listen()
    calls.interpreter_came(world.session, call, "counsellor-1", ACTOR, world.now)
    calls.call_ended(world.session, call, ACTOR, world.now)


@tells(journal="interpreter_unanswered interpreter_called", live=AA)
def nobody_interprets_and_somebody_is_called_again(world: World) -> None:
    call = world.interpreter_called()
    world.listen()
    calls.call_ended(world.session, call, ACTOR, world.now)
    calls.call_again(world.session, call.appointment, ACTOR, world.now)


@tells(journal="interpreter_sent_away", live=AA)
def an_interpreter_is_sent_away_before_anybody_comes(world: World) -> None:
    call = world.interpreter_called()
    world.listen()
    calls.send_away(world.session, call.appointment, ACTOR, world.now)
    calls.call_ended(world.session, call, ACTOR, world.now)


@tells(
    journal="guest_invited guest_let_in guest_joined guest_left guest_sent_away",
    live="appointment " * 7,
)
def a_guest_is_invited_comes_leaves_and_is_sent_away(world: World) -> None:
    appointment = world.called(State.QUEUED, State.IN_CALL)
    appointment.call = "gv-1-1"
    world.listen()
    call = world.guest_let_in(appointment)
    calls.interpreter_came(world.session, call, "guest_1", ACTOR, world.now)
    calls.call_ended(world.session, call, ACTOR, world.now)
    invitations.send_guest_away(world.session, appointment, ACTOR, world.now)


@tells(journal="guest_unanswered", live=A)
def a_guests_page_does_not_answer(world: World) -> None:
    appointment = world.called(State.QUEUED, State.IN_CALL)
    appointment.call = "gv-1-1"
    call = world.guest_let_in(appointment)
    world.listen()
    calls.call_ended(world.session, call, ACTOR, world.now)


@tells(
    journal="guest_telephoned guest_joined guest_left",
    live="appointment " * 4,
)
def somebody_is_telephoned_to_answers_and_hangs_up(world: World) -> None:
    appointment = world.called(State.QUEUED, State.IN_CALL)
    appointment.call = "gv-1-1"
    world.listen()
    call = world.telephoned_to(appointment)
    telephoning.telephone_rings(world.session, call.guest, world.now)
    calls.interpreter_came(world.session, call, "guichet_trunk", ACTOR, world.now)
    calls.call_ended(world.session, call, ACTOR, world.now)
    telephoning.end_telephoned(world.session, call.guest, world.now)


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
    "handing_over.asking.ask_to_hand_over": (
        "a_call_is_handed_to_another_organisation",
    ),
    "handing_over.going._tell": (
        "a_call_is_handed_to_another_organisation",
        "a_call_comes_back_since_the_colleague_did_not_take_it",
    ),
    "handing_over.going.undo": ("a_call_that_asterisk_did_not_hand_over_stays",),
    "handing_over.going.stand_as_seen": (
        "a_call_stands_otherwise_than_its_events_told",
    ),
    "handing_over.noting.note_own_part": ("the_first_organisation_notes_its_own_part",),
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
    "hours_changes.change_hours": (
        "the_hours_of_an_appointment_are_withdrawn",
        "the_hours_of_an_interpreter_are_withdrawn_and_given_back",
    ),
    "guests.invitations._tell": ("a_guest_is_invited_comes_leaves_and_is_sent_away",),
    "guests.telephoning.telephone": ("somebody_is_telephoned_to_answers_and_hangs_up",),
    "interpreters.calls._ask": ("an_interpreter_is_called_as_the_call_begins",),
    "interpreters.calls._tell": ("an_interpreter_comes_and_leaves",),
    "interpreters.calls.send_away": (
        "an_interpreter_is_sent_away_before_anybody_comes",
    ),
    "interpreters.replacing._change": (
        "nobody_interprets_any_more",
        "another_interpreter_is_asked",
    ),
    "interpreters.replacing.keep": (
        "the_hours_of_an_interpreter_are_withdrawn_and_given_back",
    ),
    "kiosk_language.choose_language": ("the_kiosk_is_to_speak_english",),
    "discretion.choose_discretion": ("it_is_made_discreet",),
    "lifecycle._enter": ("a_call_is_made",),
    "line.calling.call_from_lines": ("the_line_goes_on",),
    "line.joining.join_line": ("who_comes_without_appointment_joins_the_line",),
    "line.keeping.give_up_places": (
        "a_place_is_given_up_to_the_first_of_two_who_wait",
    ),
    "conclusions.conclude": ("what_came_of_it_is_noted",),
    "following_up.book_follow_up": ("a_continuation_is_booked",),
    "missed_calls.settle_missed_call": ("nothing_is_to_be_done_of_a_missed_call",),
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
    anonymised appointment_corrected appointment_tied appointment_untied
    cancel_requested console_opened copied copy_aborted copy_canceled copy_put_back
    cv_begun cv_erased cv_keeping_agreed cv_keeping_withdrawn cv_made cv_resumed cv_shown
    cv_taken_over mail_requested mail_sent
    copy_requested document_added document_arranged document_hidden document_named
    document_removed document_set_back document_shown documents_taken
    downloaded draft_begun draft_erased
    draft_resumed draft_set_aside draft_shown draft_taken_over feed_made feed_revoked fetched
    file_accounted_for file_exported journal_exported journal_searched readings_forgotten
    form_brought_back form_printed form_returned kept_outside_hours list_exported list_printed
    listed mandate_drawn_up mandate_revoked mandate_signed
    message_retried original_erased print_aborted print_canceled print_requested printed
    receipt_made reminder_call_undone reminder_called resident_created resident_edited
    resident_erased restricted restriction_lifted
    resident_forgotten resident_merged returned_page_named scan_aborted scan_canceled
    scan_finished scan_read scan_requested scanned show_requested signature_accepted slip_made
    still_kept telephone_opened viewed waiting_added waiting_booked waiting_passed waiting_put_back
    waiting_withdrawn
    wipe_failed wiped
    recovery_code_used recovery_codes_drawn second_factor_removed second_factor_reset
    second_factor_set_up secrets_refused secrets_renewed sign_ins_ended
    provider_refused provider_tied provider_untied
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
        text = path.read_text(encoding="utf-8")
        if not any(name in text for name in names):
            continue
        for function in ast.walk(ast.parse(text)):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                if not names.isdisjoint(names_called_in(function)):
                    found.add(f"{module}.{function.name}")
    return found


def names_called_in(function: ast.AST) -> set[str]:
    """Give the names, without a dot, that the function calls."""
    return {
        call.func.id
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    }

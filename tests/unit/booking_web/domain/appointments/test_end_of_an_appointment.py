# SPDX-License-Identifier: AGPL-3.0-or-later
"""The end of an appointment: outcome and note, its continuation, calls that came to nothing."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select

from booking_web.domain.appointments import acts
from booking_web.domain.appointments.asked_papers import Arrived, arrived_papers
from booking_web.domain.appointments.conclusions import (
    Ending,
    NotedMeanwhile,
    NothingToConclude,
    conclude,
    ending_of,
)
from booking_web.domain.appointments.following_up import (
    FollowedAlready,
    ResidentForgotten,
    book_follow_up,
    following_of,
    propose_follow_up,
)
from booking_web.domain.appointments.history import history_of
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.appointments.missed_calls import (
    is_missed,
    settle_missed_call,
)
from booking_web.domain.appointments.refusals import OutsideHours, PlaceTaken
from booking_web.domain.places.search import WhyNoSlot
from booking_web.domain.retention.pruning import prune
from booking_web.domain.rights.person import Person
from booking_web.tables.appointment import Appointment, CounterSlot, JournalEntry
from booking_web.tables.conclusions import NOTE_LENGTH, Conclusion, Outcome
from booking_web.tables.hours import Opening
from booking_web.tables.states import AppointmentState as State
from booking_web.tables.states import IllegalMove
from tests.factories.orders import add_resident

ACTOR = "user:1"
A_DAY = timedelta(days=1)
OF_THE_MSA = Person(user_id=1, actor=ACTOR, organisation_id=1)
OF_THE_CAF = Person(user_id=2, actor="user:2", organisation_id=2)


@pytest.fixture
def called(session, booked, now):
    """Give a function that has an appointment's call go through these states."""

    def call(*states, organisation="msa", relay="wassigny"):
        appointment = booked(
            now + timedelta(minutes=8), organisation=organisation, relay=relay
        )
        for state in (State.ARRIVED, State.CALLING, *states):
            move(session, appointment, state, actor="dispatcher", at=now)
        session.flush()
        return appointment

    return call


def note(session, appointment, now, outcome=Outcome.RESOLVED, words="Vu.", version=0):
    conclude(
        session, appointment, outcome, words, version=version, actor=ACTOR, now=now
    )
    session.flush()


def hours_of(session, counter_id=1, **values):
    usual = {
        "opens_minute": 9 * 60,
        "closes_minute": 10 * 60,
        "first_day": date(2026, 1, 1),
        "weekdays": 0b0011111,
    }
    session.add(Opening(counter_id=counter_id, **usual | values))
    session.flush()


def test_who_looked_at_an_older_note_does_not_write_over_it(
    session, called, now
) -> None:
    appointment = called(State.IN_CALL)
    assert ending_of(session, appointment.id) == Ending()
    note(session, appointment, now, words="Premier")
    with pytest.raises(NotedMeanwhile):
        note(session, appointment, now, words="Second")
    # What is sent twice is written once.
    note(session, appointment, now, words="Premier")
    note(session, appointment, now, Outcome.OTHER, "Second", version=1)
    written = ending_of(session, appointment.id)
    assert (written.outcome, written.note, written.version, written.noted_by) == (
        Outcome.OTHER,
        "Second",
        2,
        ACTOR,
    )
    details = session.scalars(
        select(JournalEntry.detail).where(JournalEntry.act == "outcome_noted")
    ).all()
    # The journal keeps what came of it, never the words.
    assert details == ["resolved", "other"]


@pytest.mark.parametrize("states", [(), (State.UNREACHABLE,)])
def test_nothing_came_of_whom_nobody_spoke_to(session, called, now, states) -> None:
    appointment = called(*states)
    with pytest.raises(NothingToConclude):
        note(session, appointment, now)


def test_a_note_has_a_longest_length(session, called, now) -> None:
    appointment = called(State.IN_CALL)
    with pytest.raises(ValueError, match="longer than"):
        note(session, appointment, now, words="n" * (NOTE_LENGTH + 1))
    note(session, appointment, now, words="n" * NOTE_LENGTH)


def test_the_note_is_forgotten_with_the_name_and_the_outcome_stays(
    session, called, now
) -> None:
    old, young = (
        called(State.IN_CALL, State.DONE),
        called(State.IN_CALL, State.DONE, relay="guise"),
    )
    for each in (old, young):
        note(session, each, now)
    old.starts_at -= 400 * A_DAY
    old.ends_at -= 400 * A_DAY
    session.flush()
    prune(session, 365, now)
    session.expire_all()
    assert session.get(Conclusion, old.id).note == ""
    assert session.get(Conclusion, old.id).outcome == Outcome.RESOLVED
    assert session.get(Conclusion, young.id).note == "Vu."
    with pytest.raises(NothingToConclude):
        note(session, old, now, version=1, words="Encore")


def missed(session):
    return session.scalars(select(Appointment.id).where(is_missed())).all()


@pytest.mark.parametrize(
    "states",
    [
        (State.UNREACHABLE,),
        (State.QUEUED, State.ABANDONED),
        (State.IN_CALL, State.INTERRUPTED),
    ],
)
def test_a_missed_call_stays_until_somebody_deals_with_it(
    session, called, now, states
) -> None:
    appointment = called(*states)
    assert missed(session) == [appointment.id]
    settle_missed_call(session, appointment, ACTOR, now)
    session.flush()
    assert missed(session) == []
    # The next call that fails is another one.
    later = now + timedelta(minutes=1)
    acts.call_now(session, appointment, ACTOR, later)
    session.flush()
    assert missed(session) == []
    appointment.call_requested_at = None
    for state in (State.CALLING, State.UNREACHABLE):
        move(session, appointment, state, actor="dispatcher", at=later)
    session.flush()
    assert missed(session) == [appointment.id]
    acts.mark_no_show(session, appointment, ACTOR, later)
    session.flush()
    assert missed(session) == []
    with pytest.raises(IllegalMove):
        settle_missed_call(session, appointment, ACTOR, later)


def follow(session, appointment, starts_at, now):
    return book_follow_up(
        session, appointment, starts_at, user_id=1, actor=ACTOR, now=now
    )


def test_the_continuation_is_of_the_same_resident_relay_and_reason(
    session, called, now
) -> None:
    hours_of(session)
    appointment = called(State.IN_CALL)
    appointment.resident_id = add_resident(session, now, name="M. Dupont").id
    appointment.reason = "Dossier retraite"
    appointment.town_hall_id = 2
    session.flush()
    days, found = propose_follow_up(session, appointment, now)
    assert found.why is None
    # Today is over with the call's end; of each next day the first ones.
    assert [len(slots) for slots in days] == [2, 2, 2, 2]
    first = days[0][0].starts_at
    booked = follow(session, appointment, first, now)
    assert (
        booked.resident_id,
        booked.reason,
        booked.starts_at,
        booked.organisation_id,
        booked.kiosk.relay_id,
        booked.town_hall_id,
        booked.state,
    ) == (appointment.resident_id, "Dossier retraite", first, 1, 1, 2, State.BOOKED)
    assert following_of(session, appointment.id) is booked
    # Sent twice; and by a second tab, which asks for another hour.
    assert follow(session, appointment, first, now) is booked
    with pytest.raises(FollowedAlready) as refused:
        follow(session, appointment, days[1][0].starts_at, now)
    assert refused.value.following.id == booked.id
    # One that was cancelled makes room for another, at the same hour too.
    acts.cancel(session, booked, ACTOR, now)
    session.flush()
    assert following_of(session, appointment.id) is None
    again = follow(session, appointment, first, now)
    assert again.id != booked.id
    assert following_of(session, appointment.id) is again


def test_an_hour_that_was_taken_meanwhile_is_not_booked(session, called, now) -> None:
    hours_of(session)
    appointment = called(State.IN_CALL)
    days, _ = propose_follow_up(session, appointment, now)
    first = days[0][0].starts_at
    other = called(State.IN_CALL, relay="guise", organisation="msa")
    follow(session, other, first, now)
    session.flush()
    with pytest.raises((PlaceTaken, OutsideHours)):
        follow(session, appointment, first, now)
    assert following_of(session, appointment.id) is None


def test_without_published_hours_nothing_is_proposed(session, called, now) -> None:
    days, found = propose_follow_up(session, called(State.IN_CALL), now)
    assert (days, found.why) == ([], WhyNoSlot.NO_HOURS)


def test_nobody_follows_a_resident_who_is_forgotten(session, called, now) -> None:
    hours_of(session)
    appointment = called(State.IN_CALL, State.DONE)
    appointment.resident_name = ""
    with pytest.raises(ResidentForgotten):
        follow(session, appointment, now + A_DAY, now)


def test_what_came_before_is_told_of_this_organisation_alone(
    session, called, now
) -> None:
    resident = add_resident(session, now, name="M. Dupont")
    before = []
    for organisation in ("msa", "caf"):
        each = called(State.IN_CALL, State.DONE, organisation=organisation)
        each.resident_id = resident.id
        each.starts_at -= A_DAY
        session.execute(delete(CounterSlot))
        note(session, each, now, words=f"Note de la {organisation}")
        before.append(each)
    present = called(State.IN_CALL)
    present.resident_id = resident.id
    session.flush()
    found = history_of(session, OF_THE_MSA, present)
    assert [(each.id, each.outcome, each.note) for each in found.earlier] == [
        (before[0].id, Outcome.RESOLVED, "Note de la msa")
    ]
    assert found.more == 0
    # Somebody else's is not told, whoever asks.
    assert history_of(session, OF_THE_CAF, present).earlier == ()
    town_hall = Person(user_id=3, actor="user:3", relay_id=present.kiosk.relay_id)
    assert len(history_of(session, town_hall, present).earlier) == 1
    of_the_site = Person(user_id=4, actor="user:4")
    assert history_of(session, of_the_site, present).earlier == ()
    # Of whom no more than the name is known, a namesake's past is not told.
    present.resident_id = None
    assert history_of(session, OF_THE_MSA, present).earlier == ()


@pytest.mark.parametrize(
    ("paper", "document", "is_there"),
    [
        ("Pièce d'identité", Arrived(1, "", "identity_front"), True),
        ("Titre de séjour actuel", Arrived(1, "", "identity"), True),
        ("Relevé d'identité bancaire (RIB)", Arrived(1, "", "bank_details"), True),
        ("Relevé d'identité bancaire (RIB)", Arrived(1, "", "identity"), False),
        ("Photo d'identité", Arrived(1, "", "identity"), False),
        (
            "Justificatif de domicile de moins de 6 mois",
            Arrived(1, "", "proof_of_address"),
            True,
        ),
        ("Dernier avis d'imposition", Arrived(1, "", "tax_notice"), True),
        ("Statuts signés", Arrived(1, "STATUTS signes", ""), True),
        ("Statuts signés", Arrived(1, "Projet de statuts signés", ""), False),
        ("Statuts signés", Arrived(1, "", ""), False),
    ],
)
def test_a_paper_is_there_by_its_kind_or_its_name(paper, document, is_there) -> None:
    assert arrived_papers([paper], [document]) == [(paper, (1,) if is_there else ())]

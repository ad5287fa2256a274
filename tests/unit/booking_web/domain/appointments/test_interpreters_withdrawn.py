# SPDX-License-Identifier: AGPL-3.0-or-later
"""A service of interpreters withdraws hours: nobody loses an interpreter silently."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.hours_changes import (
    INTERPRETING,
    TouchesAppointments,
    change_hours,
    to_plan_again,
)
from booking_web.domain.appointments.interpreters import replacing
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.appointments.moving import reschedule
from booking_web.domain.appointments.refusals import PlaceTaken
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.places.choosing import Side
from booking_web.domain.places.grid import slot_of
from booking_web.domain.rights.person import Person
from booking_web.tables.appointment import Appointment, CounterSlot
from booking_web.tables.hours import Opening, RelayRules
from booking_web.tables.states import AppointmentState as State
from provisioning.database.models import Counter, Organisation
from tests.factories.orders import an_order

HOUR = timedelta(hours=1)
LSF, LSF_COUNTER, OTHERS, OTHERS_COUNTER, SPOKEN = 7, 70, 8, 80, 9
ACTOR = "user:1"
MANAGER = Person(user_id=1, actor=ACTOR, organisation_id=LSF)


def opening(counter_id: int) -> Opening:
    return Opening(
        counter_id=counter_id,
        first_day=date(2026, 1, 1),
        weekdays=0b1111111,
        opens_minute=8 * 60,
        closes_minute=18 * 60,
    )


@pytest.fixture(autouse=True)
def interpreters(session: Session) -> None:
    """Give a service of sign language that publishes hours, another one, and one that speaks."""
    kinds = {LSF: "sign", OTHERS: "sign", SPOKEN: "spoken"}
    for number, kind in kinds.items():
        session.add(
            Organisation(
                id=number,
                slug=f"service-{number}",
                name=f"{number}",
                short_name=f"{number}",
                interprets=kind,
            )
        )
    session.flush()
    for number in kinds:
        session.add(
            Counter(id=10 * number, slug=f"c{number}", name="1", organisation_id=number)
        )
    session.flush()
    session.add(opening(LSF_COUNTER))
    session.flush()


@pytest.fixture
def interpreted(session: Session, now: datetime) -> Appointment:
    """Give an appointment of the MSA at eleven with the first service."""
    order = an_order(starts_at=slot_of(now) + HOUR, interpreter=f"service-{LSF}")
    return book(session, order, now).appointment


def withdraw(session: Session, now: datetime, is_confirmed: bool = True) -> int:
    def change(changing: Session) -> None:
        changing.delete(changing.scalars(select(Opening)).first())

    return change_hours(session, MANAGER, change, now, is_confirmed=is_confirmed)


def held_of(session: Session, appointment: Appointment) -> set[int]:
    query = select(CounterSlot.counter_id)
    query = query.where(CounterSlot.appointment_id == appointment.id)
    return set(session.scalars(query))


def doubt_of(session: Session, appointment: Appointment) -> replacing.Doubt | None:
    return replacing.doubts_of(session, [appointment]).get(appointment.id)


def test_it_is_asked_first_and_then_waits_with_its_interpreter(
    session, now, interpreted
) -> None:
    savepoint = session.begin_nested()
    with pytest.raises(TouchesAppointments) as asked:
        withdraw(session, now, is_confirmed=False)
    savepoint.rollback()
    assert asked.value.touched == [interpreted.id]
    assert doubt_of(session, interpreted) is None
    assert withdraw(session, now) == 1
    assert to_plan_again(session, MANAGER, now, INTERPRETING) == [interpreted]
    # It is none that the service receives.
    assert to_plan_again(session, MANAGER, now) == []
    assert doubt_of(session, interpreted) == replacing.Doubt(f"service-{LSF}", False)
    assert LSF_COUNTER in held_of(session, interpreted)


def test_a_relay_that_is_served_no_more_is_asked_about_too(
    session, now, interpreted
) -> None:
    def change(changing: Session) -> None:
        changing.add(RelayRules(organisation_id=LSF, relay_id=1, is_served=False))

    assert change_hours(session, MANAGER, change, now, is_confirmed=True) == 1
    assert doubt_of(session, interpreted) is not None


def test_a_service_that_never_published_hours_is_asked_about_nothing(
    session, now
) -> None:
    other = Person(user_id=1, actor=ACTOR, organisation_id=OTHERS)
    start = slot_of(now) + HOUR
    order = an_order(starts_at=start, interpreter=f"service-{OTHERS}")
    interpreted = book(session, order, now).appointment
    # Nothing changes for it.
    assert change_hours(session, other, lambda _s: None, now, is_confirmed=False) == 0

    def publish_the_night(changing: Session) -> None:
        night = opening(OTHERS_COUNTER)
        night.opens_minute, night.closes_minute = 20 * 60, 22 * 60
        changing.add(night)

    # But for what it publishes for the first time and does not hold.
    assert change_hours(session, other, publish_the_night, now, is_confirmed=True) == 1
    assert doubt_of(session, interpreted) is not None


def test_hours_that_are_given_back_settle_it(session, now, interpreted) -> None:
    withdraw(session, now)
    change_hours(
        session,
        MANAGER,
        lambda changing: changing.add(opening(LSF_COUNTER)),
        now,
        is_confirmed=False,
    )
    assert doubt_of(session, interpreted) is None
    assert to_plan_again(session, MANAGER, now, INTERPRETING) == []


def test_who_comes_all_the_same_is_certain_again(session, now, interpreted) -> None:
    withdraw(session, now)
    replacing.keep(session, interpreted, ACTOR, now)
    assert doubt_of(session, interpreted) is None
    assert to_plan_again(session, MANAGER, now, INTERPRETING) == []
    assert LSF_COUNTER in held_of(session, interpreted)


def test_another_interpreter_of_the_service_goes_where_one_is_open(
    session, now, interpreted
) -> None:
    service = session.get_one(Organisation, LSF)
    withdraw(session, now)
    # Without any hours left none of its own is one.
    with pytest.raises(PlaceTaken) as refused:
        replacing.ask_another(session, interpreted, service, ACTOR, now)
    assert refused.value.taken is Side.INTERPRETER
    session.add(Counter(id=71, slug="lsf-2", name="2", organisation_id=LSF))
    session.flush()
    session.add(opening(71))
    session.flush()
    replacing.ask_another(session, interpreted, service, ACTOR, now)
    assert held_of(session, interpreted) == {interpreted.counter_id, 71}
    assert doubt_of(session, interpreted) is None


def test_who_was_given_up_is_replaced_by_another_service_of_the_same_kind(
    session, now, interpreted
) -> None:
    withdraw(session, now)
    replacing.give_up(session, interpreted, ACTOR, now)
    assert interpreted.interpreter is None
    assert held_of(session, interpreted) == {interpreted.counter_id}
    doubt = doubt_of(session, interpreted)
    assert doubt == replacing.Doubt(f"service-{LSF}", is_gone=True)
    # Neither who withdrew nor who speaks another language.
    free = replacing.others_free(session, interpreted, doubt.service)
    assert [each.id for each in free] == [OTHERS]
    replacing.ask_another(session, interpreted, free[0], ACTOR, now)
    assert held_of(session, interpreted) == {interpreted.counter_id, OTHERS_COUNTER}
    assert doubt_of(session, interpreted) is None


def test_an_interpreter_who_is_elsewhere_is_not_asked(
    session, now, interpreted
) -> None:
    withdraw(session, now)
    start = interpreted.starts_at
    order = an_order(
        token="b", relay="guise", starts_at=start, interpreter=f"service-{OTHERS}"
    )
    book(session, order, now)
    assert replacing.others_free(session, interpreted, f"service-{LSF}") == []
    with pytest.raises(PlaceTaken):
        other = session.get_one(Organisation, OTHERS)
        replacing.ask_another(session, interpreted, other, ACTOR, now)


def test_a_move_settles_what_waits_but_gives_nobody_back(
    session, now, interpreted
) -> None:
    later = {"starts_at": interpreted.starts_at + HOUR, "hours": Hours.AGREED}
    withdraw(session, now)
    reschedule(session, interpreted, **later, actor=ACTOR, now=now)
    assert doubt_of(session, interpreted) is None
    replacing.give_up(session, interpreted, ACTOR, now)
    later["starts_at"] += HOUR
    reschedule(session, interpreted, **later, actor=ACTOR, now=now)
    assert doubt_of(session, interpreted) is not None


def test_in_a_call_nothing_is_replaced(session, now, interpreted) -> None:
    for state in (State.ARRIVED, State.CALLING):
        move(session, interpreted, state, actor="dispatcher", at=now)
    for act in (
        lambda: replacing.give_up(session, interpreted, ACTOR, now),
        lambda: replacing.ask_another(
            session, interpreted, session.get_one(Organisation, OTHERS), ACTOR, now
        ),
    ):
        with pytest.raises(replacing.NothingToReplace):
            act()
    assert interpreted.interpreter_id == LSF

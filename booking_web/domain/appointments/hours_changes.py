# SPDX-License-Identifier: AGPL-3.0-or-later
"""Changes of published hours, and the appointments that they leave outside of them.

An organisation's hours hold the appointments that it receives; those of a service of
interpreters the appointments of others in which it interprets.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.appointments.interpreters import replacing
from booking_web.domain.journal.reading import last_was
from booking_web.domain.journal.telling import tell
from booking_web.domain.places.grid import slots_touched
from booking_web.domain.places.published import read_calendar
from booking_web.domain.places.slot_bits import DAY_SLOTS, slot_number
from booking_web.domain.rights.person import Person
from booking_web.tables.appointment import Appointment
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Kiosk


class TouchesAppointments(Exception):
    """The change would leave these outside of the hours; nothing was written."""

    def __init__(self, touched: Sequence[int]) -> None:
        super().__init__("appointments lie in the hours that go")
        self.touched = touched


@dataclass(frozen=True)
class Part:
    """What an organisation does in an appointment, which its hours hold."""

    counter_of: Callable[[Appointment], int | None]
    withdrawn: Act
    # The last of them tells whether it waits.
    settled: tuple[Act, ...]
    # Without any hours it is done at any hour.
    is_done_without_hours: bool = False


RECEIVING = Part(
    lambda each: each.counter_id,
    Act.HOURS_WITHDRAWN,
    (Act.HOURS_WITHDRAWN, Act.KEPT_OUTSIDE_HOURS),
)
INTERPRETING = Part(
    lambda each: each.interpreter_counter_id,
    Act.INTERPRETER_HOURS_WITHDRAWN,
    replacing.SETTLED,
    is_done_without_hours=True,
)
PARTS = (RECEIVING, INTERPRETING)


def change_hours(
    session: Session,
    acting: Person,
    change: Callable[[Session], None],
    now: datetime,
    *,
    is_confirmed: bool,
) -> int:
    """Make the change and give how many appointments now wait to be planned again.

    Raises TouchesAppointments where there are some and the manager has not confirmed.
    """
    to_come = {
        part: list(session.scalars(_query_to_come(acting, part, now))) for part in PARTS
    }
    had_hours = _has_hours(session, acting, now)
    inside = {
        part: inside_hours(session, acting, each, now, part, not had_hours)
        for part, each in to_come.items()
    }
    # What waits already is not asked about once more.
    waiting = _withdrawn(session, acting, INTERPRETING, now)
    inside[INTERPRETING] -= {each.id for each in waiting}
    change(session)
    session.flush()
    # Whose last hours go has not opened at any hour by it.
    is_open = not had_hours and not _has_hours(session, acting, now)
    touched: list[tuple[Part, Appointment]] = []
    for part, appointments in to_come.items():
        after = inside_hours(session, acting, appointments, now, part, is_open)
        gone = inside[part] - after
        touched += [(part, each) for each in appointments if each.id in gone]
    for each in _given_back(session, acting, now):
        replacing.keep(session, each, acting.actor, now)
    if touched and not is_confirmed:
        raise TouchesAppointments([each.id for _, each in touched])
    for part, each in touched:
        interpreter = each.interpreter if part is INTERPRETING else None
        detail = interpreter.slug if interpreter is not None else ""
        tell(session, part.withdrawn, each, actor=acting.actor, at=now, detail=detail)
    return len(touched)


def to_plan_again(
    session: Session, acting: Person, now: datetime, part: Part = RECEIVING
) -> list[Appointment]:
    """List, in order of time, the appointments whose hours were withdrawn."""
    appointments = _withdrawn(session, acting, part, now)
    inside = inside_hours(session, acting, appointments, now, part)
    return [each for each in appointments if each.id not in inside]


def inside_hours(
    session: Session,
    acting: Person,
    appointments: Sequence[Appointment],
    now: datetime,
    part: Part = RECEIVING,
    is_open: bool = False,
) -> set[int]:
    """Give those that lie wholly within the hours of their counter, for their relay.

    With `is_open` no hours are published: what is done without any lies within them.
    """
    if not appointments:
        return set()
    if is_open and part.is_done_without_hours:
        return {each.id for each in appointments}
    organisation = acting.organisation(session)
    calendar = read_calendar(session, organisation, now.date())
    first = slot_number(appointments[0].starts_at)
    last = max(slot_number(each.ends_at) for each in appointments)
    hours = calendar.open_slots(first, last + DAY_SLOTS)
    inside = set()
    for each in appointments:
        relay_id = each.kiosk.relay_id
        touched = slots_touched(each.starts_at, each.ends_at)
        wanted = ((1 << len(touched)) - 1) << (slot_number(each.starts_at) - first)
        of_counter = hours.get(part.counter_of(each) or 0)
        if of_counter is None or relay_id in calendar.unserved_relays:
            continue
        if of_counter.open_to(relay_id).open & wanted == wanted:
            inside.add(each.id)
    return inside


def _given_back(session: Session, acting: Person, now: datetime) -> list[Appointment]:
    """List those that waited and lie within the hours again: who booked is to know it."""
    waiting = _withdrawn(session, acting, INTERPRETING, now)
    inside = inside_hours(session, acting, waiting, now, INTERPRETING)
    return [each for each in waiting if each.id in inside]


def _has_hours(session: Session, acting: Person, now: datetime) -> bool:
    return read_calendar(session, acting.organisation(session), now.date()).has_hours


def _withdrawn(
    session: Session, acting: Person, part: Part, now: datetime
) -> list[Appointment]:
    is_withdrawn = last_was(part.withdrawn, among=part.settled)
    query = _query_to_come(acting, part, now).where(is_withdrawn)
    return list(session.scalars(query))


def _query_to_come(acting: Person, part: Part, now: datetime) -> Select[Appointment]:
    started = (
        acting.interpretations()
        if part is INTERPRETING
        else select(Appointment).where(
            Appointment.organisation_id == acting.own_organisation_id
        )
    )
    return (
        started.where(
            Appointment.starts_at > now,
            Appointment.state == AppointmentState.BOOKED,
        )
        .options(joinedload(Appointment.kiosk).joinedload(Kiosk.relay))
        .order_by(Appointment.starts_at, Appointment.id)
    )

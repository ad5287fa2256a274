# SPDX-License-Identifier: AGPL-3.0-or-later
"""When a counter of a service of interpreters is open and free, and which is taken.

A service that publishes no hours interprets at any hour at which one of its counters is free.
Its own number of appointments a day and its step from start to start count for nothing here:
its interpreters join the appointments of others.
"""

from datetime import datetime
from functools import reduce
from operator import or_
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.places.choosing import Held, free_among
from booking_web.domain.places.grid import slots_touched
from booking_web.domain.places.held_bits import held_by_appointment
from booking_web.domain.places.held_bits import held_by_counters as held_days
from booking_web.domain.places.held_slots import held_by_counters
from booking_web.domain.places.published import Calendar, read_calendar
from booking_web.domain.places.slot_bits import runs, slot_number, span
from booking_web.tables.appointment import Appointment
from provisioning.database.models import Counter, Organisation


class InterpretersFree:
    """The starts at which an interpreter of one service could be there all the time."""

    def __init__(
        self,
        session: Session,
        interpreter_id: int,
        slots: int,
        after: datetime,
        besides: int | None,
    ) -> None:
        organisation = session.get_one(Organisation, interpreter_id)
        since = after.astimezone(ZoneInfo(organisation.time_zone)).date()
        self._session = session
        self._organisation_id = interpreter_id
        self._slots = slots
        self.calendar: Calendar = read_calendar(session, organisation, since)
        self._counters = list(
            session.scalars(
                select(Counter.id).where(Counter.organisation_id == interpreter_id)
            )
        )
        self._own: dict[int, list[int]] = {}
        if besides is not None:
            _, self._own = held_by_appointment(session, besides)

    def starts(self, first: int, end: int, relay_ids: list[int]) -> dict[int, int]:
        """Give, by relay, the bits from `first` on; both bounds are whole UTC days."""
        held = held_days(self._session, self._organisation_id, first, end)
        for counter, slots in self._own.items():
            for slot in slots:
                if counter in held and first <= slot < end:
                    held[counter] &= ~(1 << (slot - first))
        whole = span(0, end - first)
        hours = (
            self.calendar.open_slots(first, end) if self.calendar.has_hours else None
        )

        def starts_for(relay_id: int) -> int:
            if relay_id in self.calendar.unserved_relays:
                return 0
            found = (
                runs(
                    (whole if hours is None else hours[counter].open_to(relay_id).open)
                    & ~held.get(counter, 0),
                    self._slots,
                )
                for counter in self._counters
                if hours is None or counter in hours
            )
            return reduce(or_, found, 0)

        return {relay_id: starts_for(relay_id) for relay_id in relay_ids}


def free_interpreter(
    session: Session,
    interpreter_id: int,
    relay_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    moved: tuple[int, int | None] | None = None,
) -> int | None:
    """Give a free counter of the service for this stretch, one that is open if there is.

    `moved` is an appointment's number with the counter that it has: its own slots do not
    count, and it keeps the counter where it can. What is given is the caller's alone until
    their transaction ends.
    """
    besides, own = moved if moved is not None else (None, None)
    held = held_by_counters(
        session, interpreter_id, starts_at, besides, until=ends_at, to_choose=True
    )
    opened = _open_among(session, interpreter_id, relay_id, starts_at, ends_at, held)
    turn = sorted(held, key=lambda counter: (counter not in opened, counter != own))
    in_turn = {counter: held[counter] for counter in turn}
    return free_among(in_turn, slots_touched(starts_at, ends_at))


def open_interpreter(
    session: Session,
    interpreter_id: int,
    appointment: Appointment,
    *,
    needs_hours: bool,
    to_choose: bool = False,
) -> int | None:
    """Give a counter of the service that is open and free all through the appointment.

    With `needs_hours` one of a service that publishes none is not: it may have withdrawn them.
    With `to_choose` it is the caller's alone until their transaction ends.
    """
    starts_at, ends_at = appointment.starts_at, appointment.ends_at
    held = held_by_counters(
        session,
        interpreter_id,
        starts_at,
        appointment.id,
        until=ends_at,
        to_choose=to_choose,
    )
    relay_id = appointment.kiosk.relay_id
    opened = _open_among(
        session,
        interpreter_id,
        relay_id,
        starts_at,
        ends_at,
        held,
        needs_hours=needs_hours,
    )
    among = {counter: held[counter] for counter in held if counter in opened}
    return free_among(among, slots_touched(starts_at, ends_at))


def _open_among(
    session: Session,
    interpreter_id: int,
    relay_id: int,
    starts_at: datetime,
    ends_at: datetime,
    held: Held,
    *,
    needs_hours: bool = False,
) -> set[int]:
    """Give the counters that publish the whole stretch; all, where no hours are published."""
    organisation = session.get_one(Organisation, interpreter_id)
    since = starts_at.astimezone(ZoneInfo(organisation.time_zone)).date()
    calendar = read_calendar(session, organisation, since)
    if not calendar.has_hours:
        return set() if needs_hours else set(held)
    if relay_id in calendar.unserved_relays:
        return set()
    touched = slots_touched(starts_at, ends_at)
    first = slot_number(touched[0])
    wanted = (1 << len(touched)) - 1
    return {
        counter
        for counter, hours in calendar.open_slots(first, first + len(touched)).items()
        if hours.open_to(relay_id).open & wanted == wanted
    }

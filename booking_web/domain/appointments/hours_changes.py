# SPDX-License-Identifier: AGPL-3.0-or-later
"""Changes of published hours, and the appointments that they leave outside of them."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

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
    appointments = _to_come(session, acting.own_organisation_id, now)
    inside = inside_hours(session, acting, appointments, now)
    change(session)
    session.flush()
    still_inside = inside_hours(session, acting, appointments, now)
    touched = [each for each in appointments if each.id in inside - still_inside]
    if touched and not is_confirmed:
        raise TouchesAppointments([each.id for each in touched])
    for each in touched:
        tell(session, Act.HOURS_WITHDRAWN, each, actor=acting.actor, at=now)
    return len(touched)


def to_plan_again(session: Session, acting: Person, now: datetime) -> list[Appointment]:
    """List, in order of time, the appointments whose hours were withdrawn."""
    settled = (Act.HOURS_WITHDRAWN, Act.KEPT_OUTSIDE_HOURS)
    is_withdrawn = last_was(Act.HOURS_WITHDRAWN, among=settled)
    query = _query_to_come(acting.own_organisation_id, now).where(is_withdrawn)
    appointments = list(session.scalars(query))
    inside = inside_hours(session, acting, appointments, now)
    return [each for each in appointments if each.id not in inside]


def inside_hours(
    session: Session,
    acting: Person,
    appointments: Sequence[Appointment],
    now: datetime,
) -> set[int]:
    """Give those that lie wholly within the hours of their counter, for their relay."""
    if not appointments:
        return set()
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
        of_counter = hours.get(each.counter_id)
        if of_counter is None or relay_id in calendar.unserved_relays:
            continue
        if of_counter.open_to(relay_id).open & wanted == wanted:
            inside.add(each.id)
    return inside


def _to_come(
    session: Session, organisation_id: int, now: datetime
) -> list[Appointment]:
    return list(session.scalars(_query_to_come(organisation_id, now)))


def _query_to_come(organisation_id: int, now: datetime) -> Select[Appointment]:
    return (
        select(Appointment)
        .where(
            Appointment.organisation_id == organisation_id,
            Appointment.starts_at > now,
            Appointment.state == AppointmentState.BOOKED,
        )
        .options(joinedload(Appointment.kiosk).joinedload(Kiosk.relay))
        .order_by(Appointment.starts_at, Appointment.id)
    )

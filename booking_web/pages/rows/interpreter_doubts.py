# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the rows of appointments say where it is not certain that their interpreter comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session, joinedload

from booking_web.base.local_time import local_day
from booking_web.domain.appointments.interpreters.replacing import (
    Doubt,
    doubts_of,
    in_doubt,
    others_free,
)
from booking_web.domain.appointments.interpreters.services import (
    interpreting_organisations,
)
from booking_web.domain.rights.person import Person
from booking_web.tables.appointment import Appointment
from booking_web.words.interpreters import doubt_sentence
from provisioning.database.models import Kiosk


@dataclass(frozen=True)
class InterpreterDoubt:
    """Why the interpreter is not certain, and who else could come: slug and name."""

    said: str
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DoubtfulAppointment:
    """One to come whose interpreter is not certain, as a page of any day names it."""

    appointment_id: int
    resident_name: str
    organisation: str
    starts_at: datetime
    zone: ZoneInfo
    day: date
    # Of its relay.
    said: str


def interpreter_doubts(
    session: Session, appointments: Sequence[Appointment], *, with_others: bool = False
) -> dict[int, InterpreterDoubt]:
    """Put into words, by number, what is not certain; `with_others` looks who is free."""
    doubts = doubts_of(session, appointments)
    return {
        each.id: InterpreterDoubt(
            doubt_sentence(doubts[each.id]),
            _others(session, each, doubts[each.id]) if with_others else (),
        )
        for each in appointments
        if each.id in doubts
    }


def doubtful_to_come(
    session: Session, viewer: Person, now: datetime
) -> list[DoubtfulAppointment]:
    """List, in order of time, those to come of which the viewer's town hall has to know."""
    if not interpreting_organisations(session):
        return []
    query = (
        in_doubt(viewer.appointments(), now)
        .options(
            joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
            joinedload(Appointment.organisation),
        )
        .order_by(Appointment.starts_at, Appointment.id)
    )
    appointments = session.scalars(query).all()
    doubts = doubts_of(session, appointments)
    return [
        _doubtful(each, doubts[each.id]) for each in appointments if each.id in doubts
    ]


def _doubtful(appointment: Appointment, doubt: Doubt) -> DoubtfulAppointment:
    relay = appointment.kiosk.relay
    zone = ZoneInfo(relay.time_zone)
    return DoubtfulAppointment(
        appointment.id,
        appointment.resident_name,
        appointment.organisation.short_name,
        appointment.starts_at,
        zone,
        local_day(appointment.starts_at, zone),
        doubt_sentence(doubt),
    )


def _others(
    session: Session, appointment: Appointment, doubt: Doubt
) -> tuple[tuple[str, str], ...]:
    return tuple(
        (each.slug, each.short_name)
        for each in others_free(session, appointment, doubt.service)
    )

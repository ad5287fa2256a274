# SPDX-License-Identifier: AGPL-3.0-or-later
"""Appointments that were booked with a name alone: found, and tied to whom they are of.

Nothing but a person can tell whose they are: two people may have one name. What was tied so can
be untied; what a town hall booked for an entry of its register cannot.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload

from booking_web.base.local_time import local_day
from booking_web.domain.journal.searching import resident_and_doubles
from booking_web.domain.journal.telling import tell
from booking_web.domain.residents.names import matches, search_key, spellings
from booking_web.domain.residents.register import create_resident
from booking_web.tables.appointment import Appointment, JournalEntry, Resident
from booking_web.tables.conclusions import Conclusion
from booking_web.tables.journal_acts import Act
from booking_web.tables.postal_address import AppointmentAddress
from provisioning.database.models import Kiosk

SHOWN = 50
DAY = timedelta(days=1)
# Of which there may be appointments.
YEARS = range(2000, 2200)
# Of a number as it is typed: what is before them is written in several ways.
_LAST_DIGITS = 9
FEWEST_DIGITS = 4
_IS_LOOSE = (Appointment.resident_id.is_(None), Appointment.resident_name != "")
_PLACES = (
    joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
    joinedload(Appointment.organisation),
    joinedload(Appointment.visit_reason),
)


class NotLoose(LookupError):
    """One of them is not there, or is somebody's by now."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """By what they are looked for: all that is given must fit."""

    name: str = ""
    # As typed; looked for in what was written about the appointment.
    telephone: str = ""
    # At the relay.
    day: date | None = None

    @property
    def digits(self) -> str:
        """Give the digits by which a number is known, however it is written."""
        digits = "".join(each for each in self.telephone if each.isdecimal())
        return digits[-_LAST_DIGITS:]

    @property
    def is_anything(self) -> bool:
        """Tell whether there is something to look for."""
        has_number = len(self.digits) >= FEWEST_DIGITS
        return bool(spellings(self.name)[0]) or has_number or self.day is not None


@dataclass(frozen=True)
class Loose:
    """An appointment that is tied to nobody, and what was written with it."""

    appointment: Appointment
    address: AppointmentAddress | None


def loose_appointments(session: Session, wanted: Wanted) -> list[Loose]:
    """List them, the latest first, `SHOWN` at most; none where nothing is looked for."""
    if not wanted.is_anything:
        return []
    query = select(Appointment, AppointmentAddress, Conclusion.note).where(*_IS_LOOSE)
    if wanted.day is not None:
        if wanted.day.year not in YEARS:
            return []
        # A day of a relay, wherever it is.
        noon = datetime.combine(wanted.day, time(12), UTC)
        query = query.where(
            Appointment.starts_at.between(noon - 2 * DAY, noon + 2 * DAY)
        )
    query = (
        query.outerjoin(
            AppointmentAddress, AppointmentAddress.appointment_id == Appointment.id
        )
        .outerjoin(Conclusion, Conclusion.appointment_id == Appointment.id)
        .options(*_PLACES)
        .order_by(Appointment.starts_at.desc(), Appointment.id.desc())
    )
    found = [
        Loose(appointment, address)
        for appointment, address, note in session.execute(query)
        if _fits(appointment, note or "", wanted)
    ]
    return found[:SHOWN]


def tie(
    session: Session,
    numbers: Collection[int],
    resident: Resident,
    actor: str,
    now: datetime,
) -> None:
    """Have these appointments be the resident's; raises NotLoose, and then none is."""
    for each in _to_change(session, numbers):
        each.resident_id = resident.id
        resident.seen_at = max(resident.seen_at, each.starts_at)
        detail = f"resident {resident.id}"
        tell(session, Act.APPOINTMENT_TIED, each, actor=actor, at=now, detail=detail)


def tie_to_new(
    session: Session, numbers: Collection[int], user_id: int, now: datetime
) -> Resident:
    """Open an entry for whom they are of, at the first one's relay; raises NotLoose."""
    first = _to_change(session, numbers)[0]
    relay_id = first.kiosk.relay_id
    resident = create_resident(session, relay_id, first.resident_name, user_id, now)
    # It is kept for as long as its appointments, and not from today on.
    resident.seen_at = first.starts_at
    tie(session, numbers, resident, f"user:{user_id}", now)
    return resident


def tied_appointments(session: Session, resident_id: int) -> Sequence[Appointment]:
    """List the resident's appointments that were tied so, the latest first."""
    was_tied = exists().where(
        JournalEntry.appointment_id == Appointment.id,
        JournalEntry.act == Act.APPOINTMENT_TIED,
    )
    query = (
        select(Appointment)
        .where(
            Appointment.resident_id.in_(resident_and_doubles(session, resident_id)),
            was_tied,
        )
        .options(*_PLACES)
        .order_by(Appointment.starts_at.desc(), Appointment.id.desc())
    )
    return session.scalars(query).all()


def untie(
    session: Session, resident_id: int, number: int, actor: str, now: datetime
) -> None:
    """Have the appointment be nobody's again; raises NotLoose where it was not tied so."""
    tied = {each.id: each for each in tied_appointments(session, resident_id)}
    if number not in tied:
        raise NotLoose(str(number))
    tied[number].resident_id = None
    act, detail = Act.APPOINTMENT_UNTIED, f"resident {resident_id}"
    tell(session, act, tied[number], actor=actor, at=now, detail=detail)


def _to_change(session: Session, numbers: Collection[int]) -> Sequence[Appointment]:
    wanted = set(numbers)
    found = session.scalars(
        select(Appointment)
        .where(Appointment.id.in_(wanted), *_IS_LOOSE)
        .order_by(Appointment.starts_at, Appointment.id)
        .with_for_update(of=Appointment)
    ).all()
    if not wanted or len(found) != len(wanted):
        raise NotLoose(", ".join(map(str, sorted(wanted))))
    return found


def _fits(appointment: Appointment, note: str, wanted: Wanted) -> bool:
    if wanted.day is not None:
        zone = ZoneInfo(appointment.kiosk.relay.time_zone)
        if local_day(appointment.starts_at, zone) != wanted.day:
            return False
    ways = spellings(wanted.name)
    if ways[0]:
        key = search_key(appointment.resident_name)
        if not any(matches(way, key) for way in ways):
            return False
    if len(wanted.digits) < FEWEST_DIGITS:
        return True
    written = f"{appointment.resident_name} {appointment.reason} {note}"
    return wanted.digits in "".join(each for each in written if each.isdecimal())

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What changes by the clock alone, looked for once for all pages.

Nobody writes it down: an hour that has begun, a place that is kept no longer, a kiosk, its
second screen or a dispatcher that has fallen silent.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.line.keeping import Keeping, is_kept_no_longer
from booking_web.domain.journal.live_events import Change
from booking_web.domain.kiosks.screen_content import IN_SIGHT_FOR
from booking_web.domain.kiosks.watch import is_watched
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import KioskDevices, KioskScreen
from booking_web.tables.live_kind import Kind
from booking_web.tables.states import AppointmentState
from provisioning.database.engine import Database

# As the pages have it: kiosks tell of their devices about every half-minute.
DEVICES_SILENT_AFTER = timedelta(minutes=2)
# Who reads that nobody sees the sheet any more asks by another machine's clock.
SIGHT_LAPSES_AFTER = IN_SIGHT_FOR + timedelta(seconds=0.2)
# An hour that began longer ago is no news on any page.
NEWS_FOR = timedelta(days=1)

# What is true now: a word, the appointment or None, the kiosk or None.
Fact = tuple[str, int | None, int | None]


class Clock:
    """Compares what is true now with what was true the last time."""

    def __init__(self, database: Database, keeping: Keeping) -> None:
        self._database = database
        self._keeping = keeping
        self._known: dict[Fact, Change] | None = None

    def advance(self, now: datetime) -> list[Change]:
        """Give a change without a number for each thing that has begun or ended since."""
        with self._database.read() as session:
            found = {
                _fact(word, change): change
                for word, change in self._true_at(session, now)
            }
        before, self._known = self._known, found
        if before is None:
            return []
        differing = before.keys() ^ found.keys()
        return [
            (found.get(fact) or before[fact]) for fact in sorted(differing, key=str)
        ]

    def _true_at(self, session: Session, now: datetime) -> list[tuple[str, Change]]:
        is_recent = Appointment.starts_at > now - NEWS_FOR
        begun = (Appointment.state == AppointmentState.BOOKED) & (
            Appointment.starts_at <= now
        )
        let_go = is_kept_no_longer(now, self._keeping)
        found = [
            (word, _of_appointment(each, now))
            for word, condition in (("begun", begun), ("let go", let_go))
            for each in session.scalars(select(Appointment).where(is_recent, condition))
        ]
        found += [
            (word, _of_appointment(each, now))
            for word, condition in (
                ("screen silent", _is_silent(now)),
                ("sheet not seen", KioskScreen.seen_at <= now - SIGHT_LAPSES_AFTER),
            )
            for each in session.scalars(_IN_CALL.where(condition))
        ]
        silent = select(KioskDevices.kiosk_id).where(
            KioskDevices.heard_at < now - DEVICES_SILENT_AFTER
        )
        found += [
            ("silent", _of_kiosk(kiosk_id, now)) for kiosk_id in session.scalars(silent)
        ]
        if is_watched(session, now):
            found.append(("watched", _of_kiosk(None, now)))
        return found


_IN_CALL = (
    select(Appointment)
    .outerjoin(
        KioskScreen,
        (KioskScreen.kiosk_id == Appointment.kiosk_id)
        & (KioskScreen.appointment_id == Appointment.id)
        & (KioskScreen.attempt == Appointment.attempt),
    )
    .where(Appointment.state == AppointmentState.IN_CALL)
)


def _is_silent(now: datetime) -> ColumnElement[bool]:
    """Hold for a call whose second screen has not told for long that people see it."""
    last = now - SIGHT_LAPSES_AFTER
    has_never_told = KioskScreen.told_at.is_(None) & (Appointment.state_since <= last)
    return (KioskScreen.told_at <= last) | has_never_told


def _fact(word: str, change: Change) -> Fact:
    return word, change.appointment_id, change.kiosk_id


def _of_appointment(appointment: Appointment, now: datetime) -> Change:
    return Change(
        id=0,
        kiosk_id=appointment.kiosk_id,
        appointment_id=appointment.id,
        state=AppointmentState(appointment.state),
        at=now,
        kind=Kind.CLOCK,
        organisation_id=appointment.organisation_id,
        booked_at=appointment.town_hall_id,
    )


def _of_kiosk(kiosk_id: int | None, now: datetime) -> Change:
    return Change(0, kiosk_id, None, None, now, Kind.CLOCK)

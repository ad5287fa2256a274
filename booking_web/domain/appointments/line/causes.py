# SPDX-License-Identifier: AGPL-3.0-or-later
"""Why somebody who comes without an appointment is not called at once, and until when.

The same rules as in `calling`, asked for their reason: what is told here is what keeps the
dispatcher from calling.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.line.keeping import (
    Held,
    HeldForTheLine,
    Keeping,
    held_for_the_line,
    is_kept_no_longer,
    kept_until,
)
from booking_web.domain.duty.there import is_at_their_place
from booking_web.domain.kiosks.watch import is_watched, kiosks_switched_off
from booking_web.domain.kiosks.wipes import kiosks_not_wiped
from booking_web.domain.places.choosing import free_among
from booking_web.domain.places.grid import SLOT, slot_of, slots_touched
from booking_web.tables.appointment import Appointment, CounterSlot, KioskSlot
from booking_web.tables.presence import EndpointPresence
from booking_web.tables.states import CALLABLE_AGAIN, ON_THE_LINE
from provisioning.database.models import Counsellor, Kiosk

# Beyond this, the answer is another day and not an hour of waiting.
LONGEST_LOOK = timedelta(hours=6)


class Cause(StrEnum):
    """What stands in the way."""

    KIOSK_OFF = "kiosk_off"
    # Something of the last appointment may be left there.
    KIOSK_NOT_WIPED = "kiosk_not_wiped"
    NOBODY_CALLS = "nobody_calls"
    KIOSK_IN_CALL = "kiosk_in_call"
    KIOSK_KEPT = "kiosk_kept"
    KIOSK_BOOKED = "kiosk_booked"
    COUNTERS_IN_CALL = "counters_in_call"
    COUNTERS_KEPT = "counters_kept"
    COUNTERS_BOOKED = "counters_booked"
    # The kiosk is called all the same, and nobody will answer.
    NO_COUNSELLOR = "no_counsellor"


@dataclass(frozen=True)
class Hindrance:
    """A cause; each time is None where there is none, or nobody knows it."""

    cause: Cause
    # The hour that somebody booked and that is to come.
    begins_at: datetime | None = None
    # Until when a place is kept.
    ends_at: datetime | None = None
    # The earliest hour at which the call can be made.
    call_at: datetime | None = None

    @property
    def has_no_end_in_sight(self) -> bool:
        """Tell whether somebody must do something before any call."""
        return self.cause in (
            Cause.KIOSK_OFF,
            Cause.KIOSK_NOT_WIPED,
            Cause.NOBODY_CALLS,
        )


_KIOSK = (Cause.KIOSK_IN_CALL, Cause.KIOSK_KEPT, Cause.KIOSK_BOOKED)
_COUNTERS = (Cause.COUNTERS_IN_CALL, Cause.COUNTERS_KEPT, Cause.COUNTERS_BOOKED)


def hindrance(
    session: Session,
    organisation_id: int,
    relay_id: int,
    length: timedelta,
    now: datetime,
    keeping: Keeping,
) -> Hindrance | None:
    """Tell what keeps a resident at the relay from a call now; None: nothing does."""
    kiosk_ids = session.scalars(
        select(Kiosk.id).where(Kiosk.relay_id == relay_id).order_by(Kiosk.id)
    ).all()
    if not is_watched(session, now):
        return Hindrance(Cause.NOBODY_CALLS)
    off = kiosks_switched_off(session, kiosk_ids, now)
    usable = [kiosk_id for kiosk_id in kiosk_ids if kiosk_id not in off]
    if not usable:
        return Hindrance(Cause.KIOSK_OFF)
    not_wiped = kiosks_not_wiped(session, usable, now)
    usable = [kiosk_id for kiosk_id in usable if kiosk_id not in not_wiped]
    if not usable:
        return Hindrance(Cause.KIOSK_NOT_WIPED)
    held = held_for_the_line(session, usable, organisation_id, now, keeping)
    wanted = slots_touched(slot_of(now), slot_of(now) + length)
    sides: tuple[tuple[Held, type[KioskSlot] | type[CounterSlot]], ...] = (
        (held.kiosks, KioskSlot),
        (held.counters, CounterSlot),
    )
    for owners, table in sides:
        if free_among(owners, wanted) is None:
            found = _by_whom(session, owners, table, wanted, now, keeping)
            since = found.ends_at or now
            then = held_for_the_line(session, usable, organisation_id, since, keeping)
            return replace(found, call_at=free_from(then, length, since))
    if not _counsellors_there(session, organisation_id):
        return Hindrance(Cause.NO_COUNSELLOR)
    return None


def free_from(
    held: HeldForTheLine, length: timedelta, now: datetime
) -> datetime | None:
    """Give when a kiosk and a counter are both free for the length; None: not today."""
    start = slot_of(now)
    while start < now + LONGEST_LOOK:
        wanted = slots_touched(start, start + length)
        if all(
            free_among(owners, wanted) is not None
            for owners in (held.kiosks, held.counters)
        ):
            return max(start, now)
        start += SLOT
    return None


def _by_whom(
    session: Session,
    owners: Iterable[int],
    table: type[KioskSlot] | type[CounterSlot],
    wanted: list[datetime],
    now: datetime,
    keeping: Keeping,
) -> Hindrance:
    """Find the appointment that stands in the way first, and what it does there."""
    is_kiosk = table is KioskSlot
    in_call, kept, booked = _KIOSK if is_kiosk else _COUNTERS
    owner = Appointment.kiosk_id if is_kiosk else Appointment.counter_id
    holders = select(table.appointment_id).where(table.starts_at.in_(wanted))
    # A call that runs over its time holds the kiosk without any slot.
    over = Appointment.state.in_(ON_THE_LINE) if is_kiosk else Appointment.id.is_(None)
    first = session.scalars(
        select(Appointment)
        .where(
            owner.in_(list(owners)),
            or_(Appointment.id.in_(holders), over),
            ~is_kept_no_longer(now, keeping),
        )
        .order_by(
            Appointment.state.in_(ON_THE_LINE).desc(),
            Appointment.starts_at,
            Appointment.id,
        )
    ).first()
    if first is None:
        return Hindrance(booked)
    if first.state in ON_THE_LINE:
        return Hindrance(in_call)
    until = kept_until(first, keeping)
    has_begun = first.state in CALLABLE_AGAIN or first.starts_at <= now
    if until is not None and has_begun:
        return Hindrance(kept, ends_at=until)
    return Hindrance(booked, first.starts_at if first.starts_at > now else None)


def _counsellors_there(session: Session, organisation_id: int) -> int:
    there = session.scalar(
        select(func.count())
        .select_from(EndpointPresence)
        .join(Counsellor, Counsellor.slug == EndpointPresence.slug)
        .where(
            is_at_their_place(),
            Counsellor.organisation_id == organisation_id,
        )
    )
    return there or 0

# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long somebody waits in an organisation's line, from what its calls took lately.

An estimate is given only where there is something to found it on.
"""

import heapq
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.lengths import length_of
from booking_web.domain.appointments.line.causes import free_from
from booking_web.domain.appointments.line.keeping import Keeping, held_for_the_line
from booking_web.domain.appointments.line.waiting import before, waiting_in_line
from booking_web.domain.duty.there import is_at_their_place
from booking_web.domain.kiosks.watch import is_watched
from booking_web.domain.places.grid import SLOT
from booking_web.tables.appointment import Appointment, Period
from booking_web.tables.presence import EndpointPresence
from booking_web.tables.states import AppointmentState, PeriodKind
from provisioning.database.models import Counsellor, Counter, Kiosk, Organisation

# The last calls that count, and how many there must be to say anything.
CALLS_COUNTED = 30
CALLS_NEEDED = 3
CALLS_WITHIN = timedelta(days=90)
# A call shorter than this was none: nobody there, or a try.
SHORTEST_CALL = timedelta(minutes=1)


@dataclass(frozen=True)
class LinePlace:
    """Where somebody stands, from 1, and how long they wait; None: nothing is known."""

    position: int
    wait: timedelta | None


def place_in_line(
    session: Session,
    organisation_id: int,
    now: datetime,
    *,
    appointment: Appointment | None = None,
    relay_id: int | None = None,
    keeping: Keeping = Keeping(),
) -> LinePlace:
    """Tell the place of one who waits, or that of the next one to come.

    With a relay the hours at which its kiosk is held count too; that of the appointment
    is known.
    """
    ahead = session.scalar(
        select(func.count())
        .select_from(Appointment)
        .where(
            waiting_in_line(now),
            Appointment.organisation_id == organisation_id,
            *before(appointment),
        )
    )
    position = (ahead or 0) + 1
    call = usual_call(session, organisation_id, now)
    serving = _serving(session, organisation_id, now)
    if call is None or not serving:
        return LinePlace(position, None)
    busy = _left_of_calls(session, organisation_id, call, now)
    wait = wait_behind(position - 1, call, serving, busy)
    if appointment is not None:
        relay_id = appointment.kiosk.relay_id
    held = _until_free(session, organisation_id, relay_id, now, keeping)
    if held is None:
        return LinePlace(position, None)
    return LinePlace(position, max(wait, held))


def usual_call(
    session: Session, organisation_id: int, now: datetime
) -> timedelta | None:
    """Give the median length of the organisation's last calls; None where too few."""
    # By the index on organisation and start: periods have none by time.
    recent = (
        select(Appointment.id)
        .where(
            Appointment.organisation_id == organisation_id,
            Appointment.starts_at > now - CALLS_WITHIN,
            Appointment.starts_at <= now,
            Appointment.state == AppointmentState.DONE,
        )
        .order_by(Appointment.starts_at.desc())
        .limit(CALLS_COUNTED)
        .subquery()
    )
    rows = session.execute(
        select(Period.started_at, Period.ended_at)
        .join(recent, recent.c.id == Period.appointment_id)
        .outerjoin(Counsellor, Counsellor.id == Period.counsellor_id)
        .where(
            Period.kind == PeriodKind.IN_CALL,
            Period.ended_at.is_not(None),
            # Not what another one's counsellor spoke before handing it over.
            or_(Counsellor.id.is_(None), Counsellor.organisation_id == organisation_id),
        )
    )
    lengths = [
        (ended_at - started_at).total_seconds()
        for started_at, ended_at in rows
        if ended_at is not None and ended_at - started_at >= SHORTEST_CALL
    ]
    if len(lengths) < CALLS_NEEDED:
        return None
    return timedelta(seconds=statistics.median(lengths))


def wait_behind(
    ahead: int, call: timedelta, serving: int, busy: Sequence[timedelta]
) -> timedelta:
    """Tell how long it is until one is served after `ahead` others; pure.

    `serving` counsellors take one after the other, `busy` is what is left of their calls.
    """
    free_in = sorted(busy, reverse=True)[:serving]
    free_in += [timedelta(0)] * (serving - len(free_in))
    heapq.heapify(free_in)
    for _ in range(ahead):
        heapq.heapreplace(free_in, free_in[0] + call)
    return free_in[0]


def _serving(session: Session, organisation_id: int, now: datetime) -> int:
    """Count the counsellors who are there; where nobody knows, the counters."""
    counters = session.scalar(
        select(func.count())
        .select_from(Counter)
        .where(Counter.organisation_id == organisation_id)
    )
    if not is_watched(session, now):
        return counters or 0
    there = session.scalar(
        select(func.count())
        .select_from(EndpointPresence)
        .join(Counsellor, Counsellor.slug == EndpointPresence.slug)
        .where(
            is_at_their_place(),
            Counsellor.organisation_id == organisation_id,
        )
    )
    return min(counters or 0, there or 0)


def _left_of_calls(
    session: Session, organisation_id: int, call: timedelta, now: datetime
) -> list[timedelta]:
    started = session.scalars(
        select(Period.started_at)
        .join(Period.appointment)
        .where(
            Appointment.organisation_id == organisation_id,
            Appointment.state == AppointmentState.IN_CALL,
            Period.kind == PeriodKind.IN_CALL,
            Period.ended_at.is_(None),
        )
    )
    # A call that is longer than most will end some day: a slot is what we give it.
    return [max(call - (now - at), SLOT) for at in started]


def _until_free(
    session: Session,
    organisation_id: int,
    relay_id: int | None,
    now: datetime,
    keeping: Keeping,
) -> timedelta | None:
    """Tell when a counter and the relay's kiosk are both free of booked hours."""
    organisation = session.get_one(Organisation, organisation_id)
    length = length_of(organisation)
    ids: Sequence[int] = ()
    if relay_id is not None:
        ids = session.scalars(select(Kiosk.id).where(Kiosk.relay_id == relay_id)).all()
    held = held_for_the_line(session, ids, organisation_id, now, keeping)
    if relay_id is None:
        held.kiosks[0] = set()
    free_at = free_from(held, length, now)
    return None if free_at is None else free_at - now

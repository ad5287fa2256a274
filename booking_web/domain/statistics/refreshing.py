# SPDX-License-Identifier: AGPL-3.0-or-later
"""Brings the figures up to date: of what is new, and of what was touched since the last time.

The journal tells what was touched: each act on an appointment has its line there.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.orm import Session

from booking_web.domain.statistics.counting import (
    PagesOfJob,
    Stretch,
    Told,
    figures_of,
)
from booking_web.tables.appointment import Appointment, JournalEntry, Period
from booking_web.tables.conclusions import Conclusion, Outcome
from booking_web.tables.device_jobs import JobState, Operation
from booking_web.tables.documents import DeviceJob
from booking_web.tables.states import AppointmentState, PeriodKind
from booking_web.tables.statistics import (
    THE_REFRESH,
    AppointmentFigures,
    FiguresRefresh,
)
from provisioning.database.models import Kiosk, Relay

# So many appointments at a time: nobody who books waits for more.
BATCH = 1000
# A transaction that began before the last refresh may have been committed after it.
MARGIN = timedelta(hours=1)


def refreshed_at(session: Session) -> datetime | None:
    """Tell until when the figures are complete; None: they were never made."""
    row = session.get(FiguresRefresh, THE_REFRESH)
    return None if row is None else row.refreshed_at


def to_refresh(session: Session) -> list[int]:
    """List the appointments whose figures are missing or may be old."""
    known = select(AppointmentFigures.appointment_id)
    found = set(
        session.scalars(select(Appointment.id).where(Appointment.id.not_in(known)))
    )
    since = refreshed_at(session)
    if since is not None:
        touched = select(JournalEntry.appointment_id).where(
            JournalEntry.at >= since - MARGIN, JournalEntry.appointment_id.is_not(None)
        )
        found.update(each for each in session.scalars(touched) if each is not None)
    return sorted(found)


def refresh_some(session: Session, appointment_ids: Sequence[int]) -> None:
    """Count these anew; figures of appointments that are gone stay as they are."""
    told = _told(session, appointment_ids)
    table = cast(Table, AppointmentFigures.__table__)
    numbers = [each.appointment_id for each in told]
    session.execute(delete(table).where(table.c.appointment_id.in_(numbers)))
    if told:
        session.execute(insert(table), [figures_of(each) for each in told])


def note_refresh(session: Session, began_at: datetime) -> None:
    """Note that what was done before `began_at` is counted."""
    row = session.get(FiguresRefresh, THE_REFRESH)
    if row is None:
        session.add(FiguresRefresh(id=THE_REFRESH, refreshed_at=began_at))
    else:
        row.refreshed_at = began_at


def _told(session: Session, numbers: Sequence[int]) -> list[Told]:
    stretches: dict[int, list[Stretch]] = defaultdict(list)
    for number, kind, started_at, ended_at in session.execute(
        select(Period.appointment_id, Period.kind, Period.started_at, Period.ended_at)
        .where(Period.appointment_id.in_(numbers))
        .order_by(Period.started_at, Period.id)
    ):
        stretches[number].append(Stretch(PeriodKind(kind), started_at, ended_at))
    jobs: dict[int, list[PagesOfJob]] = defaultdict(list)
    for number, operation, pages, copies in session.execute(
        select(
            DeviceJob.appointment_id,
            DeviceJob.operation,
            DeviceJob.pages,
            DeviceJob.copies,
        ).where(
            DeviceJob.appointment_id.in_(numbers),
            DeviceJob.state == JobState.COMPLETED,
        )
    ):
        jobs[number].append(PagesOfJob(Operation(operation), pages, copies))
    rows = session.execute(
        select(
            Appointment.id,
            Appointment.starts_at,
            Relay.time_zone,
            Appointment.state,
            Relay.id,
            Appointment.organisation_id,
            Appointment.visit_reason_id,
            Appointment.was_useful,
            Conclusion.outcome,
        )
        .join(Kiosk, Kiosk.id == Appointment.kiosk_id)
        .join(Relay, Relay.id == Kiosk.relay_id)
        .outerjoin(Conclusion, Conclusion.appointment_id == Appointment.id)
        .where(Appointment.id.in_(numbers))
    )
    return [
        Told(
            appointment_id=number,
            starts_at=starts_at,
            time_zone=time_zone,
            state=AppointmentState(state),
            relay_id=relay_id,
            organisation_id=organisation_id,
            visit_reason_id=visit_reason_id,
            was_useful=was_useful,
            outcome=None if outcome is None else Outcome(outcome),
            stretches=stretches[number],
            jobs=jobs[number],
        )
        for (
            number,
            starts_at,
            time_zone,
            state,
            relay_id,
            organisation_id,
            visit_reason_id,
            was_useful,
            outcome,
        ) in rows
    ]

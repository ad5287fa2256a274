# SPDX-License-Identifier: AGPL-3.0-or-later
"""Plays the kiosk's printer: the codes that a counsellor's page has keyed, and their jobs.

What is scanned is made in `sheets`: it takes a file, which no transaction waits for.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.dispatcher.placing.codes import mark_played
from booking_web.domain.kiosks.reports import JobReport, take_report
from booking_web.practice.seeding import KIOSK
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import CANCEL_CODE, JobState, Operation
from booking_web.tables.documents import CodeToPlay, DeviceJob

ACTOR = f"kiosk:{KIOSK}"
PRINTS_FOR = timedelta(seconds=3)
_WAITING = "waiting"
_PAPER_OUT = "paper_out"


def play_devices(session: Session, is_paper_out: bool, now: datetime) -> None:
    """Key what waits, and have each job go on."""
    for code in session.scalars(
        select(CodeToPlay).where(CodeToPlay.outcome == _WAITING)
    ):
        if code.code == CANCEL_CODE:
            _cancel(session, code.appointment_id, now)
        mark_played(session, code.id, "played", now)
    for job, appointment in _open_jobs(session):
        if job.operation == Operation.SCAN and job.sequence >= 0:
            continue
        if job.sequence < 0:
            report(session, appointment, job, JobState.PROCESSING, now)
        elif is_paper_out:
            if job.reason != _PAPER_OUT:
                report(session, appointment, job, JobState.PROCESSING, now, _PAPER_OUT)
        elif job.reason == _PAPER_OUT or now - job.changed_at >= PRINTS_FOR:
            report(session, appointment, job, JobState.COMPLETED, now)


def report(
    session: Session,
    appointment: Appointment,
    job: DeviceJob,
    state: JobState,
    now: datetime,
    reason: str = "",
    document: int | None = None,
) -> None:
    """Tell of a job what the kiosk's bridge would tell next."""
    is_over = state is JobState.COMPLETED
    told = JobReport(
        uuid=job.uuid or "",
        operation=Operation(job.operation),
        state=state,
        sequence=max(job.sequence, 0) + 1,
        number=job.number,
        document=document,
        reason=reason,
        page=1 if is_over else 0,
        pages=1,
    )
    take_report(session, appointment, told, ACTOR, now)


def _open_jobs(session: Session) -> list[tuple[DeviceJob, Appointment]]:
    query = (
        select(DeviceJob, Appointment)
        .join(Appointment, Appointment.id == DeviceJob.appointment_id)
        .where(DeviceJob.state.in_((JobState.PENDING, JobState.PROCESSING)))
        .order_by(DeviceJob.id)
    )
    return [(job, appointment) for job, appointment in session.execute(query)]


def _cancel(session: Session, appointment_id: int, now: datetime) -> None:
    for job, appointment in _open_jobs(session):
        if appointment.id == appointment_id:
            report(session, appointment, job, JobState.CANCELED, now)

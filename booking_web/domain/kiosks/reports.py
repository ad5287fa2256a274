# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a kiosk tells of its jobs and devices, written down once and in the right order.

Each works in the caller's writing transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell, tell_pages, tell_readiness
from booking_web.domain.kiosks.clock import seconds_ahead
from booking_web.domain.kiosks.line_quality import WORDS_FROM_KIOSK, WORDS_TO_KIOSK
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import FINAL, JobState, Operation
from booking_web.tables.documents import (
    SENTENCE_LENGTH,
    DeviceJob,
    KioskDevices,
)
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import ON_THE_LINE

MAX_JOBS = 500
_DONE_ACTS = {
    Operation.PRINT: Act.PRINTED,
    Operation.SCAN: Act.SCAN_FINISHED,
    Operation.COPY: Act.COPIED,
}


class ReportRefused(Exception):
    """The report contradicts what is known: another appointment's job, or another job."""


@dataclass(frozen=True, kw_only=True)
class JobReport:
    """A job's state as the kiosk tells it; the highest sequence wins."""

    uuid: str
    operation: Operation
    state: JobState
    sequence: int
    number: int | None = None
    document: int | None = None
    reason: str = ""
    sentence: str = ""
    page: int = 0
    pages: int = 0


@dataclass(frozen=True)
class DeviceReport:
    """How one device is."""

    state: str
    reasons: Sequence[str]


@dataclass(frozen=True)
class LineReport:
    """How the line of the call that is up is, or what is unplugged: one word for each way."""

    from_kiosk: str = ""
    to_kiosk: str = ""

    def troubles(self) -> dict[str, str]:
        """Give what is kept: the words that say that something is wrong."""
        return {
            "line_from_kiosk": (
                self.from_kiosk if self.from_kiosk in WORDS_FROM_KIOSK else ""
            ),
            "line_to_kiosk": self.to_kiosk if self.to_kiosk in WORDS_TO_KIOSK else "",
        }


def take_report(
    session: Session,
    appointment: Appointment,
    report: JobReport,
    actor: str,
    now: datetime,
) -> bool:
    """Write the report down; False where a later one is known already.

    Raises ReportRefused.
    """
    job = _job_of(session, appointment, report, actor, now)
    if report.sequence <= job.sequence:
        return False
    was_over = job.state in FINAL and job.sequence >= 0
    job.uuid = report.uuid
    if job.number is None:
        # A scan that came before its report may turn out to be a copy's.
        job.operation = report.operation
    job.sequence = report.sequence
    job.state = report.state
    job.reason = report.reason[:40]
    job.sentence = report.sentence[:SENTENCE_LENGTH]
    job.page = report.page
    job.pages = report.pages
    if report.document is not None:
        job.document = report.document
    job.changed_at = now
    if report.state in FINAL and not was_over:
        _tell_outcome(session, appointment, job, actor, now)
    else:
        tell_pages(session, News.JOB_WENT_ON, appointment, now)
    return True


def known_job(
    session: Session, appointment: Appointment, uuid: str, actor: str, now: datetime
) -> DeviceJob:
    """Give the job that a scan belongs to, also where its first report is still to come.

    Raises ReportRefused where the job is another appointment's.
    """
    report = JobReport(
        uuid=uuid, operation=Operation.SCAN, state=JobState.PROCESSING, sequence=-1
    )
    return _job_of(session, appointment, report, actor, now)


def note_delivery(session: Session, uuid: str, document: int) -> None:
    """Note that a job's scan is a document now, whether or not it is ever reported.

    A report that is still to come is later than this.
    """
    job = session.scalar(
        select(DeviceJob).where(DeviceJob.uuid == uuid, DeviceJob.sequence < 0)
    )
    if job is not None:
        job.state = JobState.COMPLETED
        job.document = document


def take_heartbeat(
    session: Session,
    kiosk_id: int,
    printer: DeviceReport,
    scanner: DeviceReport,
    bridge: str,
    now: datetime,
    told_at: datetime | None = None,
    volume: int | None = None,
    line: LineReport = LineReport(),
) -> None:
    """Note how the kiosk's devices and line are, telling open pages where that changed.

    `told_at` is what the kiosk's own clock says.
    """
    told: dict[str, str | int | None] = {
        "volume": volume,
        "printer_state": printer.state[:20],
        "printer_reasons": " ".join(printer.reasons)[:200],
        "scanner_state": scanner.state[:20],
        "scanner_reasons": " ".join(scanner.reasons)[:200],
        **line.troubles(),
    }
    known = session.get(KioskDevices, kiosk_id)
    if known is None:
        known = KioskDevices(kiosk_id=kiosk_id, **told)
        session.add(known)
        changed = True
    else:
        changed = any(getattr(known, name) != value for name, value in told.items())
        for name, value in told.items():
            setattr(known, name, value)
    known.bridge = bridge[:40]
    known.heard_at = now
    ahead = seconds_ahead(told_at, now)
    if (known.clock_ahead_seconds or 0) != ahead:
        known.clock_ahead_seconds = ahead
        tell_readiness(session, kiosk_id, now)
    if changed:
        in_call = session.scalar(
            select(Appointment).where(
                Appointment.kiosk_id == kiosk_id, Appointment.state.in_(ON_THE_LINE)
            )
        )
        if in_call is not None:
            tell_pages(session, News.DEVICES_CHANGED, in_call, now)


def _job_of(
    session: Session,
    appointment: Appointment,
    report: JobReport,
    actor: str,
    now: datetime,
) -> DeviceJob:
    job = session.scalar(select(DeviceJob).where(DeviceJob.uuid == report.uuid))
    if job is not None and job.appointment_id != appointment.id:
        raise ReportRefused("a job of another appointment")
    if report.number is not None and (job is None or job.number is None):
        return _prepared_job(session, appointment, report, came_before=job)
    return job or _new_job(session, appointment, report, actor, now)


def _prepared_job(
    session: Session,
    appointment: Appointment,
    report: JobReport,
    came_before: DeviceJob | None,
) -> DeviceJob:
    """Give the prepared job of this number, of which nothing was reported yet.

    Its scan may have come before any report told its number (`came_before`): then both
    are one job.
    """
    job = session.scalar(
        select(DeviceJob).where(
            DeviceJob.appointment_id == appointment.id,
            DeviceJob.number == report.number,
        )
    )
    if job is None or job.sequence >= 0:
        raise ReportRefused("no such prepared job")
    if came_before is not None:
        if came_before.sequence >= 0:
            raise ReportRefused("a job that was keyed")
        job.document = came_before.document
        session.delete(came_before)
        # Its id is free for the prepared one only once the line is gone.
        session.flush()
    return job


def _new_job(
    session: Session,
    appointment: Appointment,
    report: JobReport,
    actor: str,
    now: datetime,
) -> DeviceJob:
    count = session.scalar(
        select(func.count()).where(DeviceJob.appointment_id == appointment.id)
    )
    if (count or 0) >= MAX_JOBS:
        raise ReportRefused("too many jobs")
    job = DeviceJob(
        appointment_id=appointment.id,
        uuid=report.uuid,
        operation=report.operation,
        state=report.state,
        document=report.document,
        sequence=-1,
        created_at=now,
        created_by=actor,
        changed_at=now,
    )
    session.add(job)
    session.flush()
    return job


def _tell_outcome(
    session: Session,
    appointment: Appointment,
    job: DeviceJob,
    actor: str,
    now: datetime,
) -> None:
    operation = Operation(job.operation)
    act = (
        _DONE_ACTS[operation]
        if job.state == JobState.COMPLETED
        else Act(f"{operation}_{job.state}")
    )
    parts = [
        f"job {job.number}" if job.number else "keyed",
        f"document {job.document}" if job.document else "",
        f"{job.page or job.pages} pages",
        job.reason,
    ]
    detail = ", ".join(filter(None, parts))
    tell(session, act, appointment, actor=actor, at=now, detail=detail)

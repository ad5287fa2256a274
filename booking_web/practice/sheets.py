# SPDX-License-Identifier: AGPL-3.0-or-later
"""Plays the kiosk's scanner: a sheet of invented content becomes a document."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from booking_web.base.own_process import memory_file
from booking_web.base.transactions import in_transaction
from booking_web.domain.documents.archive import Archive
from booking_web.domain.documents.errors import DocumentError
from booking_web.practice.devices import ACTOR, report
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import JobState, Operation
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import DeviceJob
from provisioning.database.engine import Database

logger = structlog.get_logger(__name__)

SCANS_FOR = timedelta(seconds=2)
_FAULT = "scanner_fault"
_LINES = (
    "EXERCICE - page imaginaire",
    "Attestation d'exercice",
    "Nom : personne n'est nomme ici.",
    "Ce document ne vaut rien.",
)


def play_scanner(
    database: Database, archive: Archive, title: str, now: datetime
) -> None:
    """Have the oldest scan that is under way deliver its page, or say that it could not."""
    with database.read() as session:
        if session.scalar(_under_way(now)) is None:
            return
    job = in_transaction(database, lambda session: _taken(session, now))
    if job is None:
        return
    number = None
    try:
        with memory_file("practice-scan", sheet()) as file:
            appointment_id = job.appointment_id
            number = archive.add(
                appointment_id, file, title=title, source=Source.SCAN, actor=ACTOR
            ).number
    except DocumentError as error:
        logger.warning("practice scan not kept", kind=type(error).__name__)
    in_transaction(database, lambda session: _tell(session, job.id, number, now))


def _under_way(now: datetime) -> Select[DeviceJob]:
    return (
        select(DeviceJob)
        .where(
            DeviceJob.operation == Operation.SCAN,
            DeviceJob.state == JobState.PROCESSING,
            DeviceJob.changed_at <= now - SCANS_FOR,
        )
        .order_by(DeviceJob.id)
        .limit(1)
    )


def _taken(session: Session, now: datetime) -> DeviceJob | None:
    """Take the scan: of two pages that ask at once, one has the sheet go through."""
    job = session.scalar(_under_way(now))
    if job is not None:
        job.changed_at = now
    return job


def _tell(session: Session, job_id: int, number: int | None, now: datetime) -> None:
    job = session.get_one(DeviceJob, job_id)
    appointment = session.get_one(Appointment, job.appointment_id)
    if job.state != JobState.PROCESSING:
        return
    if number is None:
        report(session, appointment, job, JobState.ABORTED, now, _FAULT)
    else:
        report(session, appointment, job, JobState.COMPLETED, now, document=number)


def sheet() -> bytes:
    """Give an A4 page as a PDF (ISO 32000-1, 7.5): a few lines in a typeface of every reader."""
    words = " ".join(f"({line}) Tj 0 -40 Td" for line in _LINES)
    drawn = f"BT /F1 22 Tf 72 720 Td {words} ET".encode("ascii")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    content, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    content += b"".join(b"%010d 00000 n \n" % place for place in places)
    content += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    return content + b"startxref\n%d\n%%%%EOF\n" % table

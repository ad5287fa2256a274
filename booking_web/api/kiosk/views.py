# SPDX-License-Identifier: AGPL-3.0-or-later
"""The call, its documents and prepared jobs, reports, heartbeat, proof of a wipe."""

import uuid
from typing import Any

from flask import Response, abort
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.api.kiosk.access import (
    appointment_in_call,
    appointment_once_called,
    appointment_once_in_call,
    this_actor,
    this_kiosk,
)
from booking_web.api.kiosk.blueprint import blueprint
from booking_web.api.kiosk.schemas import (
    CallSchema,
    FetchSchema,
    HeartbeatSchema,
    PreparedJobSchema,
    ReportSchema,
)
from booking_web.api.kiosk.wipe_schemas import WipedSchema
from booking_web.base.languages import language_or_french
from booking_web.base.transactions import in_transaction
from booking_web.domain.journal.reading import is_written
from booking_web.domain.journal.telling import tell
from booking_web.domain.kiosks.reports import (
    DeviceReport,
    JobReport,
    LineReport,
    ReportRefused,
    take_heartbeat,
    take_report,
)
from booking_web.domain.kiosks.screen_content import Sight, screen_content
from booking_web.domain.kiosks.wipes import (
    WipeReport,
    take_proof,
    take_wipe_report,
)
from booking_web.domain.rights.kept_documents import is_served
from booking_web.shell.archive import archive
from booking_web.shell.services import services
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import Operation, Preset, ScanColour
from booking_web.tables.documents import DeviceJob, Document
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentState


@blueprint.get("/call")
@blueprint.response(200, CallSchema)
def show_call() -> dict[str, Any]:
    """Give the appointment now in call at this kiosk, with its documents."""
    with services().database.read() as session:
        appointment = session.scalar(
            select(Appointment).where(
                Appointment.kiosk_id == this_kiosk().id,
                Appointment.state == AppointmentState.IN_CALL,
            )
        )
        if appointment is None:
            return {
                "appointment": None,
                "nonce": "",
                "documents": [],
                "shown": None,
                "follows": False,
                "language": None,
            }
        documents = session.scalars(
            select(Document)
            .where(
                Document.appointment_id == appointment.id,
                Document.removed_at.is_(None),
                is_served(),
            )
            .order_by(Document.number)
        ).all()
        content = screen_content(session, appointment, services().now())
    page = content.page
    shown = page and {
        "document": page.number,
        "page": page.page,
        "pages": page.pages,
        "is_seen": page.sight is Sight.SEEN,
    }
    return {
        "appointment": appointment.id,
        "nonce": appointment.nonce,
        "documents": documents,
        "shown": shown,
        "follows": content.is_following,
        "language": language_or_french(appointment.language),
    }


@blueprint.get("/appointments/<int:appointment_id>/documents/<int:number>")
@blueprint.arguments(FetchSchema, location="query")
@blueprint.response(200, content_type="application/pdf")
@blueprint.alt_response(404, description="No such document.")
@blueprint.alt_response(409, description="The appointment is not in call now.")
def fetch_document(told: dict[str, Any], appointment_id: int, number: int) -> Response:
    """Give a document of the appointment in call; its SHA-256 is in `Digest`."""
    with services().database.read() as session:
        appointment_in_call(session, appointment_id)
        document = session.scalar(
            select(Document).where(
                Document.appointment_id == appointment_id,
                Document.number == number,
                Document.removed_at.is_(None),
                is_served(),
            )
        )
    if document is None:
        abort(404)
    # The journal tells a document that a kiosk had in its hands from one that was printed.
    how = "ahead of its code" if told["ahead"] else ""
    content = archive().give_out(document, Act.FETCHED, this_actor(), how)
    return Response(
        content,
        mimetype="application/pdf",
        headers={
            "Content-Length": str(document.size),
            "Digest": f"sha-256={document.sha256}",
        },
    )


@blueprint.get("/appointments/<int:appointment_id>/jobs/<int:number>")
@blueprint.response(200, PreparedJobSchema)
@blueprint.alt_response(404, description="No such job.")
@blueprint.alt_response(409, description="The appointment is not in call now.")
def fetch_job(appointment_id: int, number: int) -> dict[str, Any]:
    """Give the parameters of a prepared job."""
    with services().database.read() as session:
        appointment_in_call(session, appointment_id)
        job = session.scalar(
            select(DeviceJob).where(
                DeviceJob.appointment_id == appointment_id, DeviceJob.number == number
            )
        )
    if job is None:
        abort(404)
    return {
        "number": job.number,
        "uuid": job.uuid,
        "operation": Operation(job.operation),
        "document": job.document,
        "copies": job.copies,
        "colour": job.colour,
        "duplex": job.duplex,
        "preset": Preset(job.preset),
        "resolution_dpi": job.resolution_dpi,
        "scan_colour": ScanColour(job.scan_colour),
    }


@blueprint.put("/appointments/<int:appointment_id>/reports/<uuid:job>")
@blueprint.arguments(ReportSchema)
@blueprint.response(204)
@blueprint.alt_response(404, description="No such appointment.")
@blueprint.alt_response(409, description="Never in call here, or another one's job.")
@blueprint.alt_response(410, description="The number is another appointment's now.")
def report(told: dict[str, Any], appointment_id: int, job: uuid.UUID) -> None:
    """Take a job's state. The same or an older one again changes nothing."""
    told.pop("at")
    new = JobReport(uuid=str(job), **told)

    def work(session: Session) -> None:
        appointment = appointment_once_in_call(session, appointment_id)
        take_report(session, appointment, new, this_actor(), services().now())

    try:
        in_transaction(services().database, work)
    except ReportRefused:
        abort(409)


@blueprint.post("/heartbeat")
@blueprint.arguments(HeartbeatSchema)
@blueprint.response(204)
def heartbeat(told: dict[str, Any]) -> None:
    """Take the state of the devices, and of the line of the call that is up."""
    printer, scanner = (
        DeviceReport(each["state"], each["reasons"])
        for each in (told["printer"], told["scanner"])
    )
    line = told["line"] or {}
    line_report = LineReport(line.get("from_kiosk", ""), line.get("to_kiosk", ""))
    kiosk_id, wipe = this_kiosk().id, told["wipe"] and WipeReport(**told["wipe"])

    def work(session: Session) -> None:
        now = services().now()
        take_heartbeat(
            session,
            kiosk_id,
            printer,
            scanner,
            told["bridge"],
            now,
            told["at"],
            told["volume"],
            line_report,
        )
        take_wipe_report(session, kiosk_id, wipe, this_actor(), now)

    in_transaction(services().database, work)


@blueprint.post("/appointments/<int:appointment_id>/wiped")
@blueprint.arguments(WipedSchema)
@blueprint.response(204)
@blueprint.alt_response(404, description="No such appointment.")
@blueprint.alt_response(409, description="Was never called here.")
@blueprint.alt_response(410, description="The number is another appointment's now.")
def wiped(told: dict[str, Any], appointment_id: int) -> None:
    """Write into the journal that the kiosk keeps nothing of the appointment."""
    at = told["at"].isoformat(timespec="milliseconds")
    looked_at = ", ".join(f"{part} {n}" for part, n in told["looked_at"].items())
    detail = f"{told['files']} files, {told['bytes']} bytes, {at}"
    if looked_at:
        detail += f"; found and wiped: {looked_at}; left: 0"

    def work(session: Session) -> None:
        appointment = appointment_once_called(session, appointment_id)
        if not is_written(session, Act.WIPED, appointment, detail):
            now = services().now()
            tell(
                session,
                Act.WIPED,
                appointment,
                actor=this_actor(),
                at=now,
                detail=detail,
            )
            if not told["is_called_again"]:
                take_proof(session, appointment, now)

    in_transaction(services().database, work)
    # Whoever waits for this kiosk may be called now.
    services().doorbell.ring()

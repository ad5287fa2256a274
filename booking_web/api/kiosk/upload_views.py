# SPDX-License-Identifier: AGPL-3.0-or-later
"""Resumable uploads of scans, after tus 1.0's core protocol (tus.io)."""

from typing import Any

from flask import Response, abort, request
from flask.views import MethodView
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.api.kiosk.access import (
    appointment_once_in_call,
    this_actor,
    this_kiosk,
)
from booking_web.api.kiosk.blueprint import PREFIX, blueprint
from booking_web.api.kiosk.incoming import (
    Announcement,
    DamagedOnTheWay,
    IncomingScans,
    PieceBroke,
    PieceTooLong,
    UploadBusy,
    WrongOffset,
    begin,
)
from booking_web.api.kiosk.schemas import ScanSchema, UploadSchema, UploadStateSchema
from booking_web.base.row_numbers import whole_or_none
from booking_web.base.transactions import in_transaction
from booking_web.domain.consents.barring import ResidentDisagrees, check_agrees
from booking_web.domain.kiosks.reports import ReportRefused, known_job
from booking_web.shell.archive import archive
from booking_web.shell.form_services import read_scans_soon
from booking_web.shell.services import services
from booking_web.tables.documents import ScanUpload

PIECE_TYPE = "application/offset+octet-stream"
# As tus's checksum extension has it.
CHECKSUM_MISMATCH = 460
_OFFSET_HEADER = {
    "in": "header",
    "name": "Upload-Offset",
    "required": True,
    "schema": {"type": "integer", "minimum": 0},
}


@blueprint.post("/appointments/<int:appointment_id>/scans")
@blueprint.arguments(ScanSchema)
@blueprint.response(201, UploadSchema)
@blueprint.alt_response(
    200, schema=UploadSchema, description="It was announced before."
)
@blueprint.alt_response(404, description="No such appointment.")
@blueprint.alt_response(409, description="Never in call here, or another one's job.")
@blueprint.alt_response(
    410,
    description="The number is another appointment's now, or its resident does not agree.",
)
@blueprint.alt_response(413, description="Larger than a document may be.")
def announce_scan(told: dict[str, Any], appointment_id: int) -> tuple[Any, Any, Any]:
    """Announce a scan; the same job and hash again give the same upload (200)."""
    if told["size"] > archive().max_bytes:
        abort(413)
    # Fails here, not after megabytes, where the site keeps no documents.
    archive().get_ready()
    announced = Announcement(
        job=str(told["job"]),
        sha256=told["sha256"],
        size=told["size"],
        pages=told["pages"],
        verdicts=told["verdicts"],
    )

    def work(session: Session) -> tuple[ScanUpload, bool]:
        appointment = appointment_once_in_call(session, appointment_id)
        now = services().now()
        known_job(session, appointment, announced.job, this_actor(), now)
        check_agrees(session, appointment.id)
        return begin(session, appointment, announced, now)

    try:
        upload, is_new = in_transaction(services().database, work)
    except ReportRefused:
        abort(409)
    except ResidentDisagrees:
        # The kiosk gives it up, and wipes it with the rest.
        abort(410)
    if upload.received == upload.size and upload.document_id is None:
        # Whole since an earlier time at which it could not be kept.
        _scans().finish_again(upload, this_actor())
        read_scans_soon(upload.appointment_id)
    location = {"Location": f"{PREFIX}/uploads/{upload.id}"}
    told_back = {"upload": upload.id, "offset": upload.received}
    return told_back, 201 if is_new else 200, location


@blueprint.route("/uploads/<upload_id>")
class Upload(MethodView):
    """One upload."""

    @blueprint.response(200, UploadStateSchema)
    @blueprint.alt_response(404, description="No such upload.")
    def get(self, upload_id: str) -> dict[str, Any]:
        """Tell whether the scan is a document now, and which."""
        upload = _own_upload(upload_id)
        return {
            "complete": upload.document_id is not None,
            "sha256": upload.received_sha256,
            "document": upload.document.number if upload.document else None,
        }

    @blueprint.response(200)
    @blueprint.alt_response(404, description="No such upload.")
    def head(self, upload_id: str) -> Response:
        """Tell how much of the scan is here."""
        upload = _own_upload(upload_id)
        headers = {"Upload-Length": str(upload.size), "Cache-Control": "no-store"}
        return Response(headers=headers | _offset(upload.received))

    @blueprint.doc(
        parameters=[_OFFSET_HEADER],
        requestBody={
            "required": True,
            "content": {PIECE_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        },
    )
    @blueprint.response(204)
    @blueprint.alt_response(400, description="No offset, or a piece that broke off.")
    @blueprint.alt_response(404, description="No such upload.")
    @blueprint.alt_response(409, description="Elsewhere: see Upload-Offset.")
    @blueprint.alt_response(413, description="More bytes than announced.")
    @blueprint.alt_response(415, description=f"Only {PIECE_TYPE}.")
    @blueprint.alt_response(422, description="The scan is no document.")
    @blueprint.alt_response(460, description="Not the hash that was announced.")
    @blueprint.alt_response(507, description="No room on the disk.")
    def patch(self, upload_id: str) -> Response:
        """Add a piece at the offset; the last one makes the document."""
        upload = _own_upload(upload_id)
        if request.mimetype != PIECE_TYPE:
            abort(415)
        offset = whole_or_none(request.headers.get("Upload-Offset", ""))
        if offset is None:
            abort(400)
        try:
            received = _scans().add_piece(upload, offset, request.stream, this_actor())
        except WrongOffset as wrong:
            _read_to_the_end()
            return Response(status=409, headers=_offset(wrong.offset))
        except DamagedOnTheWay:
            return Response(status=CHECKSUM_MISMATCH, headers=_offset(0))
        except UploadBusy:
            abort(423)
        except PieceTooLong:
            abort(413)
        except PieceBroke:
            abort(400)
        if received == upload.size:
            read_scans_soon(upload.appointment_id)
        return Response(status=204, headers=_offset(received))


def _read_to_the_end() -> None:
    """Take the rest of a piece, so that the connection serves the next request."""
    while request.stream.read(64 * 1024):
        pass


def _own_upload(upload_id: str) -> ScanUpload:
    query = (
        select(ScanUpload)
        .where(ScanUpload.id == upload_id, ScanUpload.kiosk_id == this_kiosk().id)
        .options(joinedload(ScanUpload.document))
    )
    with services().database.read() as session:
        upload = session.scalar(query)
    if upload is None:
        abort(404)
    return upload


def _offset(received: int) -> dict[str, str]:
    return {"Upload-Offset": str(received), "Tus-Resumable": "1.0.0"}


def _scans() -> IncomingScans:
    return IncomingScans(services().database, archive())

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Appointments in call, kiosks at the API, and files for the tests of documents."""

import io
import secrets
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
from PIL import Image
from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.base.own_process import memory_file
from booking_web.base.settings import Settings
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.appointments.orders import BookingOrder
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.documents.archive import Archive, open_archive
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import Document
from booking_web.tables.states import AppointmentState
from device_bridge.server.kiosk_api import KioskApi
from provisioning.asterisk.documents_key import ensure_documents_key
from provisioning.database.engine import Database

S = AppointmentState
A4 = (595, 842)


def documents_settings(folder: Path) -> dict[str, Any]:
    """Give the settings of a site that keeps documents in `folder`, its key made."""
    ensure_documents_key(folder / "documents.key")
    return {
        "documents_dir": str(folder / "documents"),
        "documents_key_file": str(folder / "documents.key"),
    }


def archive_of(database: Database, url: str, folder: Path) -> Archive:
    """Open the archive that a server of the tests uses too."""
    settings = Settings(
        database_url=url, secret_key="unused", **documents_settings(folder)
    )
    return open_archive(settings, database, utc_now)


def book_one(
    database: Database, relay: str = "wassigny", organisation: str = "msa"
) -> int:
    """Book an appointment for now and give its id."""
    request = BookingOrder(
        token=secrets.token_hex(8),
        user_id=1,
        relay=relay,
        organisation=organisation,
        resident_name="M. Dupont",
        details="carte grise",
        starts_at=None,
        hours=Hours.AGREED,
    )
    with database.write() as session:
        return book(session, request, datetime.now(UTC)).appointment.id


def bring_to(
    database: Database, appointment_id: int, *states: AppointmentState
) -> None:
    """Move the appointment through these states, as the dispatcher would."""
    with database.write() as session:
        appointment = session.get_one(Appointment, appointment_id)
        for state in states:
            if state is S.CALLING:
                appointment.attempt += 1
                appointment.call = f"gv-{appointment.id}-{appointment.attempt}"
                appointment.call_requested_at = None
            if appointment.state != state:
                move(
                    session,
                    appointment,
                    state,
                    actor="dispatcher",
                    at=datetime.now(UTC) + timedelta(milliseconds=1),
                )


def in_call(
    database: Database, relay: str = "wassigny", organisation: str = "msa"
) -> int:
    """Give an appointment that is in call now."""
    appointment_id = book_one(database, relay, organisation)
    bring_to(database, appointment_id, S.ARRIVED, S.CALLING, S.QUEUED, S.IN_CALL)
    return appointment_id


def kiosk_client(url: str, token: str) -> KioskApi:
    """Give the client that kiosks really use."""
    return KioskApi(url, token, None, 50_000_000)


def add_document(
    archive: Archive, appointment_id: int, content: bytes, title: str = "Formulaire"
) -> Document:
    """Add a document as a counsellor would."""
    with memory_file("document") as file:
        file.write(content)
        file.flush()
        return archive.add(
            appointment_id, file, title=title, source=Source.UPLOAD, actor="user:1"
        )


def acts_of(database: Database, appointment_id: int) -> list[tuple[str, str, str]]:
    """Give actor, act and detail of each entry of the journal, but the moves."""
    with database.read() as session:
        entries = session.scalars(
            select(JournalEntry)
            .where(JournalEntry.appointment_id == appointment_id)
            .order_by(JournalEntry.id)
        )
        return [
            (entry.actor, entry.act, entry.detail)
            for entry in entries
            if entry.act not in ("moved", "booked")
        ]


def make_pdf(
    pages: int = 1,
    change: Callable[[pikepdf.Pdf], None] | None = None,
    **saving: Any,
) -> bytes:
    """Give a PDF of blank pages, changed by `change`."""
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page(page_size=A4)
        if change is not None:
            change(pdf)
        kept = io.BytesIO()
        # The same bytes each time, whatever the second: else its number is made of the hour.
        is_same = "encryption" not in saving
        pdf.save(kept, deterministic_id=is_same, **saving)
    return kept.getvalue()


def with_javascript(pdf: pikepdf.Pdf) -> None:
    """Have the PDF run a script when it is opened, and one from a button."""
    action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('hello')")
    pdf.Root.OpenAction = action
    pdf.Root.Names = pikepdf.Dictionary(
        JavaScript=pikepdf.Dictionary(Names=pikepdf.Array(["start", action]))
    )
    button = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Link,
        Rect=[0, 0, 50, 50],
        A=pikepdf.Dictionary(S=pikepdf.Name.Launch, F="evil.exe"),
    )
    pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(button)])


def bomb(megabytes: int = 2000) -> bytes:
    """Give a small PDF whose page unpacks to that many megabytes."""
    packer = zlib.compressobj(9)
    zeros = bytes(1024 * 1024)
    packed = b"".join(packer.compress(zeros) for _ in range(megabytes))
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=A4)
        stream = pdf.make_stream(packed + packer.flush())
        stream.Filter = pikepdf.Name.FlateDecode
        pdf.pages[0].Contents = stream
        kept = io.BytesIO()
        pdf.save(
            kept,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
        )
    return kept.getvalue()


def picture(kind: str, size: tuple[int, int] = (400, 300)) -> bytes:
    """Give a JPEG or a PNG."""
    kept = io.BytesIO()
    Image.new("RGB", size, "red").save(kept, kind)
    return kept.getvalue()

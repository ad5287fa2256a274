# SPDX-License-Identifier: AGPL-3.0-or-later
"""Scans on their way: pieces added where the last one ended, then made a document.

The pieces lie encrypted in the store's `incoming` folder; the database says how much of
the file counts, so that a crash or a full disk in the middle of a piece loses that piece
alone; of a piece that broke off on the line, what came counts.
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import ClientDisconnected

from booking_web.base.own_process import memory_file
from booking_web.base.transactions import in_transaction
from booking_web.domain.documents.archive import Archive
from booking_web.domain.documents.arranging import take_repeated_scan
from booking_web.domain.documents.errors import DocumentError
from booking_web.domain.documents.sealed_file import (
    FRAME_BYTES,
    SealedWriter,
    count_frames,
    unseal_unfinished,
)
from booking_web.domain.documents.store import told_as_store
from booking_web.domain.kiosks.reports import note_delivery
from booking_web.domain.mandates.signing import take_signed_scan
from booking_web.tables.appointment import Appointment
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import VERDICTS_LENGTH, Document, ScanUpload
from provisioning.database.engine import Database

logger = structlog.get_logger(__name__)


class WrongOffset(Exception):
    """The piece does not begin where the upload stands."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"the upload stands at {offset}")
        self.offset = offset


class PieceTooLong(DocumentError):
    """More bytes came than were announced."""


class PieceBroke(DocumentError):
    """The connection ended in the middle of a piece; the upload stands at what came."""


class DamagedOnTheWay(DocumentError):
    """The whole has not the hash that was announced; the upload stands at 0 again."""


class UploadBusy(DocumentError):
    """Another piece of this upload is being written now."""


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """A scan that a kiosk wants to deliver."""

    job: str
    sha256: str
    size: int
    pages: int
    verdicts: list[str]


def begin(
    session: Session,
    appointment: Appointment,
    announced: Announcement,
    now: datetime,
) -> tuple[ScanUpload, bool]:
    """Give the one upload of this scan, and whether it is new."""
    known = session.scalar(
        select(ScanUpload).where(
            ScanUpload.job == announced.job, ScanUpload.sha256 == announced.sha256
        )
    )
    if known is not None:
        return known, False
    upload = ScanUpload(
        id=secrets.token_hex(16),
        appointment_id=appointment.id,
        kiosk_id=appointment.kiosk_id,
        job=announced.job,
        sha256=announced.sha256,
        size=announced.size,
        pages=announced.pages,
        verdicts=" ".join(announced.verdicts)[:VERDICTS_LENGTH],
        received=0,
        stored=0,
        received_sha256="",
        created_at=now,
    )
    session.add(upload)
    return upload, True


class IncomingScans:
    """Takes the pieces of uploads; every method may raise StoreUnavailable."""

    def __init__(self, database: Database, archive: Archive) -> None:
        self._database = database
        self._archive = archive

    def add_piece(
        self, upload: ScanUpload, offset: int, piece: IO[bytes], actor: str
    ) -> int:
        """Add a piece and give the new offset; the last one makes the document.

        Raises WrongOffset, PieceTooLong or UploadBusy; PieceBroke where only a part came,
        which counts; for the whole DamagedOnTheWay or DocumentRefused.
        """
        path = self._archive.store.incoming(upload.id)
        with _locked(path) as file:
            # Read again under the lock: the caller's copy may be a piece behind.
            upload = self._fresh(upload.id)
            if offset != upload.received or upload.document_id is not None:
                raise WrongOffset(upload.received)
            received = self._append(file, upload, piece)
            if received == upload.size:
                self._finish(file, path, upload, actor)
        return received

    def finish_again(self, upload: ScanUpload, actor: str) -> None:
        """Make the document of an upload that is whole and was not finished then."""
        path = self._archive.store.incoming(upload.id)
        with _locked(path) as file:
            upload = self._fresh(upload.id)
            if upload.document_id is None and upload.received == upload.size:
                self._finish(file, path, upload, actor)

    def _fresh(self, upload_id: str) -> ScanUpload:
        with self._database.read() as session:
            return session.get_one(ScanUpload, upload_id)

    def _append(self, file: BinaryIO, upload: ScanUpload, piece: IO[bytes]) -> int:
        received, stored = upload.received, upload.stored
        broke: Exception | None = None
        try:
            with told_as_store():
                file.truncate(stored)
                frames = count_frames(file) if stored else 0
                writer = SealedWriter(file, self._archive.store.key, frames)
                try:
                    for data in _pieces_of(piece):
                        if received + len(data) > upload.size:
                            raise PieceTooLong("more bytes than announced")
                        writer.write(data)
                        received += len(data)
                except PieceBroke as error:
                    # Over a village's line every byte that came is worth keeping.
                    broke = error
                file.flush()
                # From here on they count: they must survive a power cut.
                os.fsync(file.fileno())
                stored = file.tell()
        except BaseException:
            with contextlib.suppress(OSError):
                file.truncate(upload.stored)
            raise
        self._note(upload.id, received, stored)
        if broke is not None and received < upload.size:
            raise broke
        return received

    def _finish(
        self, file: BinaryIO, path: Path, upload: ScanUpload, actor: str
    ) -> None:
        digest = hashlib.sha256()
        with memory_file("scan") as pdf:
            with told_as_store():
                for data in unseal_unfinished(file, self._archive.store.key):
                    digest.update(data)
                    pdf.write(data)
                pdf.flush()
            if digest.hexdigest() != upload.sha256:
                # Damaged on its way: from the start once more.
                logger.warning("scan damaged on its way", upload=upload.id)
                self._note(upload.id, 0, 0, digest.hexdigest())
                raise DamagedOnTheWay("not the hash that was announced")

            def link(session: Session, document: Document) -> None:
                stored = session.get_one(ScanUpload, upload.id)
                stored.document_id = document.id
                stored.received_sha256 = upload.sha256
                note_delivery(session, upload.job, document.number)
                take_signed_scan(session, upload.job, document, document.created_at)
                take_repeated_scan(session, upload.job, document, document.created_at)

            self._archive.add(
                upload.appointment_id,
                pdf,
                title="",
                source=Source.SCAN,
                actor=actor,
                verdicts=upload.verdicts,
                then=link,
            )
        path.unlink(missing_ok=True)

    def _note(
        self, upload_id: str, received: int, stored: int, sha256: str = ""
    ) -> None:
        def work(session: Session) -> None:
            upload = session.get_one(ScanUpload, upload_id)
            upload.received = received
            upload.stored = stored
            upload.received_sha256 = sha256

        in_transaction(self._database, work)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    with told_as_store():
        path.touch(mode=0o600)
        file = path.open("r+b")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UploadBusy("another piece is being written") from error
        yield file


def _pieces_of(stream: IO[bytes]) -> Iterator[bytes]:
    """Cut the stream into frames; raises PieceBroke after the last byte that came."""
    while True:
        try:
            data = stream.read(FRAME_BYTES)
        except (ClientDisconnected, ConnectionError) as error:
            raise PieceBroke("the connection ended in the middle of a piece") from error
        if not data:
            return
        yield data

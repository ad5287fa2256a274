# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables of documents, of the scans on their way, and of the devices at the kiosks."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking_web.tables.appointment import Appointment
from booking_web.tables.cv import Cv
from booking_web.tables.device_jobs import JobState, Operation
from booking_web.tables.document_kinds import DocumentKind
from booking_web.tables.forms import Draft
from provisioning.database.engine import Base, UtcDateTime

TITLE_LENGTH = 120
SENTENCE_LENGTH = 400
VERDICTS_LENGTH = 1000


class Document(Base):
    """A PDF of an appointment; its content lies in the store, under `sha256`.

    A removed one keeps its line and its number, so that a number never means two things.
    """

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint(
            "appointment_id", "number", name="uq_document_appointment_id_number"
        ),
        CheckConstraint("number >= 1", name="numbered_from_one"),
        CheckConstraint(
            "source IN ('upload', 'scan', 'made', 'still')", name="source_known"
        ),
        CheckConstraint(
            "(removed_at IS NULL) = (removal_reason = '')", name="removed_with_reason"
        ),
        CheckConstraint(
            f"kind IN ('', {', '.join(repr(str(each)) for each in DocumentKind)})",
            name="kind_known",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), index=True
    )
    number: Mapped[int] = mapped_column()
    # Emptied when the document is removed: it may hold a name.
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    # A value of `DocumentKind`; empty: nobody said.
    kind: Mapped[str] = mapped_column(String(20), default="", server_default="")
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column()
    pages: Mapped[int] = mapped_column()
    source: Mapped[str] = mapped_column(String(10))
    # What the kiosk noticed of a scan: `blank:2 blurred:3 partial`.
    verdicts: Mapped[str] = mapped_column(String(VERDICTS_LENGTH), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # As in the journal: `user:<id>` or `kiosk:<slug>`.
    created_by: Mapped[str] = mapped_column(String(80))
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # A code of `documents.removal`.
    removal_reason: Mapped[str] = mapped_column(String(40), default="")
    # The organisation that kept it to itself when it handed the call over to another one;
    # None: whoever serves the appointment has it.
    kept_by_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))

    appointment: Mapped[Appointment] = relationship()


class ScanUpload(Base):
    """A scan on its way from a kiosk: how much of it is here."""

    __tablename__ = "scan_upload"
    __table_args__ = (
        UniqueConstraint("job", "sha256", name="uq_scan_upload_job_sha256"),
        CheckConstraint("received >= 0 AND received <= size", name="received_in_size"),
    )

    # Random, in hex.
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), index=True
    )
    kiosk_id: Mapped[int] = mapped_column(ForeignKey("kiosk.id"))
    job: Mapped[str] = mapped_column(String(36))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column()
    pages: Mapped[int] = mapped_column()
    verdicts: Mapped[str] = mapped_column(String(VERDICTS_LENGTH), default="")
    # Bytes of the scan that are here, and how long the encrypted file then is: what a
    # crash wrote beyond it does not count.
    received: Mapped[int] = mapped_column(default=0)
    stored: Mapped[int] = mapped_column(default=0)
    # The hash that we computed ourselves, once every byte was here.
    received_sha256: Mapped[str] = mapped_column(String(64), default="")
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    document: Mapped[Document | None] = relationship()


def _one_of(column: str, values: type[JobState] | type[Operation]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


class DeviceJob(Base):
    """One print, scan or copy at a kiosk: what was asked, and what the kiosk told of it."""

    __tablename__ = "device_job"
    __table_args__ = (
        UniqueConstraint(
            "appointment_id", "number", name="uq_device_job_appointment_id_number"
        ),
        CheckConstraint(_one_of("state", JobState), name="state_known"),
        CheckConstraint(_one_of("operation", Operation), name="operation_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), index=True
    )
    # Of a prepared job, from 1 within the appointment; none for a keyed one.
    number: Mapped[int | None] = mapped_column()
    # Random: given here to a prepared job, by the kiosk to a keyed one.
    uuid: Mapped[str | None] = mapped_column(String(36), unique=True)
    operation: Mapped[Operation] = mapped_column(String(10))
    document: Mapped[int | None] = mapped_column()
    copies: Mapped[int] = mapped_column(default=1)
    colour: Mapped[bool] = mapped_column(default=True)
    duplex: Mapped[bool] = mapped_column(default=False)
    preset: Mapped[str] = mapped_column(String(10), default="auto")
    resolution_dpi: Mapped[int] = mapped_column(default=300)
    scan_colour: Mapped[str] = mapped_column(String(10), default="colour")
    state: Mapped[JobState] = mapped_column(String(12), default=JobState.PENDING)
    # A code of `devices.wording`, and the sentence that the kiosk told the counsellor.
    reason: Mapped[str] = mapped_column(String(40), default="")
    sentence: Mapped[str] = mapped_column(String(SENTENCE_LENGTH), default="")
    page: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    # The kiosk's count of changes: an older report never undoes a later one.
    sequence: Mapped[int] = mapped_column(default=-1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(80))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    appointment: Mapped[Appointment] = relationship()


class CodeToPlay(Base):
    """A code that the dispatcher is to key into the appointment's call, once."""

    __tablename__ = "code_to_play"
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('waiting', 'playing', 'played', 'dropped')",
            name="outcome_known",
        ),
        Index("ix_code_to_play_outcome_id", "outcome", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), index=True
    )
    # The call that was up when it was asked for: it is played in no other.
    call: Mapped[str] = mapped_column(String(150))
    code: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(80))
    outcome: Mapped[str] = mapped_column(String(10), default="waiting")
    # When a dispatcher took it. Taken is never given back: nothing is keyed twice.
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    played_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class KioskDevices(Base):
    """What a kiosk last told of its printer, its scanner and the line of its call."""

    __tablename__ = "kiosk_devices"

    kiosk_id: Mapped[int] = mapped_column(ForeignKey("kiosk.id"), primary_key=True)
    printer_state: Mapped[str] = mapped_column(String(20))
    # Codes of `devices.wording`, separated by blanks.
    printer_reasons: Mapped[str] = mapped_column(String(200), default="")
    scanner_state: Mapped[str] = mapped_column(String(20))
    scanner_reasons: Mapped[str] = mapped_column(String(200), default="")
    bridge: Mapped[str] = mapped_column(String(40), default="")
    # How loud it is, one of `device_jobs.VOLUMES`; None: it does not tell.
    volume: Mapped[int | None] = mapped_column()
    heard_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Of the kiosk's own clock; 0: right. Told in words, believed in nothing else.
    clock_ahead_seconds: Mapped[int] = mapped_column(
        BigInteger, default=0, server_default="0"
    )
    # Of the call that was up, a word of `line_quality` for each way; empty: nothing is wrong.
    line_from_kiosk: Mapped[str] = mapped_column(
        String(20), default="", server_default=""
    )
    line_to_kiosk: Mapped[str] = mapped_column(
        String(20), default="", server_default=""
    )


class KioskScreen(Base):
    """What a kiosk's second screen shows, beside the call's own scene.

    It counts only while this attempt to call the appointment is the call that is up, and
    so is gone with the call, however it ended.
    """

    __tablename__ = "kiosk_screen"
    __table_args__ = (
        CheckConstraint("page >= 1", name="page_from_one"),
        CheckConstraint("zoom >= 1", name="zoom_from_whole"),
    )

    kiosk_id: Mapped[int] = mapped_column(ForeignKey("kiosk.id"), primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"))
    attempt: Mapped[int] = mapped_column()
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    page: Mapped[int] = mapped_column(default=1)
    # When the screen said last that people see on it what it is to show: None before it did.
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When the screen said last that people see it, whatever it shows, and in what language
    # its sentences are then.
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_language: Mapped[str] = mapped_column(
        String(10), default="", server_default=""
    )
    # How many times larger than whole the page of the document is shown, and which point of
    # it is in the middle, in fractions from its upper left corner.
    zoom: Mapped[float] = mapped_column(default=1.0, server_default="1")
    zoom_x: Mapped[float] = mapped_column(default=0.5, server_default="0.5")
    zoom_y: Mapped[float] = mapped_column(default=0.5, server_default="0.5")
    # A draft that it follows, instead of a document, and what of it is framed: the key of a
    # place of the form; empty: the page as a whole. The page is then the place's own.
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id"))
    place: Mapped[str] = mapped_column(Text, default="", server_default="")
    # A CV that it follows, instead; `place` is then `revision:section` of what is shown.
    cv_id: Mapped[int | None] = mapped_column(ForeignKey("cv.id"))
    # The pages of what is shown that the screen has fetched, separated by blanks.
    pages_seen: Mapped[str] = mapped_column(Text, default="", server_default="")
    # What the counsellor writes to the resident, under the documents' key.
    sealed_words: Mapped[bytes | None] = mapped_column(LargeBinary)
    # The printed form whose pages these words ask for: they go once it is back.
    asked_print_id: Mapped[int | None] = mapped_column(ForeignKey("printed_form.id"))
    # Where the counsellor points, in fractions of what is shown, from its upper left corner.
    pointer_x: Mapped[float | None] = mapped_column()
    pointer_y: Mapped[float | None] = mapped_column()
    # How often the screen was told what to read aloud, what that was last (a value of
    # `screen_content.Reading`) and which place of the draft.
    said: Mapped[int] = mapped_column(default=0, server_default="0")
    said_what: Mapped[str] = mapped_column(String(10), default="", server_default="")
    said_place: Mapped[str] = mapped_column(Text, default="", server_default="")
    # What the resident is told to do, a value of `cues.Cue`, or nothing.
    cue: Mapped[str] = mapped_column(String(20), default="")
    cue_page: Mapped[int] = mapped_column(default=0)
    cue_pages: Mapped[int] = mapped_column(default=0)
    cue_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    document: Mapped[Document | None] = relationship()
    draft: Mapped[Draft | None] = relationship()
    cv: Mapped[Cv | None] = relationship()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables of printed forms: what was printed of a draft, and what came back of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Float,
    ForeignKey,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from booking_web.tables.forms import Draft, FormEdition
from provisioning.database.engine import Base, UtcDateTime

REASON_LENGTH = 40


class ReadingState(StrEnum):
    """How far the reading of a scan is."""

    WAITING = "waiting"
    READING = "reading"
    DONE = "done"
    FAILED = "failed"


class ReturnedKind(StrEnum):
    """What a scanned page is."""

    # A page of a form that was printed in this appointment, or in another of this resident.
    EXPECTED = "expected"
    # Of one whose resident is likely the same: a person must say so.
    TO_CONFIRM = "to_confirm"
    # Of a printing of the same draft that is not kept any more.
    OTHER_PRINTING = "other_printing"
    # Another form of the same appointment.
    OTHER_FORM = "other_form"
    OTHER_APPOINTMENT = "other_appointment"
    # It bears a mark that looks like ours and is not.
    NOT_OURS = "not_ours"
    # Two different marks: two pages lay on the glass.
    SEVERAL_MARKS = "several_marks"
    # Something is written on it, but no mark is seen: cut off, hidden, or another paper.
    NO_MARK = "no_mark"
    BLANK = "blank"


class ZoneState(StrEnum):
    """What is seen in a zone that should be signed, or was said of it by a person."""

    EMPTY = "empty"
    SIGNED = "signed"
    # A person must look: little ink, or the page cannot be laid over the printed one.
    UNCERTAIN = "uncertain"
    # Somebody looked: it may stay as it is.
    ACCEPTED = "accepted"


# What is a page of a printed form, for sure or likely.
OF_A_FORM = frozenset({ReturnedKind.EXPECTED, ReturnedKind.TO_CONFIRM})
_IS_OF_A_FORM = "kind IN ('expected', 'to_confirm')"


def _one_of(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


class PrintedForm(Base):
    """One revision of a draft as it was printed; the PDF is a document of the appointment."""

    __tablename__ = "printed_form"
    __table_args__ = (
        UniqueConstraint("document_id", name="uq_printed_form_document_id"),
        CheckConstraint("pages >= 1", name="has_pages"),
        CheckConstraint("revision >= 0", name="revision_from_zero"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), index=True
    )
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"), index=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("form_edition.id"))
    # The draft's when it was printed.
    revision: Mapped[int] = mapped_column()
    # The unsigned one, with its marks.
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    # The signed one that was made of what came back.
    signed_document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    pages: Mapped[int] = mapped_column()
    # Of the PDF before its marks: its beginning stands in each of them.
    sha256: Mapped[str] = mapped_column(String(64))
    # Where each page's mark stands, in points; null for a page without.
    codes: Mapped[list[dict[str, float] | None]] = mapped_column(JSON)
    printed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # As in the journal.
    printed_by: Mapped[str] = mapped_column(String(80))

    appointment: Mapped[Appointment] = relationship()
    draft: Mapped[Draft] = relationship()
    edition: Mapped[FormEdition] = relationship()
    document: Mapped[Document] = relationship(foreign_keys=[document_id])
    signed_document: Mapped[Document | None] = relationship(
        foreign_keys=[signed_document_id]
    )


class PrintedPart(Base):
    """Some pages of a printed form as a document of their own, to be printed again."""

    __tablename__ = "printed_part"
    __table_args__ = (
        UniqueConstraint("document_id", name="uq_printed_part_document_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    printed_form_id: Mapped[int] = mapped_column(
        ForeignKey("printed_form.id"), index=True
    )
    # The numbers of its pages, in order.
    pages: Mapped[list[int]] = mapped_column(JSON)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))

    document: Mapped[Document] = relationship()


class ScanReading(Base):
    """How far a scan was looked through for pages of printed forms."""

    __tablename__ = "scan_reading"
    __table_args__ = (
        CheckConstraint(_one_of("state", ReadingState), name="state_known"),
        CheckConstraint(
            "(state = 'reading') = (claimed_at IS NOT NULL)", name="reading_is_claimed"
        ),
    )

    document_id: Mapped[int] = mapped_column(
        ForeignKey("document.id"), primary_key=True
    )
    # The document's when it was looked through: laid anew, it is looked through again.
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[ReadingState] = mapped_column(String(10))
    pages_seen: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    # Whoever claimed it long ago died over it.
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Why it failed: a code of `words.returns`.
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH), default="")

    document: Mapped[Document] = relationship()


class ReturnedPage(Base):
    """One page of a scan, and what it is."""

    __tablename__ = "returned_page"
    __table_args__ = (
        UniqueConstraint(
            "document_id", "scanned", name="uq_returned_page_document_id_scanned"
        ),
        CheckConstraint(_one_of("kind", ReturnedKind), name="kind_known"),
        CheckConstraint("scanned >= 1", name="scanned_from_one"),
        CheckConstraint(
            f"({_IS_OF_A_FORM}) = (printed_form_id IS NOT NULL)",
            name="expected_of_a_form",
        ),
        CheckConstraint(f"(page > 0) = ({_IS_OF_A_FORM})", name="expected_is_a_page"),
        CheckConstraint("turn IN (0, 90, 180, 270)", name="turned_by_quarters"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    scanned: Mapped[int] = mapped_column()
    kind: Mapped[ReturnedKind] = mapped_column(String(20))
    printed_form_id: Mapped[int | None] = mapped_column(
        ForeignKey("printed_form.id"), index=True
    )
    # Of the printed form, from 1; 0: it is none of its pages.
    page: Mapped[int] = mapped_column(default=0)
    # Clockwise, until it stands upright: quarters, then the rest, in degrees.
    turn: Mapped[int] = mapped_column(default=0)
    askew: Mapped[float] = mapped_column(Float, default=0.0)
    # Place of the form -> `ZoneState`.
    zones: Mapped[dict[str, Any]] = mapped_column(JSON)
    # Who said what it is, where a person did; as in the journal.
    said_by: Mapped[str] = mapped_column(String(80), default="")

    document: Mapped[Document] = relationship()

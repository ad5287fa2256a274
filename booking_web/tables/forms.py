# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables of forms: an organisation's library, and the drafts that are filled in."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking_web.tables.appointment import Appointment, Resident
from provisioning.database.engine import Base, UtcDateTime
from provisioning.database.models import Organisation

FORM_TITLE_LENGTH = 120
SUBMISSION_LENGTH = 64


class Form(Base):
    """A form of an organisation's library; what it looks like is in its editions.

    A withdrawn one stays for the drafts that were begun, and can be put back.
    """

    __tablename__ = "form"
    __table_args__ = (
        Index("ix_form_organisation_id_position", "organisation_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    title: Mapped[str] = mapped_column(String(FORM_TITLE_LENGTH))
    # Where it stands in the list; two at one position stand in their age's order.
    position: Mapped[int] = mapped_column()
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    organisation: Mapped[Organisation] = relationship()
    editions: Mapped[list["FormEdition"]] = relationship(
        back_populates="form", order_by="FormEdition.number"
    )


class FormEdition(Base):
    """A form as it was published once; the PDF lies in the documents' store."""

    __tablename__ = "form_edition"
    __table_args__ = (
        UniqueConstraint("form_id", "number", name="uq_form_edition_form_id_number"),
        CheckConstraint("number >= 1", name="numbered_from_one"),
        CheckConstraint("pages >= 1", name="has_pages"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("form.id"))
    number: Mapped[int] = mapped_column()
    # Of the PDF as the engine takes it, not of the one that was sent.
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    pages: Mapped[int] = mapped_column()
    # `domain.forms.description.FormDescription`, as its `to_json` gives it.
    description: Mapped[dict[str, Any]] = mapped_column(JSON)
    # What the manager said of each field, in the order of filling in: key, label, group,
    # and what the booking knows of it (`domain.forms.library.AskedField`).
    asked: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # `user:<id>`, or `guichet-web` for what a command took in.
    taken_by: Mapped[str] = mapped_column(String(80))

    form: Mapped[Form] = relationship(back_populates="editions")


class Draft(Base):
    """A form that is being filled in, for one resident; erased, its line stays empty."""

    __tablename__ = "draft"
    __table_args__ = (
        CheckConstraint("revision >= 0", name="revision_from_zero"),
        CheckConstraint(
            "(erased_at IS NULL) = (sealed_values IS NOT NULL)",
            name="erased_without_values",
        ),
        CheckConstraint(
            "(held_by = '') = (held_since IS NULL)", name="held_since_a_moment"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("form_edition.id"), index=True)
    # None: it waits for the resident's next appointment.
    appointment_id: Mapped[int | None] = mapped_column(
        ForeignKey("appointment.id"), index=True
    )
    # None: the town hall told no more than a name, or the resident was forgotten.
    resident_id: Mapped[int | None] = mapped_column(
        ForeignKey("resident.id"), index=True
    )
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id"), index=True
    )
    # The token of the page's form by which it was begun: sent twice, it begins one draft.
    submission: Mapped[str | None] = mapped_column(
        String(SUBMISSION_LENGTH), unique=True, index=True
    )
    # What was filled in, under the documents' key (`domain.forms.sealed_values`).
    sealed_values: Mapped[bytes | None] = mapped_column(LargeBinary)
    # One more with each change.
    revision: Mapped[int] = mapped_column(default=0)
    # The field that was changed last; empty at first.
    current_field: Mapped[str] = mapped_column(Text, default="")
    # Who alone may write, as in the journal; empty: nobody.
    held_by: Mapped[str] = mapped_column(String(80), default="")
    held_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    changed_by: Mapped[str] = mapped_column(String(80))
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    edition: Mapped[FormEdition] = relationship()
    appointment: Mapped[Appointment | None] = relationship()
    resident: Mapped[Resident | None] = relationship()


class DraftChange(Base):
    """That a field of a draft was changed, when and by whom; never to what."""

    __tablename__ = "draft_change"
    __table_args__ = (
        UniqueConstraint(
            "draft_id", "revision", name="uq_draft_change_draft_id_revision"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    # The draft's after the change.
    revision: Mapped[int] = mapped_column()
    field: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(80))

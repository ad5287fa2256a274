# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of the residents who wait for a slot; residents are in `appointment`."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking_web.base.languages import FRENCH, LANGUAGE_LENGTH
from booking_web.tables.appointment import Appointment, Resident
from provisioning.database.engine import Base, UtcDateTime
from provisioning.database.models import Organisation, Relay, VisitReason


class WaitingState(StrEnum):
    """What became of a wish for a slot."""

    WAITING = "waiting"
    BOOKED = "booked"
    WITHDRAWN = "withdrawn"


class WaitingEntry(Base):
    """A resident for whom no slot suited, and who is offered the next one that is freed."""

    __tablename__ = "waiting_entry"
    __table_args__ = (
        CheckConstraint(
            f"state IN ({', '.join(repr(str(state)) for state in WaitingState)})",
            name="state_known",
        ),
        Index("ix_waiting_entry_state_organisation_id", "state", "organisation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    relay_id: Mapped[int] = mapped_column(ForeignKey("relay.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    visit_reason_id: Mapped[int | None] = mapped_column(ForeignKey("visit_reason.id"))
    # The service whose interpreter is to be there; None: nobody interprets.
    interpreter_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id"), index=True
    )
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    state: Mapped[WaitingState] = mapped_column(String(10))
    # What the kiosk is to speak in the appointment that comes of it.
    language: Mapped[str] = mapped_column(
        String(LANGUAGE_LENGTH), default=FRENCH, server_default=FRENCH
    )
    # Whether the appointment that comes of it is to be discreet.
    discreet: Mapped[bool] = mapped_column(default=False, server_default=false())
    # The last day, in the relay's zone, that is of use to the resident; none: any.
    until: Mapped[date | None] = mapped_column(Date)
    # The offers that the resident let pass: relay and start, as `offers.offer_key` writes.
    passed: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    # The appointment that came of it.
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"))

    relay: Mapped[Relay] = relationship()
    organisation: Mapped[Organisation] = relationship(foreign_keys=[organisation_id])
    interpreter: Mapped[Organisation | None] = relationship(
        foreign_keys=[interpreter_id]
    )
    visit_reason: Mapped[VisitReason | None] = relationship()
    resident: Mapped[Resident] = relationship()
    appointment: Mapped[Appointment | None] = relationship()

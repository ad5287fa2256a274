# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables of whom to tell, and of what is still to be told (the outbox)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking_web.tables.clients import ApiClient
from provisioning.database.engine import Base, UtcDateTime

URL_LENGTH = 500


class EventKind(StrEnum):
    """What happened to an appointment."""

    BOOKED = "booked"
    # Another hour or another place.
    CHANGED = "changed"
    STATE = "state"


class DeliveryState(StrEnum):
    """What became of an event that was to be told."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class Webhook(Base):
    """An address to which a client's events are sent, signed with a secret of its own."""

    __tablename__ = "webhook"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("api_client.id"), index=True)
    url: Mapped[str] = mapped_column(String(URL_LENGTH))
    # Encrypted with a key that comes from the site's secret key: see `sealing`.
    sealed_secret: Mapped[str] = mapped_column(String(250))
    # The values of EventKind that are told, with commas between.
    kinds: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    client: Mapped[ApiClient] = relationship()


class WebhookEvent(Base):
    """An event on its way to one address. It holds nothing personal."""

    __tablename__ = "webhook_event"
    __table_args__ = (
        CheckConstraint(
            f"state IN ({', '.join(repr(str(state)) for state in DeliveryState)})",
            name="state_known",
        ),
        Index(
            "ix_webhook_event_webhook_id_appointment_id", "webhook_id", "appointment_id"
        ),
        Index("ix_webhook_event_state_due_at", "state", "due_at"),
    )

    # Also the order in which an appointment's events are told.
    id: Mapped[int] = mapped_column(primary_key=True)
    # By it a receiver knows an event that comes a second time.
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id"))
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id"), index=True
    )
    kind: Mapped[EventKind] = mapped_column(String(10))
    # The appointment as it was then, without the resident.
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[DeliveryState] = mapped_column(
        String(10), default=DeliveryState.WAITING
    )
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # When it was delivered or given up.
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Why the last attempt failed, as a code: `http_500`, `timeout`.
    last_error: Mapped[str] = mapped_column(String(60), default="")

    webhook: Mapped[Webhook] = relationship()

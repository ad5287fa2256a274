# SPDX-License-Identifier: AGPL-3.0-or-later
"""Delivers what is in the outbox: in order for each appointment, again after a failure.

Several may run: each takes an event for LEASE_SECONDS before it sends it. One that dies
meanwhile leaves the event to the next; the receiver then may see it twice, with one id.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Select, delete, exists, select
from sqlalchemy.orm import Session, aliased, joinedload

from booking_web.models import Appointment
from booking_web.public_api.models import ApiClient
from booking_web.transactions import in_transaction
from booking_web.webhooks.models import DeliveryState, Webhook, WebhookEvent
from booking_web.webhooks.sealing import SecretSeal, SecretUnreadable
from booking_web.webhooks.sender import Answer, Sender
from booking_web.webhooks.signing import SIGNATURE_HEADER, signature
from provisioning.database import Database

PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (30, 120, 600, 3_600, 3 * 3_600, 12 * 3_600, 24 * 3_600)
)
LEASE_SECONDS = 60
# What is settled is of use to whoever looks for a cause, for so long.
KEPT_DAYS = 30

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Delivered:
    """How many events a pass delivered, failed to, and gave up."""

    delivered: int = 0
    failed: int = 0
    given_up: int = 0


class Delivery:
    """Sends events, given the database and the ways out."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        seal: SecretSeal,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._sender = sender
        self._seal = seal
        self._now = now

    def send_due(self) -> Delivered:
        """Send all that is due now; what fails is due again after its pause.

        A receiver that fails once is left alone until the next pass: it must not hold up
        the others.
        """
        delivered = failed = given_up = 0
        silent: set[int] = set()
        while event := in_transaction(
            self._database, lambda session: self._take(session, silent)
        ):
            answer = self._send(event)
            if not answer.is_taken:
                silent.add(event.webhook_id)
            state = in_transaction(
                self._database,
                partial(self._settle, event_id=event.id, answer=answer),
            )
            delivered += state is DeliveryState.DELIVERED
            given_up += state is DeliveryState.GIVEN_UP
            failed += state is DeliveryState.WAITING
        self._forget()
        return Delivered(delivered, failed, given_up)

    def _take(self, session: Session, silent: set[int]) -> WebhookEvent | None:
        now = self._now()
        event = session.scalar(
            _next_due(now).where(WebhookEvent.webhook_id.not_in(silent))
        )
        if event is not None:
            event.due_at = now + timedelta(seconds=LEASE_SECONDS)
        return event

    def _send(self, event: WebhookEvent) -> Answer:
        webhook = event.webhook
        try:
            secret = self._seal.open(webhook.sealed_secret)
        except SecretUnreadable:
            return Answer(None, "secret_unreadable")
        body = self._body(event)
        at = int(self._now().timestamp())
        return self._sender.post(
            webhook.url,
            body,
            {
                "Content-Type": "application/json",
                "User-Agent": "guichet-virtuel",
                "Guichet-Event": event.kind,
                "Guichet-Delivery": event.uuid,
                SIGNATURE_HEADER: signature(secret, body, at),
            },
        )

    def _body(self, event: WebhookEvent) -> bytes:
        told = dict(event.content)
        if event.webhook.client.sees_residents:
            with self._database.read() as session:
                appointment = session.get_one(Appointment, event.appointment_id)
            told["resident_name"] = appointment.resident_name
            told["details"] = appointment.reason
        message = {
            "id": event.uuid,
            "kind": event.kind,
            "at": event.created_at.isoformat(),
            "number": event.id,
            "appointment": told,
        }
        return json.dumps(message, ensure_ascii=False).encode()

    def _settle(
        self, session: Session, *, event_id: int, answer: Answer
    ) -> DeliveryState:
        event = session.get_one(WebhookEvent, event_id)
        now = self._now()
        event.attempts += 1
        event.last_error = answer.error
        if answer.is_taken:
            event.state, event.settled_at = DeliveryState.DELIVERED, now
        elif answer.is_gone or event.attempts > len(PAUSES):
            event.state, event.settled_at = DeliveryState.GIVEN_UP, now
        else:
            event.due_at = now + PAUSES[event.attempts - 1]
        log = logger.error if event.state == "given_up" else logger.info
        log(
            "webhook event sent",
            delivery=event.uuid,
            webhook=event.webhook_id,
            appointment=event.appointment_id,
            state=str(event.state),
            attempts=event.attempts,
            error=answer.error,
        )
        return DeliveryState(event.state)

    def _forget(self) -> None:
        old = self._now() - timedelta(days=KEPT_DAYS)
        in_transaction(
            self._database,
            lambda session: session.execute(
                delete(WebhookEvent).where(WebhookEvent.settled_at < old)
            ),
        )


def _next_due(now: datetime) -> Select[WebhookEvent]:
    earlier = aliased(WebhookEvent)
    is_held_up = exists().where(
        earlier.webhook_id == WebhookEvent.webhook_id,
        earlier.appointment_id == WebhookEvent.appointment_id,
        earlier.id < WebhookEvent.id,
        earlier.state == DeliveryState.WAITING,
    )
    return (
        select(WebhookEvent)
        .join(WebhookEvent.webhook)
        .join(Webhook.client)
        .where(
            ApiClient.removed_at.is_(None),
            WebhookEvent.state == DeliveryState.WAITING,
            WebhookEvent.due_at <= now,
            ~is_held_up,
        )
        .order_by(WebhookEvent.due_at, WebhookEvent.id)
        .limit(1)
        .options(joinedload(WebhookEvent.webhook).joinedload(Webhook.client))
        .with_for_update(of=WebhookEvent, skip_locked=True)
    )

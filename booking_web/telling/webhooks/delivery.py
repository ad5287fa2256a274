# SPDX-License-Identifier: AGPL-3.0-or-later
"""Delivers what is in the outbox: in order for each appointment, again after a failure.

Several may run: each takes an event for LEASE_SECONDS before it sends it. One that dies
meanwhile leaves the event to the next; the receiver then may see it twice, with one id.
"""

import json
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Select, delete, exists, not_, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from booking_web.base.sealing import SecretSeal, SecretUnreadable
from booking_web.base.transactions import in_transaction
from booking_web.domain.rights.clients import open_clients
from booking_web.domain.rights.restriction import is_of_unrestricted
from booking_web.tables.appointment import Appointment
from booking_web.tables.clients import ApiClient
from booking_web.tables.webhooks import DeliveryState, Webhook, WebhookEvent
from booking_web.telling.webhooks.sender import Answer, NotWanted, Sender
from booking_web.telling.webhooks.signing import SIGNATURE_HEADER, signature
from provisioning.database.engine import Database

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

    def __add__(self, other: "Delivered") -> "Delivered":
        """Sum both up."""
        return Delivered(
            self.delivered + other.delivered,
            self.failed + other.failed,
            self.given_up + other.given_up,
        )


class Delivery:
    """Sends events, given the database and the ways out.

    Each client has a thread of its own while something is due for it: however slow one
    is, no other waits for it.
    """

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
        self._is_stopping = threading.Event()
        # By client; only the thread that calls `begin_due` and `ended` touches it.
        self._running: dict[int, Future[Delivered]] = {}

    def send_due(self) -> Delivered:
        """Send all that is due now; what fails is due again after its pause."""
        self.begin_due()
        wait(self._running.values())
        return self.ended()

    def begin_due(self) -> None:
        """Begin to send what is due to clients to whom nothing is being sent."""
        in_transaction(self._database, self._forget)
        with self._database.read() as session:
            clients = session.scalars(_clients_due(self._now())).all()
        for client_id in clients:
            if client_id not in self._running:
                self._running[client_id] = self._begin(client_id)

    def ended(self) -> Delivered:
        """Sum up what was sent to the clients with whom it is done; raises their errors."""
        done = [each for each, future in self._running.items() if future.done()]
        results = [self._running.pop(client_id) for client_id in done]
        return sum((each.result() for each in results), Delivered())

    def stop(self) -> None:
        """Have each client's thread end after the message it is at, and wait for it."""
        self._is_stopping.set()
        wait(self._running.values())

    def _begin(self, client_id: int) -> Future[Delivered]:
        future: Future[Delivered] = Future()

        def work() -> None:
            try:
                future.set_result(self._send_to(client_id))
            except Exception as error:
                future.set_exception(error)

        threading.Thread(target=work, name=f"webhooks-{client_id}").start()
        return future

    def _send_to(self, client_id: int) -> Delivered:
        """Send what is due to one client.

        An address that fails once is left alone until the next pass: it must not hold up
        the client's others.
        """
        told = Delivered()
        silent: set[int] = set()
        while not self._is_stopping.is_set():
            event = in_transaction(
                self._database, partial(self._take, client_id=client_id, silent=silent)
            )
            if event is None:
                break
            try:
                answer = self._send(event)
            except NotWanted:
                # What is left of it is forgotten with the next pass.
                break
            if not answer.is_taken:
                silent.add(event.webhook_id)
            told += in_transaction(
                self._database, partial(self._settle, event_id=event.id, answer=answer)
            )
        return told

    def _take(
        self, session: Session, *, client_id: int, silent: set[int]
    ) -> WebhookEvent | None:
        now = self._now()
        event = session.scalar(
            _next_due(now, client_id).where(WebhookEvent.webhook_id.not_in(silent))
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
            is_wanted=partial(self._is_wanted, event.id),
        )

    def _is_wanted(self, event_id: int) -> bool:
        """Tell whether the event's client may still be told it, this very second."""
        with self._database.read() as session:
            found = session.scalar(
                select(WebhookEvent.id)
                .join(WebhookEvent.webhook)
                .where(
                    WebhookEvent.id == event_id,
                    Webhook.client_id.in_(open_clients()),
                    is_of_unrestricted(WebhookEvent.appointment_id),
                )
            )
        return found is not None

    def _body(self, event: WebhookEvent) -> bytes:
        told = dict(event.content)
        client = event.webhook.client
        if client.sees_residents:
            with self._database.read() as session:
                appointment = session.get_one(Appointment, event.appointment_id)
                # Of one that has left its relay meanwhile, it learns that, and no name; of a
                # discreet one it asks, and the journal knows who did.
                if is_in_reach(client, appointment) and not appointment.discreet:
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

    def _settle(self, session: Session, *, event_id: int, answer: Answer) -> Delivered:
        event = session.get(WebhookEvent, event_id)
        if event is None:
            # The webhook was removed while its receiver answered.
            return Delivered()
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
        return Delivered(
            delivered=int(event.state == DeliveryState.DELIVERED),
            failed=int(event.state == DeliveryState.WAITING),
            given_up=int(event.state == DeliveryState.GIVEN_UP),
        )

    def _forget(self, session: Session) -> None:
        """Drop what was settled long ago, and what waits for who may not be told it."""
        old = self._now() - timedelta(days=KEPT_DAYS)
        session.execute(delete(WebhookEvent).where(WebhookEvent.settled_at < old))
        closed = select(Webhook.id).where(Webhook.client_id.not_in(open_clients()))
        session.execute(
            delete(WebhookEvent).where(
                WebhookEvent.state == DeliveryState.WAITING,
                or_(
                    WebhookEvent.webhook_id.in_(closed),
                    not_(is_of_unrestricted(WebhookEvent.appointment_id)),
                ),
            )
        )


def is_in_reach(client: ApiClient, appointment: Appointment) -> bool:
    """Tell whether the appointment is the client's organisation's, or at its relay, now."""
    if client.organisation_id is not None:
        return appointment.organisation_id == client.organisation_id
    return appointment.kiosk.relay_id == client.relay_id


def _clients_due(now: datetime) -> Select[int]:
    return (
        select(Webhook.client_id)
        .join(WebhookEvent, WebhookEvent.webhook_id == Webhook.id)
        .where(
            WebhookEvent.state == DeliveryState.WAITING,
            WebhookEvent.due_at <= now,
            Webhook.client_id.in_(open_clients()),
        )
        .distinct()
    )


def _next_due(now: datetime, client_id: int) -> Select[WebhookEvent]:
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
        .where(
            Webhook.client_id == client_id,
            Webhook.client_id.in_(open_clients()),
            WebhookEvent.state == DeliveryState.WAITING,
            WebhookEvent.due_at <= now,
            ~is_held_up,
        )
        .order_by(WebhookEvent.due_at, WebhookEvent.id)
        .limit(1)
        .options(joinedload(WebhookEvent.webhook).joinedload(Webhook.client))
        .with_for_update(of=WebhookEvent, skip_locked=True)
    )

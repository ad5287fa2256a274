# SPDX-License-Identifier: AGPL-3.0-or-later
"""Adds, lists and removes webhooks, and has what was given up sent again."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, joinedload

from booking_web.base.sealing import SecretSeal
from booking_web.domain.rights.clients import ClientRefused, open_clients
from booking_web.tables.clients import ApiClient
from booking_web.tables.webhooks import (
    URL_LENGTH,
    DeliveryState,
    EventKind,
    Webhook,
    WebhookEvent,
)
from booking_web.telling.webhooks.addresses import AddressRefused
from booking_web.telling.webhooks.sender import Sender


@dataclass(frozen=True)
class WebhookState:
    """A webhook and how its events fare."""

    id: int
    client: str
    url: str
    kinds: list[str]
    waiting: int
    delivered: int
    given_up: int
    # Of the latest event that is not delivered.
    last_error: str


def add_webhook(
    session: Session,
    client_name: str,
    url: str,
    kinds: list[EventKind],
    *,
    sender: Sender,
    seal: SecretSeal,
    now: datetime,
) -> str:
    """Add a webhook and give its secret, to be shown once. Raises ClientRefused."""
    client = session.scalar(
        select(ApiClient).where(
            ApiClient.name == client_name, ApiClient.id.in_(open_clients())
        )
    )
    if client is None:
        raise ClientRefused(f"no client {client_name}")
    if len(url) > URL_LENGTH:
        raise ClientRefused("the address is too long")
    try:
        sender.check(url)
    except AddressRefused as error:
        raise ClientRefused(f"nothing is sent to {url}: {error}") from error
    secret = secrets.token_urlsafe(32)
    session.add(
        Webhook(
            client_id=client.id,
            url=url,
            sealed_secret=seal.seal(secret),
            kinds=",".join(kinds),
            created_at=now,
        )
    )
    return secret


def remove_webhook(session: Session, webhook_id: int) -> None:
    """Forget the webhook and what it was still to be told. Raises ClientRefused."""
    session.execute(delete(WebhookEvent).where(WebhookEvent.webhook_id == webhook_id))
    gone = session.execute(
        delete(Webhook).where(Webhook.id == webhook_id).returning(Webhook.id)
    )
    if gone.first() is None:
        raise ClientRefused(f"no webhook {webhook_id}")


def retry_given_up(session: Session, webhook_id: int, now: datetime) -> int:
    """Have the events that were given up sent again; tells how many."""
    given_up = (
        update(WebhookEvent)
        .where(
            WebhookEvent.webhook_id == webhook_id,
            WebhookEvent.state == DeliveryState.GIVEN_UP,
        )
        .values(state=DeliveryState.WAITING, attempts=0, due_at=now, settled_at=None)
        .returning(WebhookEvent.id)
    )
    return len(session.execute(given_up).all())


def webhook_states(session: Session) -> list[WebhookState]:
    """List every webhook of a client that was not removed."""
    counted = select(
        WebhookEvent.webhook_id, WebhookEvent.state, func.count()
    ).group_by(WebhookEvent.webhook_id, WebhookEvent.state)
    counts = {(each[0], each[1]): each[2] for each in session.execute(counted)}
    errors: dict[int, str] = {
        each.webhook_id: each.last_error
        for each in session.scalars(
            select(WebhookEvent)
            .where(
                WebhookEvent.state != DeliveryState.DELIVERED,
                WebhookEvent.last_error != "",
            )
            .order_by(WebhookEvent.id)
        )
    }
    query = (
        select(Webhook)
        .join(Webhook.client)
        .where(ApiClient.removed_at.is_(None))
        .order_by(Webhook.id)
        .options(joinedload(Webhook.client))
    )
    return [
        WebhookState(
            webhook.id,
            webhook.client.name,
            webhook.url,
            webhook.kinds.split(","),
            waiting=counts.get((webhook.id, DeliveryState.WAITING), 0),
            delivered=counts.get((webhook.id, DeliveryState.DELIVERED), 0),
            given_up=counts.get((webhook.id, DeliveryState.GIVEN_UP), 0),
            last_error=errors.get(webhook.id, ""),
        )
        for webhook in session.scalars(query)
    ]

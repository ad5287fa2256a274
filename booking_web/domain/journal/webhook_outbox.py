# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes down what is to be told, in the transaction in which it happens."""

import uuid
from datetime import datetime
from typing import cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.journal.snapshot import snapshot
from booking_web.domain.rights.clients import open_clients
from booking_web.domain.rights.restriction import is_restricted
from booking_web.tables.appointment import Appointment
from booking_web.tables.webhooks import EventKind, Webhook, WebhookEvent
from provisioning.database.models import Kiosk


def queue_event(
    session: Session,
    appointment: Appointment,
    kind: EventKind,
    now: datetime,
    former: tuple[int, int] | None = None,
) -> None:
    """Leave the event for each webhook that is to be told; it is sent after the commit.

    `former` are the kiosk and the organisation that had it before: the relay of that kiosk
    and that organisation are told too that they have it no more.
    """
    if session.scalar(_ANY_WEBHOOK) is None:
        return
    if is_restricted(session, appointment.resident_id):
        return
    webhooks = session.scalars(_WEBHOOKS).all()
    session.flush()
    had_it = former or (appointment.kiosk_id, appointment.organisation_id)
    kiosk_ids = (appointment.kiosk_id, had_it[0])
    organisation_ids = (appointment.organisation_id, had_it[1])
    relay_ids = set(
        session.scalars(select(Kiosk.relay_id).where(Kiosk.id.in_(kiosk_ids)))
    )
    # As `Person.sees` has it: also the town hall that booked it at another relay's kiosk.
    if appointment.town_hall_id is not None:
        relay_ids.add(appointment.town_hall_id)
    told = [
        webhook
        for webhook in webhooks
        if kind in webhook.kinds.split(",")
        and (
            webhook.client.organisation_id in organisation_ids
            or webhook.client.relay_id in relay_ids
        )
    ]
    if not told:
        return
    content = snapshot(appointment)
    for webhook in told:
        session.add(
            WebhookEvent(
                uuid=str(uuid.uuid4()),
                webhook_id=webhook.id,
                appointment_id=appointment.id,
                kind=kind,
                content=content,
                created_at=now,
                due_at=now,
            )
        )


# Most towns have none: then nothing more is asked.
_ANY_WEBHOOK = select(cast(Table, Webhook.__table__).c.id).limit(1)
# There are few of them: which are concerned is seen faster here than asked.
_WEBHOOKS = (
    select(Webhook)
    .where(Webhook.client_id.in_(open_clients()))
    .options(joinedload(Webhook.client))
)

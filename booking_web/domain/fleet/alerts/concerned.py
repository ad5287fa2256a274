# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which alerts about disuse concern whom: who keeps the site, a town hall, an organisation."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.fleet.alerts.raising import raised_alerts
from booking_web.tables.alerts import (
    DISUSE,
    DISUSE_OF_KIOSKS,
    DISUSE_OF_ORGANISATIONS,
    DISUSE_OF_RELAYS,
    Alert,
)
from provisioning.database.models import Kiosk, Organisation, Relay


def disuse_at_site(session: Session) -> list[Alert]:
    """List what is told of disuse anywhere, the first one first."""
    return [each for each in raised_alerts(session) if each.kind in DISUSE]


def disuse_at_relays(session: Session, relays: Collection[Relay]) -> list[Alert]:
    """List what is told of these relays and of their kiosks."""
    numbers = [each.id for each in relays]
    kiosks = session.scalars(select(Kiosk.slug).where(Kiosk.relay_id.in_(numbers)))
    slugs, named = set(kiosks), {each.slug for each in relays}
    return [
        each
        for each in disuse_at_site(session)
        if (each.kind in DISUSE_OF_KIOSKS and each.subject in slugs)
        or (each.kind in DISUSE_OF_RELAYS and each.subject in named)
    ]


def disuse_at_organisation(session: Session, organisation: Organisation) -> list[Alert]:
    """List what is told of an organisation."""
    return [
        each
        for each in disuse_at_site(session)
        if each.kind in DISUSE_OF_ORGANISATIONS and each.subject == organisation.slug
    ]

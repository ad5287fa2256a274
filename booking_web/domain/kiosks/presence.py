# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes down who is there, and tells open pages what changed."""

from collections.abc import Mapping
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.journal.telling import tell_duty, tell_readiness
from booking_web.domain.kiosks.watch import is_watched
from booking_web.tables.presence import (
    THE_WATCH,
    EndpointKind,
    EndpointPresence,
    Presence,
    PresenceWatch,
)
from provisioning.database.models import Counsellor, Kiosk, Organisation

logger = structlog.get_logger(__name__)


def write_presence(
    session: Session,
    devices: Mapping[str, Presence],
    members: Mapping[tuple[str, str], Presence],
    now: datetime,
    *,
    is_all: bool,
) -> None:
    """Write what was heard: of devices by endpoint, of members by queue and endpoint.

    With `is_all` whoever is not named is offline, and a change happened nobody knows when.
    Endpoints of nobody in the directory, and other queues than a counsellor's own, do not
    count. It is a sign of life as well.
    """
    rows = {row.slug: row for row in session.scalars(select(EndpointPresence))}
    for slug, kiosk_id in session.execute(select(Kiosk.slug, Kiosk.id)):
        state = devices.get(slug, Presence.OFFLINE if is_all else None)
        since = None if is_all else now
        if _write(session, rows.get(slug), slug, EndpointKind.KIOSK, state, since):
            tell_readiness(session, kiosk_id, now)
    counsellors = select(Counsellor.slug, Organisation.slug, Organisation.id).join(
        Counsellor.organisation
    )
    changed: set[int] = set()
    for slug, organisation, organisation_id in session.execute(counsellors):
        state = members.get((organisation, slug), Presence.OFFLINE if is_all else None)
        since = None if is_all else now
        kind = EndpointKind.COUNSELLOR
        if _write(session, rows.get(slug), slug, kind, state, since):
            changed.add(organisation_id)
    for organisation_id in sorted(changed):
        # Whether one's own telephone rings at all stands on each counsellor's page.
        tell_duty(session, organisation_id, now)
    if changed or not is_watched(session, now):
        tell_readiness(session, None, now)
    _watch(session).heard_at = now


def keep_watch(session: Session, now: datetime) -> None:
    """Give a sign of life."""
    if not is_watched(session, now):
        tell_readiness(session, None, now)
    _watch(session).heard_at = now


def end_watch(session: Session, now: datetime) -> None:
    """Say that nobody hears Asterisk: what is written of presence no longer counts."""
    watch = _watch(session)
    if watch.heard_at is not None:
        watch.heard_at = None
        tell_readiness(session, None, now)


def _write(
    session: Session,
    row: EndpointPresence | None,
    slug: str,
    kind: EndpointKind,
    state: Presence | None,
    since: datetime | None,
) -> bool:
    if state is None or (row is not None and row.state == state):
        return False
    if row is None:
        row = EndpointPresence(slug=slug, kind=kind, state=state, since=since)
        session.add(row)
    row.state, row.since = state, since
    logger.info("endpoint seen", endpoint=slug, state=str(state))
    return True


def _watch(session: Session) -> PresenceWatch:
    watch = session.get(PresenceWatch, THE_WATCH)
    if watch is None:
        watch = PresenceWatch(id=THE_WATCH, heard_at=None)
        session.add(watch)
    return watch

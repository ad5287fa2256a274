# SPDX-License-Identifier: AGPL-3.0-or-later
"""Turns what is found wrong into alerts: raised where it lasts, over where it stays away.

One notice goes out when an alert begins and one when it is over, whatever happens between:
each kind waits before it believes either.
"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from booking_web.domain.fleet.alerts.findings import Finding, Subject
from booking_web.domain.fleet.alerts.people import Ways, people_concerned
from booking_web.domain.journal.telling import tell_readiness
from booking_web.tables.alerts import (
    DETAIL_LENGTH,
    DISUSE,
    MAILED_FROM_OUTSIDE,
    Alert,
    AlertKind,
    AlertNotice,
    NoticeChannel,
    NoticeState,
)

KEPT = timedelta(days=90)

logger = structlog.get_logger(__name__)


class Patience(NamedTuple):
    """For how long something must last before it is believed."""

    to_begin: timedelta
    to_end: timedelta


_AT_ONCE = timedelta()
_MINUTES = timedelta(minutes=1)
# What is told in days may wait for an hour: a clock that was set wrong is right again by then.
_AN_HOUR = timedelta(hours=1)
PATIENCE: Mapping[AlertKind, Patience] = {
    # Kiosks are heard every minute: after the server itself was away they come back by then.
    AlertKind.KIOSK_SILENT: Patience(3 * _MINUTES, 10 * _MINUTES),
    # Two of them were red already.
    AlertKind.SELF_TEST_FAILED: Patience(_AT_ONCE, _AT_ONCE),
    AlertKind.OTHER_MACHINE: Patience(_AT_ONCE, 60 * _MINUTES),
    # Until that token opens nothing any more.
    AlertKind.TOKEN_MISUSED: Patience(_AT_ONCE, _AT_ONCE),
    AlertKind.CLOCK_WRONG: Patience(10 * _MINUTES, 10 * _MINUTES),
    AlertKind.UPDATE_FAILED: Patience(_AT_ONCE, _AT_ONCE),
    AlertKind.SECURITY_OLD: Patience(_AT_ONCE, _AT_ONCE),
    # It is tried again at once, and again.
    AlertKind.NOT_WIPED: Patience(1 * _MINUTES, _AT_ONCE),
    AlertKind.DISK_LOW: Patience(10 * _MINUTES, 10 * _MINUTES),
    AlertKind.CERTIFICATE_ENDS: Patience(_AT_ONCE, _AT_ONCE),
    AlertKind.DISPATCHER_SILENT: Patience(2 * _MINUTES, 5 * _MINUTES),
    AlertKind.BACKUP_OLD: Patience(_AT_ONCE, _AT_ONCE),
    AlertKind.JOURNAL_BROKEN: Patience(_AT_ONCE, _AT_ONCE),
    # Seen twice already, both ways.
    AlertKind.SERVER_FAILING: Patience(_AT_ONCE, _AT_ONCE),
    **dict.fromkeys(sorted(DISUSE), Patience(_AN_HOUR, _AN_HOUR)),
}


def raised_alerts(session: Session) -> list[Alert]:
    """List the alerts that were told and are not over, the first one first."""
    query = select(Alert).where(Alert.raised_at.is_not(None), Alert.ended_at.is_(None))
    return list(session.scalars(query.order_by(Alert.raised_at, Alert.id)))


def subjects_of(alerts: Iterable[Alert]) -> set[Subject]:
    """Give what these alerts are about."""
    return {Subject(AlertKind(each.kind), each.subject) for each in alerts}


def settle_alerts(
    session: Session,
    findings: Iterable[Finding],
    ways: Ways,
    now: datetime,
) -> list[Alert]:
    """Bring the alerts to what is found now; gives those that began or are over.

    For each of these a notice waits for each of the ways, and for each person concerned.
    """
    found = {each.subject: each for each in findings}
    open_alerts = {
        Subject(AlertKind(each.kind), each.subject): each
        for each in session.scalars(select(Alert).where(Alert.ended_at.is_(None)))
    }
    told = []
    for subject, finding in found.items():
        alert = open_alerts.get(subject) or _seen(session, finding, now)
        if _begins(alert, finding, now):
            told.append(alert)
    for subject, alert in open_alerts.items():
        if subject not in found and _is_over(session, alert, now):
            told.append(alert)
    session.flush()
    for alert in told:
        _announce(session, alert, ways, now)
    if told:
        tell_readiness(session, None, now)
    return told


def forget_old_alerts(session: Session, now: datetime) -> None:
    """Remove the alerts that were over long ago, with their notices."""
    session.execute(delete(Alert).where(Alert.ended_at < now - KEPT))


def _seen(session: Session, finding: Finding, now: datetime) -> Alert:
    kind, name = finding.subject
    alert = Alert(kind=kind, subject=name, detail="", seen_at=now)
    session.add(alert)
    return alert


def _begins(alert: Alert, finding: Finding, now: datetime) -> bool:
    """Keep what is known of it; tell whether it has now lasted long enough."""
    alert.past_since = None
    # A clock that was ahead when it was first seen makes nobody wait until then.
    alert.seen_at = min(alert.seen_at, now)
    alert.detail = finding.detail[:DETAIL_LENGTH]
    if alert.raised_at is not None:
        return False
    patience = finding.patience or PATIENCE[finding.subject.kind].to_begin
    if now - alert.seen_at < patience:
        return False
    alert.raised_at = now
    return True


def _is_over(session: Session, alert: Alert, now: datetime) -> bool:
    """Tell whether an alert is over now; one that was told to nobody is forgotten."""
    if alert.raised_at is None:
        session.delete(alert)
        return False
    alert.past_since = min(alert.past_since or now, now)
    if now - alert.past_since < PATIENCE[AlertKind(alert.kind)].to_end:
        return False
    alert.ended_at = now
    return True


def _announce(session: Session, alert: Alert, ways: Ways, now: datetime) -> None:
    is_over = alert.ended_at is not None
    log = logger.info if is_over else logger.warning
    event = "alert over" if is_over else "alert begins"
    log(event, kind=str(alert.kind), subject=alert.subject, detail=alert.detail)
    to: list[tuple[NoticeChannel, int | None]] = []
    for channel in sorted(ways.channels):
        if channel is NoticeChannel.EMAIL and alert.kind in MAILED_FROM_OUTSIDE:
            continue
        if channel is NoticeChannel.PERSON:
            to += [(channel, each) for each in people_concerned(session, alert, ways)]
        else:
            to.append((channel, None))
    session.add_all(
        AlertNotice(
            uuid=str(uuid.uuid4()),
            alert_id=alert.id,
            is_over=is_over,
            channel=channel,
            user_id=user_id,
            state=NoticeState.WAITING,
            attempts=0,
            next_attempt_at=now,
            created_at=now,
        )
        for channel, user_id in to
    )

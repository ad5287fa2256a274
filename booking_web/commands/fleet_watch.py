# SPDX-License-Identifier: AGPL-3.0-or-later
"""Looks after the fleet once a minute, beside the process that sends what it finds.

Whoever sends the e-mails watches: where that process is dead no alert could go out anyway, and
the dispatcher, which is one of those watched, cannot tell of its own death.
"""

import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.orm import Session

from booking_web.base.published_rings import site_rings
from booking_web.base.settings import Settings
from booking_web.base.this_machine import (
    booted_at,
    certificate_end,
    disk_of,
    failing_checks,
    last_backup,
    product_version,
)
from booking_web.base.transactions import in_transaction
from booking_web.domain.fleet.alerts.disuse import DisuseLimits, find_disuse
from booking_web.domain.fleet.alerts.findings import find
from booking_web.domain.fleet.alerts.people import Ways
from booking_web.domain.fleet.alerts.raising import (
    forget_old_alerts,
    raised_alerts,
    settle_alerts,
    subjects_of,
)
from booking_web.domain.fleet.diagnosis import forget_old_archives
from booking_web.domain.fleet.nodes import TellsOfNode, take_node_report
from booking_web.domain.fleet.opening_checks import forget_old_checks
from booking_web.domain.fleet.orders import expire_orders, forget_old_orders
from booking_web.tables.alerts import NoticeChannel
from provisioning.database.engine import Database, wait_for_turn

EVERY = timedelta(minutes=1)
# Any number will do, as long as nobody else takes it: of several that watch, one at a time.
WATCH_TURN = 7_201_927


class FleetWatch:
    """Looks when it is time to."""

    def __init__(
        self, settings: Settings, database: Database, now: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._database = database
        self._now = now
        self._looked_at: datetime | None = None

    def look(self) -> int:
        """Look at the fleet, if a minute has passed; tells how many alerts began or ended."""
        now = self._now()
        # A clock that was put back is no reason to wait until it is as late again.
        if self._looked_at is not None and timedelta() <= now - self._looked_at < EVERY:
            return 0
        self._looked_at = now
        told = _of_this_node(self._settings, now)
        return in_transaction(
            self._database, lambda session: self._settle(session, told, now)
        )

    def _settle(self, session: Session, told: TellsOfNode, now: datetime) -> int:
        wait_for_turn(session.connection(), WATCH_TURN)
        take_node_report(session, told, now)
        expire_orders(session, now)
        forget_old_orders(session, now)
        forget_old_archives(session, now)
        forget_old_alerts(session, now)
        forget_old_checks(session, now)
        session.flush()
        raised = subjects_of(raised_alerts(session))
        silent_for = timedelta(hours=self._settings.alert_silent_hours)
        given_out = site_rings(self._settings).given_out
        findings = find(session, raised, silent_for, now, given_out)
        findings += find_disuse(session, raised, limits_of(self._settings), now)
        return len(settle_alerts(session, findings, ways_of(self._settings), now))


def ways_of(settings: Settings) -> Ways:
    """Give the ways by which the site is told of alerts."""
    ways = {
        NoticeChannel.EMAIL: settings.alert_mail,
        NoticeChannel.WEBHOOK: settings.alert_webhook,
        NoticeChannel.PERSON: settings.smtp_host and settings.mail_from,
    }
    return Ways(
        frozenset(channel for channel, address in ways.items() if address),
        frozenset((settings.alert_mail or "").split()),
    )


def limits_of(settings: Settings) -> DisuseLimits:
    """Give after how much disuse the site is told of it."""
    return DisuseLimits(
        unused_days=settings.alert_unused_days,
        unattended_days=settings.alert_unattended_days,
        missed_calls=settings.alert_missed_calls,
        paper_days=settings.alert_paper_days,
    )


def _of_this_node(settings: Settings, now: datetime) -> TellsOfNode:
    disk = disk_of(_kept_in(settings)) or (None, None)
    certificate, backup = settings.certificate_file, settings.backup_result
    watched = settings.watch_result
    return TellsOfNode(
        name=socket.gethostname(),
        version=product_version(),
        booted_at=booted_at(now),
        disk_free_bytes=disk[0],
        disk_bytes=disk[1],
        certificate_ends=certificate_end(Path(certificate)) if certificate else None,
        is_backup_watched=backup is not None,
        backed_up_at=last_backup(Path(backup)) if backup else None,
        failing=failing_checks(Path(watched), now) if watched else None,
    )


def _kept_in(settings: Settings) -> Path:
    """Give the folder that fills up: of the documents, else of the database, else of all."""
    if settings.documents_dir:
        return Path(settings.documents_dir)
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).parent
    return Path("/")

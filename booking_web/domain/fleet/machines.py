# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a kiosk's machine tells of itself every minute, the latest word alone.

Each works in the caller's writing transaction. Open pages are told of what somebody would
act upon, not of each minute.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from booking_web.domain.journal.telling import tell_readiness
from booking_web.domain.kiosks.clock import seconds_ahead
from booking_web.tables.fleet import MachineReport

# How often a machine is to report; after so long without a word it is silent.
REPORT_SECONDS = 60
SILENT_AFTER = timedelta(minutes=5)
# Whoever misuses a token may do so a thousand times a minute.
MISUSE_IS_NEWS_AFTER = timedelta(hours=1)

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class TellsOfMachine:
    """What a machine told."""

    version: str
    machine_id: str
    clock: datetime | None = None
    booted_at: datetime | None = None
    address: str = ""
    disk_free_bytes: int | None = None
    disk_bytes: int | None = None
    certificate_ends: datetime | None = None
    packages: Mapping[str, str] = field(default_factory=dict)
    screens: Sequence[Any] = ()
    tells_security: bool = False
    security_signed_at: datetime | None = None


def take_machine_report(
    session: Session, kiosk_id: int, told: TellsOfMachine, now: datetime
) -> None:
    """Write down what the kiosk's own machine told."""
    report = _report_of(session, kiosk_id)
    was = (report.version, report.address, report.clock_ahead_seconds)
    was_silent = is_silent(report, now)
    report.heard_at = now
    report.version = told.version
    report.machine_id = told.machine_id
    report.booted_at = told.booted_at
    report.address = told.address
    report.clock_ahead_seconds = seconds_ahead(told.clock, now)
    report.disk_free_bytes = told.disk_free_bytes
    report.disk_bytes = told.disk_bytes
    report.certificate_ends = told.certificate_ends
    report.packages = dict(told.packages)
    report.screens = list(told.screens)
    report.tells_security = told.tells_security
    report.security_signed_at = told.security_signed_at
    if report.stranger_id == told.machine_id:
        # It was enrolled as this kiosk since.
        report.stranger_at, report.stranger_id, report.stranger_address = None, "", ""
    session.flush()
    is_now = (report.version, report.address, report.clock_ahead_seconds)
    if was_silent or was != is_now:
        tell_readiness(session, kiosk_id, now)


def note_stranger(
    session: Session, kiosk_id: int, machine_id: str, address: str, now: datetime
) -> None:
    """Write down that another machine came with this kiosk's token."""
    report = _report_of(session, kiosk_id)
    is_news = report.stranger_at is None or report.stranger_id != machine_id
    report.stranger_at = now
    report.stranger_id = machine_id
    report.stranger_address = address
    session.flush()
    if is_news:
        logger.warning("another machine came", kiosk=kiosk_id, machine=machine_id)
        tell_readiness(session, kiosk_id, now)


def note_misused_token(
    session: Session, kiosk_id: int, token_digest: str, address: str, now: datetime
) -> bool:
    """Write down that somebody asked with this kiosk's token for what nobody ordered.

    Tells whether that is news: not where the same token was so misused within the hour.
    """
    report = _report_of(session, kiosk_id)
    is_news = report.misused_token != token_digest or (
        report.misused_at is None or now - report.misused_at >= MISUSE_IS_NEWS_AFTER
    )
    if is_news:
        report.misused_at = now
        report.misused_token = token_digest
        report.misused_address = address
        session.flush()
        tell_readiness(session, kiosk_id, now)
    return is_news


def is_silent(report: MachineReport | None, now: datetime) -> bool:
    """Tell whether the machine has not been heard for longer than it may rest."""
    if report is None or report.heard_at is None:
        return True
    return now - report.heard_at > SILENT_AFTER


def _report_of(session: Session, kiosk_id: int) -> MachineReport:
    report = session.get(MachineReport, kiosk_id)
    if report is None:
        report = MachineReport(
            kiosk_id=kiosk_id,
            version="",
            machine_id="",
            address="",
            clock_ahead_seconds=0,
            packages={},
            screens=[],
            stranger_id="",
            stranger_address="",
            misused_token="",
            misused_address="",
        )
        session.add(report)
    return report

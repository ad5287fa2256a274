# SPDX-License-Identifier: AGPL-3.0-or-later
"""Alerts of every kind, begun and ended, and what waits to be told of them."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from booking_web.domain.fleet.alerts.findings import Finding, Subject
from booking_web.domain.fleet.alerts.people import Ways
from booking_web.domain.fleet.alerts.raising import PATIENCE, settle_alerts
from booking_web.tables.alerts import Alert, AlertKind, AlertNotice, NoticeChannel

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
IT = ("it@mairie.example", "astreinte@mairie.example")
K = AlertKind
WAYS = Ways(frozenset(NoticeChannel), IT)
FINDINGS = {
    K.KIOSK_SILENT: ("kiosk-wassigny", "2026-11-24T09:00+00:00"),
    K.SELF_TEST_FAILED: ("kiosk-guise", "screens:one_screen fan:- camera:lens_cracked"),
    K.OTHER_MACHINE: ("kiosk-guise", "198.51.100.9"),
    K.TOKEN_MISUSED: ("kiosk-guise", "198.51.100.9"),
    K.CLOCK_WRONG: ("kiosk-guise", "-3600"),
    K.UPDATE_FAILED: ("kiosk-guise", "rolled_back 0.3.1 phone_stopped"),
    K.SECURITY_OLD: ("kiosk-guise", "2026-11-02T08:00+00:00"),
    K.DISK_LOW: ("host-1", "800000000"),
    K.CERTIFICATE_ENDS: ("host-1", "2026-11-29T11:00+00:00"),
    K.DISPATCHER_SILENT: ("", ""),
    K.NOT_WIPED: ("kiosk-guise", "screen:silent"),
    K.BACKUP_OLD: ("host-1", "2026-11-20T03:00+00:00"),
    K.JOURNAL_BROKEN: ("", "2 41 2026-11-24T03:20+00:00"),
    K.SERVER_FAILING: ("host-1", "database units"),
    K.RELAY_UNUSED: ("guise", "14 2026-11-03 Relais de Guise"),
    K.KIOSK_UNREACHABLE: ("kiosk-guise", "- 2026-11-23T09:00+00:00 Relais de Guise"),
    K.PAPER_UNCHECKED: ("kiosk-guise", "5 2026-11-16 Relais de Guise"),
    K.NO_HOURS: ("caf", "3 - Caisse d'allocations familiales"),
    K.NO_COUNSELLOR: ("msa", "3 2026-11-18 Mutualité sociale agricole (MSA)"),
    K.CALLS_MISSED: ("msa", "7 - Mutualité sociale agricole (MSA)"),
}


def begin(database, *kinds, at=NOW) -> None:
    """Have alerts of these kinds begin; those that are not named end."""
    findings = [
        Finding(Subject(kind, FINDINGS[kind][0]), FINDINGS[kind][1], timedelta(0))
        for kind in kinds
    ]
    # One that is patient needs two looks to believe that something is wrong.
    for _ in range(2):
        with database.write() as session:
            settle_alerts(session, findings, WAYS, at)


def end_all(database) -> None:
    longest = max(each.to_end for each in PATIENCE.values())
    for moment in (NOW - longest, NOW):
        with database.write() as session:
            settle_alerts(session, [], WAYS, moment)


def notices(database, channel=NoticeChannel.EMAIL) -> list[AlertNotice]:
    with database.read() as session:
        query = select(AlertNotice).where(AlertNotice.channel == channel)
        return list(session.scalars(query.order_by(AlertNotice.id)))


def backdate(database) -> None:
    """Have every alert seen an hour ago, so that each has lasted long enough."""
    with database.write() as session:
        for alert in session.scalars(select(Alert)):
            alert.seen_at = NOW - timedelta(hours=1)


def raise_all(database, *kinds) -> None:
    begin(database, *kinds)
    backdate(database)
    begin(database, *kinds)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who looks at the fleet again and again, and a kiosk that tells how it is."""

from datetime import UTC, datetime, timedelta

import pytest

from booking_web.domain.fleet.alerts.findings import find
from booking_web.domain.fleet.alerts.people import Ways
from booking_web.domain.fleet.alerts.raising import (
    raised_alerts,
    settle_alerts,
    subjects_of,
)
from booking_web.domain.fleet.machines import TellsOfMachine, take_machine_report
from booking_web.domain.fleet.self_tests import Check, TellsOfSelfTest, take_self_test
from booking_web.tables.alerts import NoticeChannel
from booking_web.tables.fleet import CheckState, TestReason

# A Tuesday, 10:02 in Paris.
NOW = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WASSIGNY = 1
BOTH = Ways(frozenset({NoticeChannel.EMAIL, NoticeChannel.WEBHOOK}))


class Watch:
    """Who looks at the fleet, again and again, and what was told."""

    def __init__(self, session) -> None:
        self.session = session
        self.now = NOW
        self.silent_for = timedelta(hours=72)
        self.given_out: frozenset[str] | None = None

    def look(self, after=timedelta()) -> list[str]:
        """Look once; give what was told now."""
        self.now += after
        raised = subjects_of(raised_alerts(self.session))
        findings = find(self.session, raised, self.silent_for, self.now, self.given_out)
        told = settle_alerts(self.session, findings, BOTH, self.now)
        return [
            f"{each.kind} {each.subject} {'over' if each.ended_at else 'begins'}"
            for each in told
        ]

    def look_for(self, length, every=None) -> list[str]:
        """Look every few minutes for so long; give what was told meanwhile."""
        end, told = self.now + length, []
        every = every or max(MINUTE, length / 12)
        while self.now < end:
            told += self.look(every)
        return told


@pytest.fixture
def watch(session) -> Watch:
    return Watch(session)


@pytest.fixture
def heard(session, watch):
    """Give a function that has the kiosk of Wassigny tell how it is."""

    def tell(at=None, **told):
        at = at or watch.now
        usual = {"version": "1", "machine_id": "a" * 64, "clock": at}
        take_machine_report(session, WASSIGNY, TellsOfMachine(**usual | told), at)

    return tell


@pytest.fixture
def tested(session, watch):
    """Give a function that has the kiosk of Wassigny test itself."""

    def write(*failed):
        checks = [Check(name, CheckState.FAILED, why) for name, why in failed]
        checks.append(Check("disk", CheckState.OK))
        told = TellsOfSelfTest(version="1", reason=TestReason.MORNING, checks=checks)
        take_self_test(session, WASSIGNY, told, watch.now)

    return write

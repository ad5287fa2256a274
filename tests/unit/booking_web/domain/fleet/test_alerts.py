# SPDX-License-Identifier: AGPL-3.0-or-later
"""When somebody is told of a machine: once when it begins, once when it is over, never between."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select

from booking_web.domain.fleet.alerts.findings import find
from booking_web.domain.fleet.alerts.raising import (
    PATIENCE,
    raised_alerts,
    settle_alerts,
    subjects_of,
)
from booking_web.domain.fleet.machines import (
    TellsOfMachine,
    note_stranger,
    take_machine_report,
)
from booking_web.domain.fleet.nodes import TellsOfNode, take_node_report
from booking_web.domain.fleet.self_tests import Check, TellsOfSelfTest, take_self_test
from booking_web.domain.kiosks.presence import end_watch, write_presence
from booking_web.tables.alerts import Alert, AlertKind, AlertNotice, NoticeChannel
from booking_web.tables.fleet import CheckState, MachineReport, TestReason
from booking_web.tables.presence import Presence
from provisioning.database.access import EndpointCut

# A Tuesday, 10:02 in Paris.
NOW = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WASSIGNY = 1
BOTH = frozenset(NoticeChannel)


class Watch:
    """Who looks at the fleet, again and again, and what was told."""

    def __init__(self, session) -> None:
        self.session = session
        self.now = NOW
        self.silent_for = 72 * HOUR

    def look(self, after=timedelta()) -> list[str]:
        """Look once; give what was told now."""
        self.now += after
        raised = subjects_of(raised_alerts(self.session))
        findings = find(self.session, raised, self.silent_for, self.now)
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


def test_a_kiosk_that_was_never_heard_is_nobodys_alarm(watch) -> None:
    assert watch.look_for(HOUR) == []


def test_a_kiosk_that_is_off_for_the_night_is_nobodys_alarm(watch, heard) -> None:
    heard(NOW - 14 * HOUR)
    assert watch.look_for(HOUR) == []


def test_a_kiosk_that_is_off_while_somebody_is_expected_is_told_once(
    watch, heard, booked
) -> None:
    heard(NOW - 14 * HOUR)
    booked(NOW + 58 * MINUTE)
    assert watch.look_for(HOUR) == ["kiosk_silent kiosk-wassigny begins"]
    # It is over once the kiosk is there and stays, not when the hour is past.
    assert watch.look_for(6 * HOUR) == []
    heard()
    assert watch.look_for(5 * MINUTE) == []
    heard()
    assert watch.look_for(5 * MINUTE) == []
    heard()
    assert watch.look_for(9 * MINUTE) == ["kiosk_silent kiosk-wassigny over"]


def test_an_appointment_at_another_kiosk_makes_no_alarm_here(
    watch, heard, booked
) -> None:
    heard(NOW - 14 * HOUR)
    booked(NOW + 58 * MINUTE, relay="guise")
    assert watch.look_for(HOUR) == []


def test_a_kiosk_whose_telephone_is_there_can_be_called_and_is_no_alarm(
    watch, heard, booked, session
) -> None:
    heard(NOW - HOUR)
    booked(NOW + 58 * MINUTE)
    write_presence(
        session, {"kiosk-wassigny": Presence.READY}, {}, watch.now, is_all=True
    )
    assert watch.look() == []


@pytest.mark.parametrize(
    ("at", "is_told"),
    [
        (NOW, True),
        # Ten in the evening, a Sunday, Christmas.
        (NOW + 13 * HOUR, False),
        (NOW + 5 * DAY, False),
        (datetime(2026, 12, 25, 9, 0, tzinfo=UTC), False),
    ],
)
def test_a_kiosk_that_is_silent_for_days_is_told_when_town_halls_work(
    watch, heard, at, is_told
) -> None:
    heard(at - 80 * HOUR)
    watch.now = at
    told = watch.look_for(10 * MINUTE)
    assert told == (["kiosk_silent kiosk-wassigny begins"] if is_told else [])


def test_after_the_server_was_away_kiosks_have_time_to_come_back(
    watch, heard, booked
) -> None:
    heard(NOW - 3 * HOUR)
    booked(NOW + 30 * MINUTE)
    assert watch.look() == []
    heard()
    assert watch.look_for(5 * MINUTE) == []


def test_a_kiosk_that_comes_and_goes_is_told_once(watch, heard, booked) -> None:
    heard(NOW - HOUR)
    booked(NOW + 30 * MINUTE)
    told = watch.look_for(5 * MINUTE)
    for _ in range(10):
        heard()
        told += watch.look_for(15 * MINUTE)
    assert told == ["kiosk_silent kiosk-wassigny begins"]


def test_one_red_self_test_is_seen_on_the_page_two_in_a_row_are_told(
    watch, tested, session
) -> None:
    tested(("camera", "black_picture"))
    assert watch.look() == []
    tested()
    tested(("camera", "black_picture"))
    assert watch.look() == []
    tested(("screens", "one_screen"), ("camera", "black_picture"))
    assert watch.look() == ["self_test_failed kiosk-wassigny begins"]
    [alert] = raised_alerts(session)
    assert alert.detail == "screens:one_screen camera:black_picture"
    tested(("screens", "one_screen"))
    assert watch.look() == []
    tested()
    assert watch.look() == ["self_test_failed kiosk-wassigny over"]


GB = 1_000_000_000


def test_a_disk_that_swings_around_the_bound_is_told_once(watch, heard) -> None:
    told = []
    for free in (1.9, 2.1, 1.9, 2.5, 1.8, 2.9):
        heard(disk_free_bytes=int(free * GB), disk_bytes=64 * GB)
        told += watch.look_for(15 * MINUTE, 5 * MINUTE)
    assert told == ["disk_low kiosk-wassigny begins"]
    heard(disk_free_bytes=20 * GB, disk_bytes=64 * GB)
    assert watch.look_for(15 * MINUTE) == ["disk_low kiosk-wassigny over"]


def test_a_small_disk_is_judged_by_its_share(watch, heard) -> None:
    heard(disk_free_bytes=int(1.2 * GB), disk_bytes=8 * GB)
    assert watch.look_for(15 * MINUTE) == []
    heard(disk_free_bytes=int(0.7 * GB), disk_bytes=8 * GB)
    assert watch.look_for(15 * MINUTE) == ["disk_low kiosk-wassigny begins"]


def test_a_certificate_is_told_two_weeks_before_its_end(watch, heard) -> None:
    heard(certificate_ends=NOW + 15 * DAY)
    assert watch.look() == []
    assert watch.look(DAY + MINUTE) == ["certificate_ends kiosk-wassigny begins"]
    heard(certificate_ends=NOW + 90 * DAY)
    assert watch.look(MINUTE) == ["certificate_ends kiosk-wassigny over"]


def test_a_clock_that_is_wrong_for_ten_minutes_is_told(watch, heard) -> None:
    heard(clock=NOW - HOUR)
    assert watch.look_for(5 * MINUTE) == []
    assert watch.look_for(6 * MINUTE) == ["clock_wrong kiosk-wassigny begins"]
    heard()
    assert watch.look_for(12 * MINUTE) == ["clock_wrong kiosk-wassigny over"]


def test_another_machine_is_told_at_once_and_over_when_it_stays_away(
    watch, heard, session
) -> None:
    heard()
    note_stranger(session, WASSIGNY, "b" * 64, "198.51.100.9", watch.now)
    assert watch.look() == ["other_machine kiosk-wassigny begins"]
    assert watch.look_for(HOUR) == []
    assert watch.look_for(HOUR) == ["other_machine kiosk-wassigny over"]


def test_a_machine_that_is_enrolled_is_no_stranger_any_more(
    watch, heard, session
) -> None:
    heard()
    note_stranger(session, WASSIGNY, "b" * 64, "198.51.100.9", watch.now)
    heard(machine_id="b" * 64)
    assert watch.look() == []
    assert session.get_one(MachineReport, WASSIGNY).stranger_id == ""


def test_a_kiosk_that_was_shut_out_is_nobodys_alarm(
    watch, heard, booked, session
) -> None:
    heard(NOW - HOUR, certificate_ends=NOW)
    booked(NOW + 58 * MINUTE)
    cut = EndpointCut(slug="kiosk-wassigny", asked_at=NOW, is_revoked=True)
    session.add(cut)
    assert watch.look_for(30 * MINUTE) == []
    session.delete(cut)
    assert sorted(watch.look_for(30 * MINUTE)) == [
        "certificate_ends kiosk-wassigny begins",
        "kiosk_silent kiosk-wassigny begins",
    ]


def test_a_dispatcher_that_was_never_there_or_restarts_is_no_alarm(
    watch, session
) -> None:
    assert watch.look_for(10 * MINUTE) == []
    write_presence(session, {}, {}, watch.now, is_all=True)
    assert watch.look() == []
    assert watch.look_for(MINUTE) == []
    write_presence(session, {}, {}, watch.now, is_all=True)
    assert watch.look_for(MINUTE) == []


def test_a_dispatcher_that_hears_nothing_is_told(watch, session) -> None:
    write_presence(session, {}, {}, watch.now, is_all=True)
    end_watch(session, watch.now)
    assert watch.look_for(5 * MINUTE) == ["dispatcher_silent  begins"]
    told = []
    for _ in range(8):
        write_presence(session, {}, {}, watch.now + MINUTE, is_all=True)
        told += watch.look_for(MINUTE)
    assert told == ["dispatcher_silent  over"]


def test_a_backup_that_is_too_old_is_told_and_a_new_server_has_its_first_night(
    watch, session
) -> None:
    def told_by_node(**told):
        node = TellsOfNode(name="host", version="1", is_backup_watched=True, **told)
        take_node_report(session, node, watch.now)

    told_by_node()
    assert watch.look_for(35 * HOUR, HOUR) == []
    assert watch.look_for(2 * HOUR, HOUR) == ["backup_old host begins"]
    told_by_node(backed_up_at=watch.now)
    assert watch.look(MINUTE) == ["backup_old host over"]
    assert watch.look_for(35 * HOUR, HOUR) == []
    assert watch.look_for(3 * HOUR, HOUR) == ["backup_old host begins"]


def test_what_is_gone_for_good_is_over(watch, heard, session) -> None:
    heard(certificate_ends=NOW)
    assert watch.look() == ["certificate_ends kiosk-wassigny begins"]
    session.execute(delete(MachineReport))
    assert watch.look(MINUTE) == ["certificate_ends kiosk-wassigny over"]
    assert watch.look_for(HOUR) == []


def test_what_did_not_last_leaves_nothing_behind(watch, heard, session) -> None:
    heard(clock=NOW - HOUR)
    watch.look()
    heard()
    watch.look(MINUTE)
    assert session.scalars(select(Alert)).all() == []


def test_each_channel_is_given_one_notice_of_each_turn(watch, heard, session) -> None:
    heard(certificate_ends=NOW)
    watch.look_for(10 * MINUTE)
    heard(certificate_ends=NOW + 90 * DAY)
    watch.look_for(10 * MINUTE)
    notices = session.scalars(select(AlertNotice).order_by(AlertNotice.id)).all()
    assert [(each.channel, each.is_over) for each in notices] == [
        ("email", False),
        ("webhook", False),
        ("email", True),
        ("webhook", True),
    ]
    assert {each.state for each in notices} == {"waiting"}


def test_every_kind_has_its_patience() -> None:
    assert set(PATIENCE) == set(AlertKind)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""When somebody is told that a kiosk is silent: once, and never because a town hall is closed."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select

from booking_web.domain.fleet.alerts.raising import PATIENCE
from booking_web.domain.kiosks.presence import write_presence
from booking_web.tables.alerts import Alert, AlertKind, AlertNotice
from booking_web.tables.fleet import MachineReport
from booking_web.tables.presence import Presence

NOW = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


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

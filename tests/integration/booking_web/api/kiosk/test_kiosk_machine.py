# SPDX-License-Identifier: AGPL-3.0-or-later
"""What kiosks' machines tell and are asked, over HTTP, on SQLite and on PostgreSQL."""

import gzip
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select

from booking_web.domain.fleet.diagnosis import (
    MAX_ARCHIVE_BYTES,
    archive_of,
    fetch_archive,
    forget_old_archives,
)
from booking_web.domain.fleet.orders import GOOD_FOR, HANDED_AGAIN_AFTER, ask_kiosk
from booking_web.domain.fleet.self_tests import KEPT_OF_EACH, kept_self_tests
from booking_web.tables.appointment import LiveEvent
from booking_web.tables.fleet import (
    Diagnosis,
    KioskOrder,
    MachineReport,
    OrderKind,
    SelfTest,
)
from provisioning.database.models import Kiosk
from stage.clock import Clock

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
WASSIGNY, GUISE = "kiosk-wassigny", "kiosk-guise"
BASE = "/api/kiosk/v1"
MACHINE = {
    "version": "1.2.0",
    "machine_id": "a" * 64,
    "booted_at": "2026-11-24T06:00:00+00:00",
    "address": "192.0.2.7",
    "clock": "2026-11-24T11:00:01+00:00",
    "disk_free_bytes": 40_000_000_000,
    "disk_bytes": 64_000_000_000,
    "certificate_ends": "2027-01-01T00:00:00+00:00",
    "packages": {"guichet-kiosk": "1.2.0"},
    "screens": [{"name": "HDMI-1"}, {"name": "HDMI-2"}],
}
GREEN = {"name": "camera", "state": "ok", "cause": None, "details": {"width": 640}}
RED = {"name": "printer", "state": "failed", "cause": "no_paper", "details": {}}
TEST = {"at": "2026-11-24T11:00:00+00:00", "version": "1.2.0", "reason": "morning"}


@pytest.fixture
def clock():
    return Clock(NOON)


@pytest.fixture
def database(either_database):
    return either_database


@pytest.fixture
def put(new_app, either_ground, clock):
    """Give a function that sends something as a kiosk does."""
    client = new_app(either_ground, now=clock).test_client()

    def send(address, told=None, kiosk=WASSIGNY, **named):
        token = either_ground.kiosk_tokens[kiosk]
        headers = {"Authorization": f"Bearer {token}"}
        named |= {"json": told} if told is not None else {}
        return client.put(BASE + address, headers=headers, **named)

    return send


@pytest.fixture
def kiosk_id(database):
    return number_of(database, WASSIGNY)


def number_of(database, slug) -> int:
    with database.read() as session:
        return session.scalars(select(Kiosk.id).where(Kiosk.slug == slug)).one()


def ask(database, kiosk_id, kind, at=NOON) -> int:
    with database.write() as session:
        return ask_kiosk(session, kiosk_id, kind, "user:1", at).id


def order(database, order_id) -> KioskOrder:
    with database.read() as session:
        return session.get_one(KioskOrder, order_id)


def live_events(database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(LiveEvent)) or 0


def test_the_latest_word_of_a_machine_is_kept(put, database, kiosk_id, clock) -> None:
    assert put("/machine", MACHINE).json == {
        "orders": [],
        "report_seconds": 60,
        "free_seconds": 12 * 3600,
        "repository": None,
    }
    clock.now += timedelta(hours=1)
    assert put("/machine", MACHINE | {"address": "192.0.2.8"}).status_code == 200
    with database.read() as session:
        [report] = session.scalars(select(MachineReport)).all()
    assert (report.kiosk_id, report.heard_at) == (kiosk_id, clock.now)
    assert (report.version, report.address) == ("1.2.0", "192.0.2.8")
    # It said eleven o'clock at twelve.
    assert report.clock_ahead_seconds == -3600
    assert report.disk_free_bytes == 40_000_000_000
    assert report.certificate_ends == datetime(2027, 1, 1, tzinfo=UTC)
    assert report.packages == {"guichet-kiosk": "1.2.0"}
    assert [each["name"] for each in report.screens] == ["HDMI-1", "HDMI-2"]
    # One of a former version, which does not tell.
    assert not report.tells_security


@pytest.mark.parametrize("signed_at", [None, "2026-11-20T08:00:00+00:00"])
def test_of_when_its_list_of_security_updates_is_is_kept(
    put, database, signed_at
) -> None:
    told = MACHINE | {"security_lists": {"signed_at": signed_at}}
    assert put("/machine", told).status_code == 200
    with database.read() as session:
        [report] = session.scalars(select(MachineReport)).all()
    kept = report.security_signed_at
    assert report.tells_security
    assert (kept and kept.isoformat()) == signed_at


def test_open_pages_hear_of_news_not_of_each_minute(put, database, clock) -> None:
    put("/machine", MACHINE)
    heard = live_events(database)
    assert heard == 1
    for _ in range(3):
        clock.now += timedelta(minutes=1)
        put("/machine", MACHINE | {"clock": clock.now.isoformat()})
    assert live_events(database) == heard
    put("/machine", MACHINE | {"clock": clock.now.isoformat(), "version": "1.3.0"})
    assert live_events(database) == heard + 1
    clock.now += timedelta(minutes=20)
    put("/machine", MACHINE | {"clock": clock.now.isoformat(), "version": "1.3.0"})
    assert live_events(database) == heard + 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"machine_id": "short"},
        {"machine_id": None},
        {"version": ""},
        {"version": "9" * 61},
        {"disk_bytes": -1},
        {"disk_bytes": "many"},
        {"clock": "yesterday"},
        {"clock": "2026-11-24T11:00:00"},
        {"packages": ["guichet"]},
        {"packages": {"x": "y" * 101}},
        {"screens": [{}] * 17},
        {"screens": ["x" * 9000]},
        {"security_lists": {}},
        {"security_lists": {"signed_at": "of late"}},
    ],
)
def test_a_report_that_makes_no_sense_is_refused_and_changes_nothing(
    put, database, wrong
) -> None:
    assert put("/machine", MACHINE | wrong).status_code == 422
    with database.read() as session:
        assert session.scalars(select(MachineReport)).all() == []


def test_a_newer_kiosk_may_tell_more(put) -> None:
    assert put("/machine", MACHINE | {"fans": 3}).status_code == 200
    unknown = {"name": "fan", "state": "failed", "cause": "stuck", "speed": 0}
    assert put("/self-test", TEST | {"checks": [unknown]}).status_code == 204


def test_an_order_is_handed_out_once_to_its_kiosk_alone(
    put, database, kiosk_id, clock
) -> None:
    first = ask(database, kiosk_id, OrderKind.SELF_TEST)
    second = ask(database, kiosk_id, OrderKind.DIAGNOSE)
    assert put("/machine", MACHINE, kiosk=GUISE).json["orders"] == []
    assert put("/machine", MACHINE).json["orders"] == [
        {"id": first, "kind": "self_test"},
        {"id": second, "kind": "diagnose"},
    ]
    assert put("/machine", MACHINE).json["orders"] == []
    assert order(database, first).taken_at == NOON
    # Its plug was pulled: what it told nothing of, it is given again.
    clock.now += HANDED_AGAIN_AFTER
    assert [each["id"] for each in put("/machine", MACHINE).json["orders"]] == [
        first,
        second,
    ]


def test_to_ask_twice_is_to_ask_once(put, database, kiosk_id) -> None:
    first = ask(database, kiosk_id, OrderKind.SELF_TEST)
    assert ask(database, kiosk_id, OrderKind.SELF_TEST) == first
    put("/machine", MACHINE)
    assert ask(database, kiosk_id, OrderKind.SELF_TEST) == first
    put("/self-test", TEST | {"reason": "asked", "order": first, "checks": [GREEN]})
    assert ask(database, kiosk_id, OrderKind.SELF_TEST) != first


def test_an_order_that_nobody_came_for_is_given_up(
    put, database, kiosk_id, clock
) -> None:
    number = ask(database, kiosk_id, OrderKind.SELF_TEST)
    clock.now += GOOD_FOR
    assert put("/machine", MACHINE).json["orders"] == []
    assert order(database, number).state == "expired"
    assert order(database, number).settled_at == clock.now


def test_a_self_test_is_kept_and_settles_its_order(put, database, kiosk_id) -> None:
    number = ask(database, kiosk_id, OrderKind.SELF_TEST)
    put("/machine", MACHINE)
    told = TEST | {"reason": "asked", "order": number, "checks": [GREEN, RED]}
    assert put("/self-test", told).status_code == 204
    assert order(database, number).state == "done"
    with database.read() as session:
        [test] = kept_self_tests(session, kiosk_id)
    assert (test.is_ok, test.reason, test.order_id) == (False, "asked", number)
    assert test.heard_at == NOON and test.version == "1.2.0"
    assert test.checks == [GREEN, RED]


def test_what_a_kiosk_is_set_to_have_none_of_is_no_failure(put, database) -> None:
    absent = {"name": "scanner", "state": "absent", "cause": None}
    put("/self-test", TEST | {"checks": [GREEN, absent]})
    with database.read() as session:
        assert session.scalars(select(SelfTest.is_ok)).all() == [True]


def test_of_each_kiosk_the_last_few_self_tests_are_kept(
    put, database, kiosk_id
) -> None:
    put("/self-test", TEST | {"checks": [RED]}, kiosk=GUISE)
    for number in range(KEPT_OF_EACH + 5):
        put("/self-test", TEST | {"version": f"1.{number}", "checks": [GREEN]})
    with database.read() as session:
        kept = [each.version for each in kept_self_tests(session, kiosk_id)]
        theirs = kept_self_tests(session, number_of(database, GUISE))
    assert kept == [f"1.{number}" for number in range(KEPT_OF_EACH + 4, 4, -1)]
    assert len(theirs) == 1


def test_a_self_test_for_another_kiosks_order_settles_nothing(put, database) -> None:
    theirs = ask(database, number_of(database, GUISE), OrderKind.SELF_TEST)
    put("/self-test", TEST | {"order": theirs, "checks": [GREEN]})
    put("/self-test", TEST | {"order": 4711, "checks": [GREEN]})
    assert order(database, theirs).state == "waiting"
    with database.read() as session:
        assert session.scalars(select(SelfTest.order_id)).all() == [None, None]


@pytest.mark.parametrize(
    "wrong",
    [
        {"checks": []},
        {"checks": [GREEN] * 31},
        {"checks": [GREEN | {"state": "purple"}]},
        {"checks": [GREEN | {"name": "Caméra"}]},
        {"checks": [GREEN], "reason": "because"},
        {"checks": [GREEN], "order": 2**31},
        {"checks": [RED | {"cause": "no paper"}]},
    ],
)
def test_a_self_test_that_makes_no_sense_is_refused(put, database, wrong) -> None:
    assert put("/self-test", TEST | wrong).status_code == 422
    with database.read() as session:
        assert session.scalars(select(SelfTest)).all() == []


def test_details_that_are_too_long_are_left_out_and_the_check_is_kept(
    put, database
) -> None:
    put("/self-test", TEST | {"checks": [RED | {"details": {"log": "x" * 5000}}]})
    with database.read() as session:
        [checks] = session.scalars(select(SelfTest.checks)).all()
    assert checks == [RED | {"details": {"left_out": "too long"}}]


def bring(put, order_id, content, mimetype="application/gzip", **named):
    address = f"/orders/{order_id}/result"
    return put(address, data=content, content_type=mimetype, **named)


def test_an_archive_is_kept_until_it_is_fetched_once(put, database, kiosk_id) -> None:
    number = ask(database, kiosk_id, OrderKind.DIAGNOSE)
    content = gzip.compress(b"logs")
    assert bring(put, number, content).status_code == 204
    assert order(database, number).state == "done"
    with database.write() as session:
        assert archive_of(session, kiosk_id).size == len(content)
        assert fetch_archive(session, kiosk_id, number, NOON) == content
    # Brought again because the answer was lost: it was fetched, and stays gone.
    assert bring(put, number, content).status_code == 204
    with database.write() as session:
        assert fetch_archive(session, kiosk_id, number, NOON) is None


def test_a_newer_archive_takes_the_place_of_the_former(
    put, database, kiosk_id, clock
) -> None:
    for text in (b"old", b"new"):
        number = ask(database, kiosk_id, OrderKind.DIAGNOSE)
        assert bring(put, number, gzip.compress(text)).status_code == 204
    with database.write() as session:
        found = fetch_archive(session, kiosk_id, number, NOON)
        assert gzip.decompress(found) == b"new"
        assert archive_of(session, kiosk_id) is None


def test_an_archive_that_nobody_fetches_is_forgotten(put, database, kiosk_id) -> None:
    number = ask(database, kiosk_id, OrderKind.DIAGNOSE)
    bring(put, number, gzip.compress(b"logs"))
    with database.write() as session:
        assert forget_old_archives(session, NOON + timedelta(days=6)) == 0
        assert forget_old_archives(session, NOON + timedelta(days=8)) == 1
        assert archive_of(session, kiosk_id) is None


def test_an_archive_that_was_not_asked_for_or_is_none_is_refused(
    put, database, kiosk_id
) -> None:
    number = ask(database, kiosk_id, OrderKind.DIAGNOSE)
    other = ask(database, kiosk_id, OrderKind.SELF_TEST)
    good = gzip.compress(b"logs")
    assert bring(put, number, good, kiosk=GUISE).status_code == 404
    assert bring(put, other, good).status_code == 404
    assert bring(put, 4711, good).status_code == 404
    assert bring(put, number, b"<html>").status_code == 422
    assert bring(put, number, b"").status_code == 422
    assert bring(put, number, good, "text/plain").status_code == 415
    huge = b"\x1f\x8b" + bytes(MAX_ARCHIVE_BYTES)
    assert bring(put, number, huge).status_code == 413
    assert order(database, number).state == "waiting"
    with database.read() as session:
        assert archive_of(session, kiosk_id) is None


def test_a_kiosk_that_is_removed_takes_all_of_this_with_it(
    put, database, kiosk_id
) -> None:
    number = ask(database, kiosk_id, OrderKind.DIAGNOSE)
    put("/machine", MACHINE)
    put("/self-test", TEST | {"order": number, "checks": [GREEN]})
    bring(put, number, gzip.compress(b"logs"))
    with database.write() as session:
        session.execute(delete(LiveEvent))
        session.delete(session.get_one(Kiosk, kiosk_id))
    with database.read() as session:
        for table in (MachineReport, SelfTest, KioskOrder, Diagnosis):
            assert session.scalars(select(table)).all() == []

# SPDX-License-Identifier: AGPL-3.0-or-later
"""`/sante` has asked what it says is well: the database, and who hears Asterisk."""

from datetime import UTC, datetime, timedelta

from booking_web.domain.kiosks.presence import end_watch, write_presence
from booking_web.domain.kiosks.watch import WATCH_STALE_AFTER
from stage.clock import Clock

ADDRESS = "/sante"
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def test_it_asks_the_database_and_who_hears_asterisk(new_app, ground, database) -> None:
    def asked() -> tuple[int, str, str]:
        answer = client.get(ADDRESS)
        told = answer.get_json()
        assert (told["status"] == "ok") is (answer.status_code == 200)
        return answer.status_code, told["database"], told["asterisk"]

    clock = Clock(NOW)
    client = new_app(ground, now=clock).test_client()
    # No dispatcher was ever started: pages are served all the same.
    assert asked() == (200, "ok", "unknown")
    hear(database, clock.now)
    assert asked() == (200, "ok", "ok")
    with database.write() as session:
        end_watch(session, clock.now)
    assert asked() == (503, "ok", "silent")
    hear(database, clock.now)
    assert asked() == (200, "ok", "ok")
    clock.now += WATCH_STALE_AFTER + timedelta(seconds=1)
    assert asked() == (503, "ok", "silent")


def test_a_database_that_is_away_is_said(new_app, ground, tmp_path) -> None:
    away = f"sqlite:///{tmp_path}/none/guichet.db"
    answer = new_app(ground, database_url=away).test_client().get(ADDRESS)
    assert answer.status_code == 503
    assert answer.get_json() == {
        "status": "failing",
        "database": "away",
        "asterisk": "unknown",
    }


def hear(database, at: datetime) -> None:
    with database.write() as session:
        write_presence(session, {}, {}, at, is_all=True)

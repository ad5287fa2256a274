# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a kiosk is told to be updated from, and what it tells of its last update."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from booking_web.domain.fleet.orders import ask_kiosk
from booking_web.tables.appointment import LiveEvent
from booking_web.tables.fleet import KioskOrder, KioskUpdate, MachineReport, OrderKind
from provisioning.database.models import Kiosk

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
WASSIGNY, GUISE = "kiosk-wassigny", "kiosk-guise"
BASE = "/api/kiosk/v1"
MACHINE = {"version": "1.2.0", "machine_id": "a" * 64}
NIGHT = "2026-11-24T03:12:00+01:00"
BACK = {"state": "rolled_back", "from": "1.2.0", "to": "1.3.0", "at": NIGHT}
BACK |= {"cause": "no_tone"}


@pytest.fixture
def database(either_database):
    return either_database


@pytest.fixture
def put(new_app, either_ground):
    """Give a function that reports as a kiosk's machine does, to a site with settings."""

    def send(told, kiosk=WASSIGNY, **settings):
        client = new_app(either_ground, now=lambda: NOON, **settings).test_client()
        token = either_ground.kiosk_tokens[kiosk]
        headers = {"Authorization": f"Bearer {token}"}
        return client.put(f"{BASE}/machine", headers=headers, json=MACHINE | told)

    return send


@pytest.fixture
def repository(tmp_path):
    """Give the settings of a site with a repository."""
    key = tmp_path / "guichet.asc"
    key.write_text("a public key")
    return {
        "repository_uri": "https://guichet.example/depot",
        "repository_key_file": str(key),
        "repository_pilots": f"kiosk-marly {GUISE}",
    }


def kept(database) -> list[KioskUpdate]:
    with database.read() as session:
        return list(session.scalars(select(KioskUpdate)))


def live_events(database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(LiveEvent)) or 0


def test_each_kiosk_is_told_the_suite_of_its_ring(put, repository) -> None:
    told = {"uri": "https://guichet.example/depot", "key": "a public key"}
    assert put({}, **repository).json["repository"] == told | {"suite": "stable"}
    assert put({}, GUISE, **repository).json["repository"] == told | {"suite": "pilot"}


def test_a_site_without_a_repository_tells_of_none(put) -> None:
    assert put({}).json["repository"] is None


def test_fault_a_key_that_cannot_be_read_keeps_no_report_away(
    put, database, repository, tmp_path
) -> None:
    (tmp_path / "guichet.asc").unlink()
    answer = put({}, **repository)
    assert (answer.status_code, answer.json["repository"]) == (200, None)
    with database.read() as session:
        assert session.scalars(select(MachineReport.version)).all() == ["1.2.0"]


def test_the_last_update_is_kept_and_told_once(put, database) -> None:
    put({"update": BACK})
    [update] = kept(database)
    assert (update.state, update.cause) == ("rolled_back", "no_tone")
    assert (update.from_version, update.to_version) == ("1.2.0", "1.3.0")
    assert update.tried_at == datetime(2026, 11, 24, 2, 12, tzinfo=UTC)
    heard = live_events(database)
    put({"update": BACK})
    assert live_events(database) == heard
    put({"update": BACK | {"state": "done", "to": "1.4.0", "cause": None}})
    [update] = kept(database)
    assert (update.state, update.to_version, update.cause) == ("done", "1.4.0", "")
    assert live_events(database) == heard + 1


@pytest.mark.parametrize("told", [{"update": None}, {"update": {"state": "none"}}, {}])
def test_a_kiosk_that_was_made_anew_tried_nothing(put, database, told) -> None:
    put({"update": BACK})
    assert put(told).status_code == 200
    assert kept(database) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "perhaps"},
        {"state": None},
        {"to": "9" * 61},
        {"from": 3},
        {"at": "2026-11-24T03:12:00"},
        {"cause": "No tone"},
    ],
)
def test_an_update_that_makes_no_sense_is_refused_and_changes_nothing(
    put, database, wrong
) -> None:
    assert put({"update": BACK | wrong}).status_code == 422
    assert kept(database) == []


def test_an_update_settles_the_order_that_asked_for_it(put, database) -> None:
    with database.write() as session:
        kiosk_id = session.scalars(select(Kiosk.id).where(Kiosk.slug == WASSIGNY)).one()
        number = ask_kiosk(session, kiosk_id, OrderKind.UPDATE, "user:1", NOON).id

    def state() -> str:
        with database.read() as session:
            return str(session.get_one(KioskOrder, number).state)

    assert put({"update": BACK}).json["orders"] == [{"id": number, "kind": "update"}]
    # That one was before.
    put({"update": BACK})
    assert state() == "taken"
    later = (NOON + timedelta(minutes=2)).isoformat()
    put({"update": {"state": "done", "from": "1.2.0", "to": "1.4.0", "at": later}})
    assert state() == "done"

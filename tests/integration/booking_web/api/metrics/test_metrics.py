# SPDX-License-Identifier: AGPL-3.0-or-later
"""What Prometheus is told: figures of the site, never a name of a resident."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from booking_web.domain.appointments.booking import book
from booking_web.domain.fleet.machines import TellsOfMachine, take_machine_report
from booking_web.domain.fleet.nodes import TellsOfNode, take_node_report
from booking_web.domain.fleet.self_tests import Check, TellsOfSelfTest, take_self_test
from booking_web.domain.fleet.updates import TellsOfUpdate, take_update
from booking_web.domain.kiosks.presence import write_presence
from booking_web.tables.fleet import CheckState, TestReason, UpdateState
from booking_web.tables.presence import Presence
from provisioning.database.models import Kiosk
from stage.waiting import PATIENCE
from tests.factories.orders import an_order

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
TOKEN = "a token of the tests"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}
DASHBOARD = Path(__file__).parents[5] / "docs" / "grafana" / "guichet.json"
RESIDENT, SECRETARY = "Mme Untel-Inconnue", "Mairie de Wassigny"


@pytest.fixture
def database(either_database):
    return either_database


@pytest.fixture
def client(new_app, either_ground):
    app = new_app(either_ground, now=lambda: NOW, metrics_token=TOKEN)
    return app.test_client()


@pytest.fixture
def busy(database) -> None:
    """Have everything tell something, and somebody be booked."""
    checks = [Check("camera", CheckState.FAILED, "no_camera")]
    test = TellsOfSelfTest(version="1", reason=TestReason.MORNING, checks=checks)
    machine = TellsOfMachine(
        version="1.2",
        machine_id="a" * 64,
        clock=NOW + timedelta(hours=1),
        disk_free_bytes=10,
        disk_bytes=100,
        certificate_ends=NOW + timedelta(days=30),
        packages={"guichet-kiosk": "0.2.0"},
    )
    update = TellsOfUpdate(
        state=UpdateState.ROLLED_BACK, from_version="0.2.0", to_version="0.3.0"
    )
    node = TellsOfNode(
        name="host",
        version="1.2",
        disk_free_bytes=5,
        disk_bytes=50,
        certificate_ends=NOW,
        is_backup_watched=True,
        backed_up_at=NOW - timedelta(hours=9),
    )
    with database.write() as session:
        query = select(Kiosk.id).where(Kiosk.slug == "kiosk-wassigny")
        kiosk_id = session.scalars(query).one()
        take_machine_report(session, kiosk_id, machine, NOW)
        take_self_test(session, kiosk_id, test, NOW)
        take_update(session, kiosk_id, update, NOW)
        take_node_report(session, node, NOW)
        there = {"kiosk-wassigny": Presence.READY}
        write_presence(
            session,
            there,
            {("msa", "counsellor-msa-1"): Presence.READY},
            NOW,
            is_all=True,
        )
        asked = an_order(
            token="form",
            resident_name=RESIDENT,
            starts_at=NOW + timedelta(hours=1),
        )
        book(session, asked, NOW)


def told(client):
    """Read what is told, as Prometheus does: by name, the value by its labels."""
    text = client.get("/metrics", headers=SHOWN).text
    return {
        sample.name: {
            tuple(each.labels.values()): each.value
            for each in family.samples
            if each.name == sample.name
        }
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_each_figure_has_the_value_of_its_machine(client, busy) -> None:
    found = told(client)
    kiosk = ("kiosk-wassigny",)
    assert found["guichet_kiosk_ready"][kiosk] == 1
    assert found["guichet_kiosk_ready"][("kiosk-guise",)] == 0
    assert found["guichet_kiosk_self_test_ok"] == {kiosk: 0}
    assert found["guichet_kiosk_seen_timestamp_seconds"] == {kiosk: NOW.timestamp()}
    assert found["guichet_kiosk_clock_ahead_seconds"] == {kiosk: 3600}
    assert found["guichet_kiosk_disk_free_bytes"] == {kiosk: 10}
    assert found["guichet_kiosk_info"] == {("kiosk-wassigny", "1.2"): 1}
    assert found["guichet_kiosks"] == {("rolled_back", "0.2.0"): 1, ("none", ""): 2}
    assert found["guichet_node_disk_bytes"] == {("host",): 50}
    assert found["guichet_node_backup_timestamp_seconds"] == {
        ("host",): (NOW - timedelta(hours=9)).timestamp()
    }
    assert found["guichet_appointments_near"][("booked",)] == 1
    assert found["guichet_calls"] == {("calling",): 0, ("in_call",): 0, ("queued",): 0}
    assert found["guichet_counsellors_ready"][("msa",)] == 1
    assert found["guichet_dispatcher_up"] == {(): 1}
    assert found["guichet_outbox"][("messages", "waiting")] == 0
    assert found["guichet_alerts"][("disk_low",)] == 0


def test_requests_are_counted_by_room_and_never_by_address(client) -> None:
    client.get("/connexion")
    client.get("/bureau/rendez-vous/4711/nobody")
    client.open("/connexion", method="BREW")
    found = told(client)
    counts = found["guichet_http_requests_total"]
    assert counts[("GET", "accounts", "200")] == 1
    assert sum(counts.values()) == 3
    assert {method for method, _, _ in counts} == {"GET", "other"}
    assert found["guichet_http_request_seconds_count"][("accounts",)] == 1


def test_nobody_is_named(client, busy, ground) -> None:
    text = client.get("/metrics", headers=SHOWN).text
    secrets = (TOKEN, *ground.kiosk_tokens.values())
    for name in (RESIDENT, SECRETARY, "mairie@", "counsellor-msa-1", *secrets):
        assert name not in text


@pytest.mark.parametrize("header", [None, "Bearer wrong", TOKEN, "Bearer \u00e9"])
def test_without_the_token_nothing_is_told(client, header) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert "guichet_" not in answer.text


def test_without_the_setting_it_is_not_there(new_app, either_ground) -> None:
    client = new_app(either_ground).test_client()
    assert client.get("/metrics", headers=SHOWN).status_code == 404


def test_every_query_of_the_dashboard_asks_for_figures_that_are_told(
    client, busy
) -> None:
    told(client)
    names = set(told(client))
    labels = {
        label
        for family in text_string_to_metric_families(
            client.get("/metrics", headers=SHOWN).text
        )
        for sample in family.samples
        for label in sample.labels
    }
    panels = json.loads(DASHBOARD.read_text())["panels"]
    asked = [target for panel in panels for target in panel["targets"]]
    assert len(asked) > 20
    for target in asked:
        wanted = set(re.findall(r"guichet_\w+", target["expr"]))
        assert wanted and wanted <= names, target["expr"]
        grouped = re.findall(r"by \(([^)]*)\)", target["expr"])
        shown = re.findall(r"{{(\w+)}}", target["legendFormat"])
        used = {name.strip() for each in grouped for name in each.split(",")}
        assert used | set(shown) <= labels, target
    # And nothing that is told is shown nowhere.
    shown_names = set(re.findall(r"guichet_\w+", DASHBOARD.read_text()))
    families = {re.sub(r"_(bucket|count|sum|created|total)$", "", n) for n in names}
    shown_families = {re.sub(r"_(bucket|total)$", "", n) for n in shown_names}
    assert families - shown_families <= {
        "guichet_dispatcher_heard_timestamp_seconds",
        "guichet_kiosk_orders_open",
        "guichet_node_seen_timestamp_seconds",
    }


def test_two_workers_count_together(ground, serve, tmp_path, monkeypatch) -> None:
    folder = tmp_path / "counts"
    folder.mkdir()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))
    monkeypatch.setenv("GUICHET_METRICS_TOKEN", TOKEN)
    server = serve("--workers", "2")
    for _ in range(20):
        # Each by a connection of its own, so that both workers are asked.
        assert (
            requests.get(f"{server.url}/connexion", timeout=10 * PATIENCE).status_code
            == 200
        )
    text = requests.get(
        f"{server.url}/metrics", headers=SHOWN, timeout=10 * PATIENCE
    ).text
    found = re.search(
        r'guichet_http_requests_total{method="GET",room="accounts",status="200"} (\S+)',
        text,
    )
    assert found is not None and float(found[1]) == 20
    assert "guichet_dispatcher_up 0.0" in text

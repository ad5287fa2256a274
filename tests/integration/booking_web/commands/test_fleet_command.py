# SPDX-License-Identifier: AGPL-3.0-or-later
"""The commands that ask a kiosk for something and wait for it, on both databases."""

import gzip
import json
import stat
import threading
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from booking_web.commands.main import main as guichet_web
from booking_web.tables.fleet import Diagnosis, KioskOrder
from provisioning.cli import main as guichet_provision
from provisioning.database.engine import Database
from provisioning.server.checks.of_media import heard_at
from provisioning.server.repository.pilots import read_pilots
from provisioning.server.repository.rings import TriedUpdate
from stage.waiting import wait_for

KIOSK = "kiosk-wassigny"
ARCHIVE = gzip.compress(b"logs")
MACHINE = {"version": "1.2.0", "machine_id": "a" * 64}
RED = {"name": "screens", "state": "failed", "cause": "one_screen"}


@pytest.fixture
def kiosk(new_app, either_ground):
    """Give a function that plays the kiosk's machine as long as its block lasts."""
    client = new_app(either_ground).test_client()
    headers = {"Authorization": f"Bearer {either_ground.kiosk_tokens[KIOSK]}"}
    base = "/api/kiosk/v1"

    def obey(order) -> None:
        if order["kind"] == "diagnose":
            client.put(
                f"{base}/orders/{order['id']}/result",
                data=ARCHIVE,
                content_type="application/gzip",
                headers=headers,
            )
        else:
            told = {"version": "1", "reason": "asked", "order": order["id"]}
            told |= {"checks": [RED]}
            client.put(f"{base}/self-test", json=told, headers=headers)

    @contextmanager
    def play(is_dumb=False):
        is_over = threading.Event()

        def run() -> None:
            while not is_over.wait(0.1):
                told = client.put(f"{base}/machine", json=MACHINE, headers=headers)
                for order in [] if is_dumb else told.json["orders"]:
                    obey(order)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()

    return play


@pytest.fixture
def run(either_ground, tmp_path, monkeypatch):
    """Give a function that runs a command in an empty folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def invoke(*arguments, program=guichet_web):
        environment = {"GUICHET_SECRET_KEY": "unused"}
        arguments = ["--database-url", either_ground.url, *arguments]
        return CliRunner().invoke(program, arguments, env=environment)

    return invoke


def orders(ground) -> list[KioskOrder]:
    database = Database(ground.url)
    with database.read() as session:
        found = session.scalars(select(KioskOrder)).all()
        assert session.scalars(select(Diagnosis)).all() == []
    database.dispose()
    return list(found)


@pytest.mark.parametrize("program", [guichet_web, guichet_provision])
def test_diagnose_writes_the_archive_for_its_owner_alone(
    run, kiosk, either_ground, tmp_path, program
) -> None:
    file = tmp_path / "found.tar.gz"
    words = ["fleet"] if program is guichet_web else []
    with kiosk():
        result = run(*words, "diagnose", KIOSK, "--output", str(file), program=program)
    assert result.exit_code == 0, result.output
    assert file.read_bytes() == ARCHIVE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert f"{file}: {len(ARCHIVE)} bytes" in result.output
    [order] = orders(either_ground)
    assert (order.state, order.asked_by) == ("done", "command")


def test_fault_a_kiosk_that_is_off_ends_in_time_and_leaves_no_file(
    run, either_ground, tmp_path
) -> None:
    result = run("fleet", "diagnose", KIOSK, "--wait", "0")
    assert result.exit_code == 1
    assert "did not come for it: is it switched on?" in result.output
    assert list((tmp_path / "here").iterdir()) == []
    assert [order.state for order in orders(either_ground)] == ["waiting"]


def test_fault_a_kiosk_that_takes_the_order_and_dies(run, kiosk, either_ground) -> None:
    with kiosk(is_dumb=True):
        thread_result = run("fleet", "diagnose", KIOSK, "--wait", "0")
        wait_for(lambda: orders(either_ground)[0].state == "taken", "the order taken")
        result = run("fleet", "diagnose", KIOSK, "--wait", "1")
    assert thread_result.exit_code == result.exit_code == 1
    assert "has it and is not ready" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("kiosk-nowhere",), "no kiosk kiosk-nowhere: guichet-provision list kiosks"),
        ((KIOSK, "--output", "there"), "there is there already: name another"),
        ((KIOSK, "--output", "no/such/folder"), "No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    run, tmp_path, arguments, said
) -> None:
    (tmp_path / "here" / "there").write_text("precious")
    result = run("fleet", "diagnose", *arguments, "--wait", "0")
    assert result.exit_code == 1 and said in result.output
    assert (tmp_path / "here" / "there").read_text() == "precious"


def test_a_self_test_is_asked_for_and_shown(run, kiosk) -> None:
    with kiosk():
        result = run("fleet", "self-test", KIOSK)
        told = run("fleet", "self-test", KIOSK, "--json")
    assert result.exit_code == told.exit_code == 1
    assert "screens: failed one_screen" in result.output
    assert json.loads(told.stdout)["is_ok"] is False


def test_the_list_tells_each_kiosk(run, kiosk) -> None:
    with kiosk():
        run("fleet", "self-test", KIOSK)
    listed = run("fleet", "list")
    assert listed.exit_code == 0
    assert "kiosk-guise  never heard  -  not tested" in listed.output
    told = [
        json.loads(line)
        for line in run("fleet", "list", "--json").stdout.split("\n")
        if line
    ]
    [mine] = [each for each in told if each["kiosk"] == KIOSK]
    assert mine["version"] == "1.2.0" and mine["is_ok"] is False
    assert mine["failed"] == [{"name": "screens", "cause": "one_screen"}]
    assert mine["checks"]["screens"] == "failed"


def test_guichet_server_reads_how_each_pilot_is(new_app, either_ground, run) -> None:
    client = new_app(either_ground).test_client()
    headers = {"Authorization": f"Bearer {either_ground.kiosk_tokens[KIOSK]}"}
    at = "2026-11-24T03:12:00+01:00"
    update = {"state": "done", "from": "1.1", "to": "1.2.0", "at": at}
    told = MACHINE | {"packages": {"guichet-kiosk": "1.2.0"}, "update": update}
    client.put("/api/kiosk/v1/machine", json=told, headers=headers)
    media = {"name": "media", "state": "ok", "cause": None}
    test = {"version": "1", "reason": "update", "checks": [RED, media]}
    client.put("/api/kiosk/v1/self-test", json=test, headers=headers)

    listed = run("fleet", "list", "--json").output
    assert heard_at(listed) == {KIOSK: True}
    pilots = read_pilots(listed)

    night = datetime(2026, 11, 24, 2, 12, tzinfo=UTC)
    pilot = pilots[KIOSK]
    assert (pilot.version, pilot.is_ok, pilot.is_silent) == ("1.2.0", False, False)
    assert pilot.begun_at is not None and pilot.begun_at == pilot.tested_at
    assert pilots["kiosk-guise"].begun_at is None
    assert pilot.update == TriedUpdate("done", "1.2.0", night, "")
    assert pilots["kiosk-guise"].version == ""
    assert pilots["kiosk-guise"].update is None

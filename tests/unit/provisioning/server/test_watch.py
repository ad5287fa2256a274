# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-server watch`: what it believes, what it tells, and that it gets in nobody's way."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from provisioning.server import watch
from provisioning.server.answers import answers_text
from provisioning.server.checks.check import Checked, failed, ok
from provisioning.server.lock import is_somebody_at_work, one_at_a_time
from provisioning.server.main import main
from provisioning.server.state import WATCHED
from tests.unit.provisioning.server.machines import (
    machine_in,
    some_answers,
)

AWAY = failed("database", "it does not answer", "systemctl status postgresql")
WELL = ok("database", "reached")
DISK = failed("disk", "1 GB is free", "make room")


class Server:
    """A machine that is looked at again and again."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.machine, self.programs = machine_in(root)
        self.machine.answers_file.parent.mkdir(parents=True)
        self.machine.answers_file.write_text(answers_text(some_answers()))
        self.lock = root / "lock"
        self.checks: list[Checked] = []
        monkeypatch.setattr(watch, "Machine", lambda: self.machine)
        monkeypatch.setattr(watch, "require_root", lambda: None)
        monkeypatch.setattr(watch, "run_checks", lambda machine, answers: self.checks)
        monkeypatch.setattr(
            watch, "is_somebody_at_work", lambda: is_somebody_at_work(self.lock)
        )

    def look(self, *checks: Checked) -> Result:
        self.checks = list(checks)
        ran = CliRunner().invoke(main, ["watch"])
        assert ran.exit_code == 0, ran.output
        return ran

    @property
    def told(self) -> list[dict[str, list[str]]]:
        """What was handed on to be sent, by the names of the checks."""
        texts = [json.loads(text) for text in self.programs.texts]
        return [
            {what: [each["name"] for each in listed] for what, listed in text.items()}
            for text in texts
        ]

    @property
    def believed(self) -> list[str]:
        return json.loads(self.machine.path(WATCHED).read_text())["believed"]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    return Server(tmp_path, monkeypatch)


def test_what_fails_twice_is_told_once_and_once_more_when_it_is_well(server) -> None:
    server.look(AWAY)
    assert (server.told, server.believed) == ([], [])
    server.look(AWAY)
    began = {"began": ["database"], "over": []}
    assert (server.told, server.believed) == ([began], ["database"])
    server.look(AWAY)
    server.look(WELL)
    assert server.told == [began] and server.believed == ["database"]
    server.look(WELL)
    over = {"began": [], "over": ["database"]}
    assert (server.told, server.believed) == ([began, over], [])
    server.look(WELL)
    assert server.told == [began, over]


def test_what_fails_now_and_then_for_a_moment_is_no_news(server) -> None:
    for _ in range(5):
        server.look(AWAY)
        server.look(WELL)
    assert server.told == []


def test_one_that_comes_and_goes_is_told_once(server) -> None:
    server.look(AWAY)
    for _ in range(5):
        server.look(AWAY)
        server.look(WELL)
    server.look(AWAY, DISK)
    server.look(AWAY, DISK)
    assert server.told == [
        {"began": ["database"], "over": []},
        {"began": ["disk"], "over": []},
    ]
    assert server.believed == ["database", "disk"]


def test_what_it_says_now_is_told_with_since_when(server) -> None:
    server.look(AWAY)
    server.look(failed("database", "no room is left", "make room"))
    [told] = json.loads(server.programs.texts[0])["began"]
    assert (told["says"], told["advice"]) == ("no room is left", "make room")
    assert datetime.fromisoformat(told["since"]) <= datetime.now(UTC)
    assert server.programs.which("guichet: guichet-web --config") == [
        f"guichet: guichet-web --config {server.machine.layout.settings}"
        " messages watched"
    ]


def test_an_email_that_does_not_go_out_is_tried_at_each_look(server) -> None:
    server.programs.answer("guichet-web", exit_code=1)
    server.look(AWAY)
    assert "told so" in server.look(AWAY).output
    server.look(AWAY)
    began = {"began": ["database"], "over": []}
    assert server.told == [began, began] and server.believed == ["database"]
    server.programs.answer("guichet-web")
    server.look(AWAY)
    server.look(AWAY)
    assert server.told == [began] * 3
    server.programs.answer("guichet-web", exit_code=1)
    server.look(WELL)
    server.look(WELL)
    server.programs.answer("guichet-web")
    server.look(WELL)
    over = {"began": [], "over": ["database"]}
    assert server.told == [*[began] * 3, over, over] and server.believed == []


def test_what_is_well_before_anybody_could_be_told_is_forgotten(server) -> None:
    server.programs.answer("guichet-web", exit_code=1)
    server.look(AWAY)
    server.look(AWAY)
    server.programs.answer("guichet-web")
    server.look(WELL)
    server.look(WELL)
    server.look(WELL)
    assert server.told == [{"began": ["database"], "over": []}]
    assert server.believed == []


def test_while_somebody_works_nothing_is_believed_nor_forgotten(server) -> None:
    server.look(AWAY)
    with one_at_a_time("guichet-server restore", server.lock):
        assert "somebody is at work" in server.look(AWAY).output
    assert server.told == []
    server.look(AWAY)
    assert server.told == [{"began": ["database"], "over": []}]


def test_a_look_keeps_no_administrator_waiting(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert not is_somebody_at_work(lock)
    with one_at_a_time("guichet-server install", lock):
        assert is_somebody_at_work(lock)
    assert not is_somebody_at_work(lock)
    with one_at_a_time("guichet-server install", lock):
        pass


@pytest.mark.parametrize("text", ["", "[]", "{", '{"failing": [1]}', '{"failing": 3}'])
def test_a_file_that_nobody_can_read_begins_anew(server, text: str) -> None:
    file = server.machine.path(WATCHED)
    file.parent.mkdir(parents=True)
    file.write_text(text)
    server.look(AWAY)
    server.look(AWAY)
    assert server.believed == ["database"]


def test_everybody_may_read_what_it_found(server) -> None:
    server.look(AWAY)
    assert server.machine.path(WATCHED).stat().st_mode & 0o777 == 0o644

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What others must see to, such as a mail server that is away, is told and fails no package."""

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from provisioning.server import install, looking, upgrade
from provisioning.server.answers import answers_text
from provisioning.server.backup.restic import Kept
from provisioning.server.backup.restoring import Restored
from provisioning.server.checks.check import OF_OTHERS, Checked, failed, ok
from provisioning.server.main import main
from tests.unit.provisioning.server.machines import some_answers

OUR_OWN = ("units", "ports", "database", "asterisk", "asterisk-data", "pages")
EACH = [*((name, 0) for name in sorted(OF_OTHERS)), *((name, 1) for name in OUR_OWN)]
NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run a command on a machine on which nothing is done, and one check fails."""
    answers = tmp_path / "given.toml"
    answers.write_text(answers_text(some_answers()))
    nothing = contextlib.nullcontext()
    for module in (install, upgrade):
        monkeypatch.setattr(module, "one_at_a_time", lambda command: nothing)
        monkeypatch.setattr(module, "wait_until_serving", lambda machine, answers: None)
    monkeypatch.setattr(install, "steps_of", lambda answers: [])
    done = {"migrated": False, "asterisk": "kept"}
    monkeypatch.setattr(upgrade, "bring_up_to_date", lambda *args, now: done)
    for module in (upgrade, looking):
        monkeypatch.setattr(module, "require_root", lambda: None)
        monkeypatch.setattr(module, "installed_answers", lambda machine: some_answers())

    def run_it(command: str, failing: str) -> Result:
        checks = some_checks(failing)
        for module in (install, upgrade, looking):
            monkeypatch.setattr(module, "run_checks", lambda machine, answers: checks)
        given = ["--answers", str(answers)] if command == "install" else []
        return CliRunner().invoke(main, [command, *given])

    return run_it


def some_checks(failing: str) -> list[Checked]:
    return [ok("something", "is well"), failed(failing, "is not", "see to it")]


@pytest.mark.parametrize(("failing", "exit_code"), EACH)
@pytest.mark.parametrize("command", ["install", "upgrade"])
def test_an_installation_is_done_when_what_it_brought_serves(
    run, command: str, failing: str, exit_code: int
) -> None:
    told = run(command, failing)
    assert told.exit_code == exit_code, told.output
    assert f"FAILED  {failing}" in told.output and "-> see to it" in told.output


@pytest.mark.parametrize(("failing", "exit_code"), EACH)
def test_a_server_that_serves_again_is_restored(failing: str, exit_code: int) -> None:
    kept = Kept("0a1b2c3d", NOW, "guichet", 2, 1)
    restored = Restored(kept, NOW, "0.2.0", 1.0, None, checks=some_checks(failing))
    assert restored.is_ok is not bool(exit_code)
    told = json.loads(json.dumps(restored.as_json()))["checks"][1]
    assert told["name"] == failing and told["advice"] == "see to it"


@pytest.mark.parametrize(("failing", "exit_code"), EACH)
def test_who_asks_how_the_server_is_hears_of_all_of_it(
    run, failing: str, exit_code: int
) -> None:
    assert run("check", failing).exit_code == 1

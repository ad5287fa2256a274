# SPDX-License-Identifier: AGPL-3.0-or-later
"""A restored machine has all that an installation would have made of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from provisioning.server.answers import answers_text
from provisioning.server.backup import machine_around
from provisioning.server.backup.machine_around import MachineAround
from provisioning.server.plan import steps_of
from tests.unit.provisioning.server.machines import machine_in, some_answers

PROXY = {"url": "http://proxy.example.fr:3128"}
# Of an installation's steps, what a restoration has in another way.
ELSEWHERE = {
    "backups": "the passphrase is the one that opened the backup",
    "repository": "bring_back_repository, around the key that came back",
    "certificate": "it came back; an ACME authority is asked anew",
    "administrator": "the people came back",
}


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give what was done to the machine, step by step, with nothing done to this one."""
    done: list[str] = []

    def told(name: str) -> Callable[..., list[object]]:
        return lambda *_: done.append(name) or []

    for step in steps_of(some_answers()):
        if hasattr(machine_around, step.run.__name__):
            monkeypatch.setattr(machine_around, step.run.__name__, told(step.name))
    for name in ("run_checks", "wait_until_serving"):
        monkeypatch.setattr(machine_around, name, told(name))
    return done


def test_no_step_of_an_installation_is_forgotten() -> None:
    steps = steps_of(some_answers())
    assert ELSEWHERE.keys() <= {step.name for step in steps}
    forgotten = [
        step.name
        for step in steps
        if step.name not in ELSEWHERE and not hasattr(machine_around, step.run.__name__)
    ]
    assert forgotten == []


@pytest.mark.parametrize("proxy", [None, PROXY])
def test_packages_come_by_the_proxy_and_all_that_is_beside_the_files_is_made(
    tmp_path: Path, done: list[str], proxy: dict[str, str] | None
) -> None:
    machine, _ = machine_in(tmp_path)
    settings = tmp_path / "settings"
    settings.mkdir()
    answers = some_answers(proxy=proxy) if proxy else some_answers()
    (settings / machine.answers_file.name).write_text(answers_text(answers))
    around = MachineAround(machine)
    around.make_ready(settings)
    before = ["machine", *(["proxy"] if proxy else []), "packages", "users"]
    assert done == before
    around.start()
    assert done[len(before) :] == [
        *("proxy", "firewall", "archive", "services"),
        *("wait_until_serving", "run_checks"),
    ]

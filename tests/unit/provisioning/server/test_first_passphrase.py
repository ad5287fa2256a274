# SPDX-License-Identifier: AGPL-3.0-or-later
"""The passphrase of the backups is seen, and noted as on paper by somebody."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from provisioning.server.backup import first_passphrase
from provisioning.server.backup.first_passphrase import (
    make_passphrase,
    show_passphrase,
)
from provisioning.server.backup.places import Places
from provisioning.server.checks import of_machine
from provisioning.server.checks.check import State, serves
from provisioning.server.work import Work
from tests.unit.provisioning.server.machines import machine_in, some_answers


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """Give a server whose passphrase was just made."""
    machine, _programs = machine_in(tmp_path)
    places = Places(tmp_path)
    places.settings.mkdir(parents=True)
    assert make_passphrase(Work(machine, some_answers()))
    monkeypatch.setattr(first_passphrase, "Places", lambda: places)
    monkeypatch.setattr(first_passphrase, "require_root", lambda: None)
    return places


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give what goes to the system's log."""
    said: list[str] = []
    monkeypatch.setattr(
        first_passphrase.syslog, "syslog", lambda _level, text: said.append(text)
    )
    monkeypatch.setattr(first_passphrase, "_is_terminal", lambda: True)
    return said


def checked(places: Places) -> State:
    machine, _programs = machine_in(places.root)
    found = of_machine.passphrase(machine, some_answers())
    # An installation is done all the same.
    assert serves([found])
    return found.state


def test_it_is_told_until_somebody_has_it_on_paper(places, said) -> None:
    assert checked(places) is State.FAILED
    passphrase = places.passphrase_file.read_text().strip()
    run = CliRunner().invoke
    not_yet = run(show_passphrase, [], input="Camille\n\n")
    assert passphrase in not_yet.output and "not on paper yet" in not_yet.output
    assert checked(places) is State.FAILED
    wrong = run(show_passphrase, [], input="Camille\nAAAAA\n")
    assert "not on paper yet" in wrong.output
    assert checked(places) is State.FAILED
    right = run(show_passphrase, [], input=f"Camille\n{passphrase[-5:].upper()}\n")
    assert "Noted" in right.output
    assert checked(places) is State.OK
    assert len(said) == 3 and all(each.endswith("to Camille") for each in said)
    assert passphrase not in "".join(said)


def test_it_is_noted_without_being_shown(places) -> None:
    passphrase = places.passphrase_file.read_text().strip()
    noted = CliRunner().invoke(show_passphrase, ["--written-down"])
    assert noted.exit_code == 0 and passphrase not in noted.output
    assert checked(places) is State.OK


def test_it_is_shown_to_nobody_who_is_not_there(places) -> None:
    passphrase = places.passphrase_file.read_text().strip()
    piped = CliRunner().invoke(show_passphrase, [], input="Camille\n")
    assert piped.exit_code == 2 and passphrase not in piped.output


def test_a_server_of_before_is_not_asked(places) -> None:
    places.unwritten_file.unlink()
    assert checked(places) is State.OK
    places.passphrase_file.unlink()
    assert checked(places) is State.ABSENT


def test_it_is_shown_in_the_moment_in_which_it_is_made(tmp_path: Path) -> None:
    """Where somebody sits: what the installation does next may be cut off."""
    (tmp_path / "etc/guichet").mkdir(parents=True)
    program = (
        "from pathlib import Path\n"
        "from provisioning.server.backup.first_passphrase import make_passphrase\n"
        "from provisioning.server.machine import Machine\n"
        "from provisioning.server.work import Work\n"
        f"make_passphrase(Work(Machine(Path({str(tmp_path)!r}), None), None))\n"
    )
    ours, theirs = pty.openpty()
    subprocess.run([sys.executable, "-c", program], stderr=theirs, check=True)
    os.close(theirs)
    shown = os.read(ours, 4096).decode()
    os.close(ours)
    assert (tmp_path / "etc/guichet/backup.passphrase").read_text().strip() in shown

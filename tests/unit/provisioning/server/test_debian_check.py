# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether Debian's security updates reach the server, as the check says it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from provisioning.server.checks.check import State
from provisioning.server.checks.of_debian import LISTS, debian
from tests.unit.provisioning.server.machines import machine_in, some_answers

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("label", "age", "state"),
    [
        ("Debian-Security", 2 * DAY, State.OK),
        ("Debian-Security", 15 * DAY, State.FAILED),
        ("Debian", 2 * DAY, State.FAILED),
    ],
)
def test_the_list_of_security_updates_is_of_late(
    tmp_path: Path, label: str, age: timedelta, state: State
) -> None:
    machine, _ = machine_in(tmp_path)
    lists = machine.path(LISTS)
    assert debian(machine, some_answers()).state is State.FAILED
    lists.mkdir(parents=True)
    date = format_datetime(datetime.now(UTC) - age, usegmt=True)
    (lists / "near.example_dists_trixie-security_InRelease").write_text(
        f"Origin: Debian\nLabel: {label}\nDate: {date}\nMD5Sum:\n"
    )
    found = debian(machine, some_answers())
    assert found.state is state
    assert state is State.OK or "apt update says why" in found.advice


@pytest.mark.parametrize(
    ("dumped", "is_there", "said"),
    [
        ('APT::Periodic::Unattended-Upgrade "1";', True, "by themselves"),
        ('APT::Periodic::Unattended-Upgrade "0";', True, "by apt upgrade"),
        ("", True, "by apt upgrade"),
        ('APT::Periodic::Unattended-Upgrade "1";', False, "by apt upgrade"),
    ],
)
def test_who_installs_them_is_said(
    tmp_path: Path, dumped: str, is_there: bool, said: str
) -> None:
    machine, programs = machine_in(tmp_path)
    programs.answer("apt-config", dumped)
    lists, program = machine.path(LISTS), machine.path("/usr/bin/unattended-upgrade")
    lists.mkdir(parents=True)
    date = format_datetime(datetime.now(UTC), usegmt=True)
    (lists / "a_InRelease").write_text(f"Label: Debian-Security\nDate: {date}\n")
    if is_there:
        program.parent.mkdir(parents=True)
        program.touch()
    assert said in debian(machine, some_answers()).says

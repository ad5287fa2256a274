# SPDX-License-Identifier: AGPL-3.0-or-later
"""Debian's packages for kiosks that reach nothing else: given out by the front alone."""

import stat
from pathlib import Path

import pytest

from provisioning.server.archive import (
    ADDRESS,
    SERVICE_SETTINGS,
    SETTINGS,
    SOCKET_SETTINGS,
    is_given_out,
    set_up_archive,
)
from provisioning.server.checks.check import State
from provisioning.server.checks.of_debian import archive
from provisioning.server.front_settings import front_environment
from provisioning.server.preparing import needed_packages
from provisioning.server.services import hand_on
from provisioning.server.work import Work
from tests.unit.provisioning.server.machines import machine_in, some_answers

WANTED = some_answers(updates={"debian": True})


def test_it_listens_to_the_front_alone_and_begins_anew_where_it_changed(
    tmp_path: Path,
) -> None:
    machine, programs = machine_in(tmp_path)
    assert needed_packages(WANTED) == ["postgresql", "approx"]
    assert set_up_archive(Work(machine, WANTED)) and is_given_out(machine)
    socket = machine.path(SOCKET_SETTINGS).read_text()
    # An empty line takes Debian's own port away.
    assert f"ListenStream=\nListenStream={ADDRESS}\n" in socket
    service = machine.path(SERVICE_SETTINGS).read_text()
    assert f"ExecStart=\nExecStart=-/usr/sbin/approx -c {SETTINGS}\n" in service
    assert stat.S_IMODE(machine.path(SETTINGS).stat().st_mode) == 0o644
    assert programs.which("systemctl restart") == ["systemctl restart approx.socket"]
    assert not set_up_archive(Work(machine, WANTED))
    assert len(programs.which("systemctl restart")) == 1


def test_no_longer_wanted_it_ends_and_leaves_nothing(tmp_path: Path) -> None:
    machine, programs = machine_in(tmp_path)
    assert not set_up_archive(Work(machine, some_answers())) and not programs.asked
    set_up_archive(Work(machine, WANTED))
    assert set_up_archive(Work(machine, some_answers()))
    assert not is_given_out(machine) and not machine.path(SETTINGS).exists()
    assert programs.which("systemctl disable --now") != []


def test_the_front_is_told_of_it_and_starts_anew(tmp_path: Path) -> None:
    machine, programs = machine_in(tmp_path)
    file = tmp_path / "guichet.toml"
    file.write_text("")
    [line] = front_environment(file, has_ipv6=False, archive=ADDRESS).splitlines()
    assert line.endswith(f' --archive {ADDRESS}"')
    hand_on(machine, [machine.path(SOCKET_SETTINGS)], {"guichet-front.service"})
    assert programs.which("systemctl restart") == [
        "systemctl restart guichet-front.service"
    ]


@pytest.mark.parametrize(
    ("answers", "exit_code", "state"),
    [
        (some_answers(), 0, State.ABSENT),
        (WANTED, 0, State.OK),
        (WANTED, 22, State.FAILED),
    ],
)
def test_the_check_tries_it(tmp_path: Path, answers, exit_code, state) -> None:
    machine, programs = machine_in(tmp_path)
    programs.answer("curl", exit_code=exit_code)
    assert archive(machine, answers).state is state

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The check of the telephone line: what stands in the way of a call outside, and what to do."""

import socket
from pathlib import Path

import pytest

from provisioning.asterisk.trunk import TrunkOptions, write_trunk
from provisioning.server.checks import of_line
from provisioning.server.checks.check import State
from provisioning.server.machine import Machine
from tests.unit.provisioning.server.machines import (
    ToldPrograms,
    machine_in,
    some_answers,
)


@pytest.fixture
def here(tmp_path: Path) -> tuple[Machine, ToldPrograms]:
    return machine_in(tmp_path)


def a_line(
    machine: Machine, *, port: int = 0, transport: str = "tls", registers: bool = False
) -> None:
    machine.layout.etc.mkdir(parents=True)
    options = TrunkOptions(
        host="127.0.0.1",
        caller_number="0323000000",
        user="mairie",
        secret="kept",
        port=port,
        transport=transport,
        registers=registers,
    )
    write_trunk(machine.layout, options)


def console(
    programs: ToldPrograms, machine: Machine, contact: str, registration: str = ""
) -> None:
    asked = f"/usr/sbin/guichet-asterisk -C {machine.layout.asterisk}/asterisk.conf -rx"
    programs.answer(
        f"{asked} pjsip show registrations",
        f" guichet_trunk/sip:127.0.0.1:1     guichet_trunk     {registration}\n",
    )
    shown = f"    Contact:  guichet_trunk/{contact}\n"
    programs.answer(f"{asked} pjsip show aor guichet_trunk", shown)


def test_a_server_without_a_telephone_line_misses_none(here) -> None:
    found = of_line.telephone_line(here[0], some_answers())
    assert found.state is State.ABSENT


def test_a_line_that_asterisk_was_not_restarted_for_is_told(here) -> None:
    machine, programs = here
    a_line(machine)
    programs.answer(
        "/usr/sbin/guichet-asterisk", "Unable to find object guichet_trunk."
    )
    found = of_line.telephone_line(machine, some_answers())
    assert found.state is State.FAILED and "guichet-server upgrade" in found.advice


@pytest.mark.parametrize(
    ("status", "is_there", "state"),
    [
        ("Registered        (exp. 500s)", True, State.OK),
        ("Rejected", True, State.FAILED),
        ("Unregistered", True, State.FAILED),
        ("Registered        (exp. 500s)", False, State.FAILED),
    ],
)
def test_an_operator_who_is_away_or_refuses_is_told(
    here, monkeypatch, status: str, is_there: bool, state: State
) -> None:
    machine, programs = here
    monkeypatch.setattr(of_line, "REGISTERED_WITHIN_SECONDS", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        a_line(machine, port=port, registers=True)
        console(programs, machine, f"sip:127.0.0.1:{port}", status)
        if not is_there:
            listening.close()
        assert of_line.telephone_line(machine, some_answers()).state is state


@pytest.mark.parametrize(
    ("status", "state"), [("Avail", State.OK), ("Unavail", State.FAILED)]
)
def test_over_udp_asterisk_knows_whether_the_operator_answers(
    here, status: str, state: State
) -> None:
    machine, programs = here
    a_line(machine, transport="udp")
    console(programs, machine, f"sip:127.0.0.1:5060;transport=udp 5a {status} 2.1")
    assert of_line.telephone_line(machine, some_answers()).state is state

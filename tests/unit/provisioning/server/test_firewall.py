# SPDX-License-Identifier: AGPL-3.0-or-later
"""The firewall's own table: what it opens, that nft takes it, that others' rules stay."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from provisioning.server.firewall import RULES, firewall_text, set_up_firewall
from provisioning.server.work import Work
from tests.unit.provisioning.server.machines import machine_in, some_answers


def opened(text: str) -> set[str]:
    return set(re.findall(r"(?m)^\s*((?:tcp|udp) dport .*) accept$", text))


def test_only_what_others_come_for_is_open() -> None:
    assert opened(firewall_text(some_answers())) == {
        "tcp dport { 22 }",
        "tcp dport 80",
        "tcp dport 443",
        "tcp dport 5061",
        "udp dport 10000-10999",
    }


def test_softphones_more_kiosks_and_other_ports_are_opened_where_they_are_wanted() -> (
    None
):
    answers = some_answers(
        softphones=True, kiosks=300, firewall={"also_open": [2222, 9100]}
    )
    found = opened(firewall_text(answers))
    assert {"tcp dport 5060", "udp dport 5060", "udp dport 10000-12999"} <= found
    assert "tcp dport { 2222, 9100 }" in found


def test_no_table_but_ours_is_named() -> None:
    text = firewall_text(some_answers(firewall={"also_open": []}))
    assert "flush ruleset" not in text and "dport {" not in text
    assert set(re.findall(r"(?m)^(?:delete )?table (.*?)(?: \{)?$", text)) == {
        "inet guichet"
    }


@pytest.mark.skipif(
    shutil.which("nft") is None or os.geteuid() != 0, reason="nft wants root"
)
@pytest.mark.parametrize("softphones", [False, True])
def test_nft_takes_the_rules(tmp_path: Path, softphones: bool) -> None:
    file = tmp_path / "firewall.nft"
    file.write_text(firewall_text(some_answers(softphones=softphones)))
    subprocess.run(
        ["unshare", "--net", "nft", "--check", "--file", str(file)], check=True
    )


def test_the_table_is_loaded_now_and_at_each_start(tmp_path: Path) -> None:
    machine, programs = machine_in(tmp_path)
    work = Work(machine, some_answers())
    assert set_up_firewall(work)
    assert programs.asked == [
        "systemctl enable --quiet guichet-firewall.service",
        "systemctl reload-or-restart guichet-firewall.service",
    ]
    assert not set_up_firewall(Work(machine, some_answers()))
    assert programs.asked[-1] == "systemctl start guichet-firewall.service"


def test_who_wants_no_firewall_loses_ours_alone(tmp_path: Path) -> None:
    machine, programs = machine_in(tmp_path)
    set_up_firewall(Work(machine, some_answers()))
    without = some_answers(firewall={"enabled": False})
    assert set_up_firewall(Work(machine, without))
    assert programs.asked[-1] == (
        "systemctl disable --now --quiet guichet-firewall.service"
    )
    assert not machine.path(RULES).exists()
    assert not set_up_firewall(Work(machine, without))

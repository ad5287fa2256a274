# SPDX-License-Identifier: AGPL-3.0-or-later
"""Blocks of ports: never shared, never one that somebody else uses, given back."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from stage.ports import (
    BLOCK_PORTS,
    BLOCKS,
    SERVICE_PORTS,
    NoFreePorts,
    PortBlock,
    all_free,
)
from stage.stack import REPOSITORY


def test_two_blocks_have_no_port_in_common(tmp_path: Path) -> None:
    with PortBlock(tmp_path) as one, PortBlock(tmp_path) as two:
        first = set(range(one.ports.sip_tls, one.ports.rtp_last + 1))
        second = set(range(two.ports.sip_tls, two.ports.rtp_last + 1))
    assert len(first) == len(second) == BLOCK_PORTS
    assert not first & second


def test_a_block_is_taken_again_once_given_back(tmp_path: Path) -> None:
    with PortBlock(tmp_path) as block:
        ports = block.ports
    with PortBlock(tmp_path) as block:
        assert block.ports == ports


def test_a_block_in_which_somebody_listens_is_passed_over(tmp_path: Path) -> None:
    with PortBlock(tmp_path) as block:
        ports = block.ports
    with socket.socket() as other:
        other.bind(("127.0.0.1", ports.ami))
        other.listen()
        assert not all_free([ports.ami])
        with PortBlock(tmp_path) as block:
            assert block.ports.ami != ports.ami


def test_the_block_of_a_killed_process_is_free_again(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, pathlib, time; from stage.ports import PortBlock;"
            "block = PortBlock(pathlib.Path(sys.argv[1]));"
            "print(block.ports.sip_tls, flush=True); time.sleep(60)",
            str(tmp_path),
        ],
        env={"PYTHONPATH": str(REPOSITORY / "script")},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    held = int(holder.stdout.readline())
    with PortBlock(tmp_path) as block:
        assert block.ports.sip_tls != held
    holder.kill()
    holder.communicate()
    with PortBlock(tmp_path) as block:
        assert block.ports.sip_tls == held


def test_no_free_block_is_a_clear_error(tmp_path: Path) -> None:
    blocks: list[PortBlock] = []
    with pytest.raises(NoFreePorts, match="stages running"):
        for _ in range(BLOCKS + 1):
            blocks.append(PortBlock(tmp_path))
    for block in blocks:
        block.release()


def test_services_and_media_do_not_meet(tmp_path: Path) -> None:
    with PortBlock(tmp_path) as block:
        ports = block.ports
    services = {ports.sip_tls, ports.sip, ports.ami, ports.web, ports.ws, *ports.spare}
    assert len(services) == SERVICE_PORTS
    assert max(services) < ports.rtp_first < ports.rtp_last

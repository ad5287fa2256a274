# SPDX-License-Identifier: AGPL-3.0-or-later
"""Blocks of ports: never shared, never one that somebody else uses, given back."""

import multiprocessing
import os
import secrets
import socket
import subprocess
import sys
from multiprocessing.connection import Connection

import pytest

from stage.ports import (
    BLOCK_PORTS,
    SERVICE_PORTS,
    HeldPort,
    NoFreePorts,
    PortBlock,
    all_free,
)
from stage.stack import REPOSITORY

NOBODY = 65534
# Where no stage takes its ports: one that starts meanwhile must not take those given back.
FIRST_PORT, BLOCKS = 6000, 5


@pytest.fixture
def scope() -> str:
    """Give a scope that no stage has."""
    return f"guichet-test-{secrets.token_hex(8)}"


def block_of(scope: str) -> PortBlock:
    """Take a block of the tests' own range."""
    return PortBlock(scope, FIRST_PORT, BLOCKS)


def test_two_blocks_have_no_port_in_common(scope: str) -> None:
    with block_of(scope) as one, block_of(scope) as two:
        first = set(range(one.ports.sip_tls, one.ports.rtp_last + 1))
        second = set(range(two.ports.sip_tls, two.ports.rtp_last + 1))
    assert len(first) == len(second) == BLOCK_PORTS
    assert not first & second


def test_a_block_is_taken_again_once_given_back(scope: str) -> None:
    with block_of(scope) as block:
        ports = block.ports
    with block_of(scope) as block:
        assert block.ports == ports


def test_a_block_in_which_somebody_listens_is_passed_over(scope: str) -> None:
    with block_of(scope) as block:
        ports = block.ports
    with socket.socket() as other:
        other.bind(("127.0.0.1", ports.ami))
        other.listen()
        assert not all_free([ports.ami])
        with block_of(scope) as block:
            assert block.ports.ami != ports.ami


def test_the_block_of_a_killed_process_is_free_again(scope: str) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from stage.ports import PortBlock;"
            "block = PortBlock(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]));"
            "print(block.ports.sip_tls, flush=True); time.sleep(60)",
            scope,
            str(FIRST_PORT),
            str(BLOCKS),
        ],
        env={"PYTHONPATH": str(REPOSITORY / "script")},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    held = int(holder.stdout.readline())
    with block_of(scope) as block:
        assert block.ports.sip_tls != held
    holder.kill()
    holder.communicate()
    with block_of(scope) as block:
        assert block.ports.sip_tls == held


def _first_port_of_nobody(scope: str, told: Connection) -> None:
    os.setuid(NOBODY)
    with block_of(scope) as block:
        told.send(block.ports.sip_tls)


@pytest.mark.skipif(os.getuid() != 0, reason="only root becomes another user")
def test_another_user_takes_another_block(scope: str) -> None:
    told, to_tell = multiprocessing.Pipe(duplex=False)
    forking = multiprocessing.get_context("fork")
    with block_of(scope) as block:
        other = forking.Process(target=_first_port_of_nobody, args=(scope, to_tell))
        other.start()
        assert told.poll(20)
        assert told.recv() != block.ports.sip_tls
        other.join()


def test_no_free_block_is_a_clear_error(scope: str) -> None:
    blocks: list[PortBlock] = []
    with pytest.raises(NoFreePorts, match="stages running"):
        for _ in range(BLOCKS + 1):
            blocks.append(block_of(scope))
    for block in blocks:
        block.release()


def test_services_and_media_do_not_meet(scope: str) -> None:
    with block_of(scope) as block:
        ports = block.ports
    services = {ports.sip_tls, ports.sip, ports.ami, ports.web, ports.ws, *ports.spare}
    assert len(services) == SERVICE_PORTS
    assert max(services) < ports.rtp_first < ports.rtp_last


def test_a_held_port_is_for_its_servers_alone() -> None:
    held = HeldPort()
    for _ in range(2):
        with socket.create_server(("127.0.0.1", held.number)) as server:
            with socket.create_connection(("127.0.0.1", held.number)):
                server.accept()[0].close()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", held.number))
    held.release()

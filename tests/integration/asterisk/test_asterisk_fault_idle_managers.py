# SPDX-License-Identifier: AGPL-3.0-or-later
"""Programs of this machine that connect to the manager interface and say nothing."""

import contextlib
import socket
from collections.abc import Iterator

import pytest

from stage.ami import BareAmi
from stage.stack import Stage

pytestmark = pytest.mark.real

SILENT = 100
# Asterisk puts the silent out after five seconds.
DEADLINE_SECONDS = 40.0


@pytest.fixture
def silent(asterisk_stage: Stage) -> Iterator[list[socket.socket]]:
    """Give connections of which none signs in."""
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(
                socket.create_connection(
                    ("127.0.0.1", asterisk_stage.ports.ami), DEADLINE_SECONDS
                )
            )
            for _ in range(SILENT)
        ]


def test_a_silent_connection_is_put_out_and_one_that_signed_in_is_not(
    asterisk_stage: Stage, silent: list[socket.socket]
) -> None:
    with BareAmi.of_site(asterisk_stage.settings_file) as signed_in:
        for connection in silent:
            while connection.recv(4096):
                pass
        assert signed_in.action("Ping")["Ping"] == "Pong"


def test_the_dispatcher_gets_in_beside_a_hundred_silent_connections(
    asterisk_stage: Stage, silent: list[socket.socket]
) -> None:
    asterisk_stage.start("dispatcher")
    log = asterisk_stage.program("dispatcher").log_text()
    asterisk_stage.stop("dispatcher")
    assert "ami lost" not in log and "ami connected" in log

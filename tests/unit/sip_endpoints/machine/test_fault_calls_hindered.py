# SPDX-License-Identifier: AGPL-3.0-or-later
"""A firewall before Asterisk is named at once by whoever enrols a kiosk."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from sip_endpoints.machine.enrolment.grant import Grant
from sip_endpoints.machine.enrolment.reaching import hindrance_of_calls


def granted(host: str, port: int) -> Grant:
    return Grant({"sip": {"server": host, "port": port}}, "", None, "fr")


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0), backlog=0)) as server:
        yield server


def test_asterisk_that_answers_is_no_hindrance(listening: socket.socket) -> None:
    assert hindrance_of_calls(granted(*listening.getsockname())) == ""


def test_a_port_that_nobody_has_is_named(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    listening.close()
    said = hindrance_of_calls(granted("127.0.0.1", port))
    assert f"refuse la connexion sur le port {port}" in said


def test_a_port_that_swallows_all_is_named(listening: socket.socket) -> None:
    """A queue that is full drops what comes, as a firewall does."""
    address = listening.getsockname()
    with ExitStack() as held:
        for _ in range(8):
            client = held.enter_context(closing(socket.socket()))
            client.setblocking(False)
            client.connect_ex(address)
        said = hindrance_of_calls(granted(*address), wait_seconds=0.5)
    assert (
        f"ne répond pas sur le port {address[1]}, par lequel la borne téléphone" in said
    )


def test_a_name_that_leads_nowhere_is_named() -> None:
    said = hindrance_of_calls(granted("guichet.invalid", 5061))
    assert "guichet.invalid" in said or "DNS" in said

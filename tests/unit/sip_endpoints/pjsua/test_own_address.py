# SPDX-License-Identifier: AGPL-3.0-or-later
"""A new address of this machine is noticed at once, and nothing else is taken for one."""

from collections.abc import Iterator

import pytest

from sip_endpoints.pjsua.own_address import OwnAddress, address_towards

SERVER = "10.9.0.1:5061"


class Way:
    """Which address leads to the server; none where the line is away."""

    def __init__(self) -> None:
        self.address = "192.0.2.10"
        self.asked: list[str] = []

    def __call__(self, server: str) -> str:
        self.asked.append(server)
        return self.address


class Told(OwnAddress):
    """Hears of addresses when the test says so."""

    is_told = False

    def _is_told(self) -> bool:
        told, self.is_told = self.is_told, False
        return told


@pytest.fixture
def way() -> Way:
    return Way()


@pytest.fixture
def own(way: Way) -> Told:
    own = Told(way)
    own.remember(SERVER)
    return own


def test_while_nothing_is_told_nobody_looks(own: Told, way: Way) -> None:
    way.address = "192.0.2.11"
    assert not own.has_changed(SERVER)
    assert way.asked == ["10.9.0.1"]


def test_a_new_address_is_told_once(own: Told, way: Way) -> None:
    way.address, own.is_told = "192.0.2.11", True
    assert own.has_changed(SERVER)
    own.is_told = True
    assert not own.has_changed(SERVER)


def test_an_address_that_came_back_is_no_other(own: Told, way: Way) -> None:
    own.is_told = True
    assert not own.has_changed(SERVER)


def test_without_a_way_the_next_address_is_waited_for(own: Told, way: Way) -> None:
    way.address, own.is_told = "", True
    assert not own.has_changed(SERVER)
    way.address = "192.0.2.11"
    assert own.has_changed(SERVER)


def test_the_server_may_have_an_address_of_version_6(way: Way) -> None:
    OwnAddress(way).remember("[2001:db8::1]:5061")
    assert way.asked == ["2001:db8::1"]


def test_the_kernel_knows_the_way() -> None:
    assert address_towards("127.0.0.1") == "127.0.0.1"


@pytest.fixture
def listening(way: Way) -> Iterator[OwnAddress]:
    own = OwnAddress(way)
    own.listen()
    own.remember(SERVER)
    yield own
    own.close()


def test_one_that_listens_may_be_closed_twice(listening: OwnAddress) -> None:
    assert not listening.has_changed(SERVER)
    listening.close()
    listening.close()

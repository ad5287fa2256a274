# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: the line is cut, and a wipe's proof comes after the resident was called again."""

import pytest

from device_bridge.ledger.delivery import WipeDelivery
from device_bridge.ledger.store import Store
from device_bridge.server.port import ServerUnreachable


class Line:
    """The server, behind a line that is cut or not; what it was told."""

    def __init__(self) -> None:
        self.is_cut = False
        self.told: list[tuple[int, dict[str, int], bool]] = []

    def wiped(self, appointment, files, size, at, looked_at, is_called_again) -> None:
        if self.is_cut:
            raise ServerUnreachable("cut")
        self.told.append((appointment, dict(looked_at), is_called_again))


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "bridge.db")
    yield store
    store.close()


def test_the_proof_of_the_call_before_says_that_something_is_there_again(store):
    line = Line()
    delivery = WipeDelivery(store, line)
    store.owe_wipe(4)
    store.add_wipe(4, 0, 0, {"screen": 165})
    line.is_cut = True
    with pytest.raises(ServerUnreachable):
        delivery.deliver()
    line.is_cut = False
    store.owe_wipe(4)
    delivery.deliver()
    assert line.told == [(4, {"screen": 165}, True)]
    store.add_wipe(4, 0, 0, {"screen": 233})
    delivery.deliver()
    assert line.told[1:] == [(4, {"screen": 233}, False)]


def test_another_residents_call_changes_nothing_of_it(store):
    line = Line()
    store.add_wipe(4, 0, 0, {})
    store.owe_wipe(5)
    WipeDelivery(store, line).deliver()
    assert line.told == [(4, {}, False)]

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The doorbell wakes whoever listens and disturbs nobody else."""

import socket

import pytest

from booking_web.shell.doorbell import Doorbell


@pytest.fixture
def listener(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "bell"))
        listener.settimeout(2)
        yield listener


def test_a_ring_is_one_byte(listener, tmp_path) -> None:
    Doorbell(str(tmp_path / "bell")).ring()
    assert len(listener.recv(16)) == 1


def test_ringing_never_waits_for_a_listener_that_is_asleep(listener, tmp_path) -> None:
    bell = Doorbell(str(tmp_path / "bell"))
    for _ in range(2000):
        bell.ring()
    assert len(listener.recv(16)) == 1


@pytest.mark.parametrize("path", [None, "nobody", "a" * 200])
def test_ringing_where_nobody_listens_is_no_error(path, tmp_path) -> None:
    Doorbell(path and str(tmp_path / path)).ring()

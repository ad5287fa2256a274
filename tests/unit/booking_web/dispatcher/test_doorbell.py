# SPDX-License-Identifier: AGPL-3.0-or-later
"""The socket that wakes the dispatcher."""

import asyncio
import socket
import stat
from pathlib import Path

from booking_web.dispatcher.doorbell import Doorbell


def ring(path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ringing:
        ringing.sendto(b"!", str(path))


def rings_heard(path: Path, times: int) -> int:
    async def listen() -> int:
        heard = asyncio.Event()
        count = 0

        def on_ring() -> None:
            nonlocal count
            count += 1
            heard.set()

        doorbell = Doorbell(path, on_ring)
        doorbell.open()
        try:
            for _ in range(times):
                ring(path)
            async with asyncio.timeout(90):
                await heard.wait()
        finally:
            doorbell.close()
        return count

    return asyncio.run(listen())


def test_a_ring_is_heard(tmp_path: Path) -> None:
    assert rings_heard(tmp_path / "bell", 1) == 1


def test_many_rings_at_once_wake_once(tmp_path: Path) -> None:
    assert rings_heard(tmp_path / "bell", 5) == 1


def test_what_a_killed_dispatcher_left_behind_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "bell"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as left_behind:
        left_behind.bind(str(path))
    assert rings_heard(path, 1) == 1


def test_only_the_owner_may_ring(tmp_path: Path) -> None:
    async def mode() -> int:
        doorbell = Doorbell(tmp_path / "bell", lambda: None)
        doorbell.open()
        doorbell.close()
        return stat.S_IMODE((tmp_path / "bell").stat().st_mode)

    assert asyncio.run(mode()) == 0o600

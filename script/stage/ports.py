# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ports of the loopback that no other stage of this machine has at the same time.

A stage holds a block of ports by locking a file; the lock ends with its process, however
that ends. Within a block the services have fixed places.
"""

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

# Below the range from which Linux takes ports for outgoing connections (32768 and up).
FIRST_PORT = 12000
BLOCK_PORTS = 1000
BLOCKS = 20
# Of each block, what is kept for services; the rest is Asterisk's RTP range: four ports
# a leg (audio, video and their RTCP), so about 240 legs.
SERVICE_PORTS = 40


class NoFreePorts(Exception):
    """Every block of ports is held by a stage or in use by other programs."""


@dataclass(frozen=True)
class StagePorts:
    """The ports of one stage. `sip` (UDP and TCP) is for softphones."""

    sip_tls: int
    sip: int
    ami: int
    web: int
    ws: int
    # For whatever a test or a bench runs beside the stage.
    spare: tuple[int, ...]
    rtp_first: int
    rtp_last: int


class PortBlock:
    """Holds a block of ports until `release`; a context manager."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory or _lock_directory()
        self._lock, first = self._take()
        services = range(first, first + SERVICE_PORTS)
        self.ports = StagePorts(
            sip_tls=services[0],
            sip=services[1],
            ami=services[2],
            web=services[3],
            ws=services[4],
            spare=tuple(services[5:]),
            rtp_first=first + SERVICE_PORTS,
            rtp_last=first + BLOCK_PORTS - 1,
        )

    def release(self) -> None:
        """Give the block back."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> "PortBlock":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()

    def _take(self) -> tuple[int, int]:
        for number in range(BLOCKS):
            lock = os.open(
                self._directory / f"{number}.lock",
                os.O_RDWR | os.O_CREAT | os.O_CLOEXEC,
                0o600,
            )
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(lock)
                continue
            first = FIRST_PORT + number * BLOCK_PORTS
            if all_free(range(first, first + SERVICE_PORTS)):
                return lock, first
            os.close(lock)
        raise NoFreePorts(
            f"no free block of ports from {FIRST_PORT} on: are {BLOCKS} stages running?"
        )


def all_free(ports: Iterable[int], address: str = "127.0.0.1") -> bool:
    """Tell whether nobody has any of these ports, for TCP and UDP."""
    return all(
        _is_free(address, port, kind)
        for port in ports
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)
    )


def _is_free(address: str, port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            # A port whose last connection is in TIME_WAIT is free for a server.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def _lock_directory() -> Path:
    directory = Path(tempfile.gettempdir()) / f"guichet-ports-{os.getuid()}"
    directory.mkdir(mode=0o700, exist_ok=True)
    return directory

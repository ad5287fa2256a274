# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ports of the loopback that no other stage of this machine has at the same time.

A stage holds a block of ports by a name among the abstract Unix sockets (unix(7)): there every
user's stages meet, and the kernel takes the name back when the process ends, however that
ends. Within a block the services have fixed places.
"""

import os
import socket
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
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
    """Holds a block of ports until `release`; a context manager.

    Stages that share `scope` never hold the same block of the `blocks` that begin at
    `first_port`. Raises NoFreePorts.
    """

    def __init__(
        self,
        scope: str = "guichet-ports",
        first_port: int = FIRST_PORT,
        blocks: int = BLOCKS,
    ) -> None:
        self._scope = scope
        self._first_port, self._blocks = first_port, blocks
        self._held, first = self._take()
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
        self._held.close()

    def __enter__(self) -> "PortBlock":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()

    def _take(self) -> tuple[socket.socket, int]:
        for number in range(self._blocks):
            held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                held.bind(f"\0{self._scope}-{number}")
            except OSError:
                held.close()
                continue
            first = self._first_port + number * BLOCK_PORTS
            if all_free(range(first, first + SERVICE_PORTS)):
                return held, first
            held.close()
        raise NoFreePorts(
            f"no free block of ports from {self._first_port} on: "
            f"are {self._blocks} stages running?"
        )


class HeldPort:
    """One TCP port of the loopback, kept from all others while this object lives.

    It is bound and never listens: whoever binds it by number with SO_REUSEADDR (as servers
    do) may listen there, end and come again; nobody is given it by asking for any port.
    """

    def __init__(self) -> None:
        with socket.socket() as held:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind(("127.0.0.1", 0))
            self.number: int = held.getsockname()[1]
            self.release = weakref.finalize(self, os.close, held.detach())


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

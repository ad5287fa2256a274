# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ends a program of the session that answers nobody: its unit starts it anew."""

import os
import signal
import socket
import struct
from pathlib import Path

from sip_endpoints.log import Log

log = Log(__name__)

# struct ucred, of unix(7): process, user and group.
_PEER = struct.Struct("3i")


def server_of(path: Path) -> int | None:
    """Give the process that listens at a socket; None where nobody does.

    Asked while it is well: one that hangs has soon no room for another connection.
    """
    with socket.socket(socket.AF_UNIX) as line:
        line.setblocking(False)
        try:
            line.connect(str(path))
            peer = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
        except OSError:
            return None
    return int(_PEER.unpack(peer)[0])


def end_server(process: int | None, name: str) -> None:
    """Kill it."""
    if process is None:
        log.error("it does not answer, and nobody knows what to end", server=name)
        return
    log.error("it does not answer and is ended", server=name)
    try:
        os.kill(process, signal.SIGKILL)
    except OSError as error:
        log.warning("it is not ended", server=name, why=str(error.strerror))

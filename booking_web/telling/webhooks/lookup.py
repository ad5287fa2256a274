# SPDX-License-Identifier: AGPL-3.0-or-later
"""Looks a name up, and waits no longer for it than wanted.

The system's own lookup cannot be told how long it may take: a name server that never
answers holds it for half a minute.
"""

import queue
import socket
import threading
from typing import Any


def addresses_of(host: str, port: int, timeout_seconds: float) -> list[str]:
    """Give the addresses of a name; raises OSError, UnicodeError or TimeoutError."""
    found: queue.SimpleQueue[list[Any] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.put(error)

    # As a daemon: one that goes on after its time holds up no end of the program either.
    threading.Thread(target=look_up, name="lookup", daemon=True).start()
    try:
        answer = found.get(timeout=timeout_seconds)
    except queue.Empty as error:
        raise TimeoutError("no answer from the name server") from error
    if isinstance(answer, Exception):
        raise answer
    return [str(each[4][0]) for each in answer]

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Looks the server's name up beside the telephone's thread.

The stack looks names up where it stands, and a name server that is silent holds it for twenty
seconds: it would hear neither keys nor the end of a call. So it is let near a name only once
somebody has just answered for it.
"""

import socket
import threading

# A name that is at hand is known before the caller looks again.
AT_HAND_SECONDS = 0.05


class NameLookup:
    """Whether a name leads anywhere, now; one look-up at a time."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._thread: threading.Thread | None = None
        self._is_known = False

    def begin(self) -> None:
        """Ask, unless that is under way already."""
        if self._thread is not None:
            return
        self._thread = threading.Thread(
            target=self._ask, name="name-lookup", daemon=True
        )
        self._thread.start()
        self._thread.join(AT_HAND_SECONDS)

    def take_answer(self) -> bool | None:
        """Give, once, whether the name is known; None while nothing was answered."""
        if self._thread is None or self._thread.is_alive():
            return None
        self._thread = None
        return self._is_known

    def _ask(self) -> None:
        try:
            socket.getaddrinfo(self._host, None, type=socket.SOCK_STREAM)
            self._is_known = True
        except OSError:
            self._is_known = False

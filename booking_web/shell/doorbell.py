# SPDX-License-Identifier: AGPL-3.0-or-later
"""Wakes the dispatcher after a commit; the dispatcher polls as well, so a ring may be lost."""

import socket

import structlog

logger = structlog.get_logger(__name__)


class Doorbell:
    """Rings the Unix datagram socket at `path`; silent where there is none."""

    def __init__(self, path: str | None) -> None:
        self._path = path

    def ring(self) -> None:
        """Send one byte; never waits and never raises."""
        if self._path is None:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
                bell.setblocking(False)
                bell.sendto(b"1", self._path)
        except OSError as error:
            # Nobody listens, or so many rings wait already that one more says nothing.
            logger.debug("doorbell not heard", error=error.strerror)

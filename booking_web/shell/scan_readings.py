# SPDX-License-Identifier: AGPL-3.0-or-later
"""Scans are looked through beside the requests: by one thread of a web worker, when woken.

It holds nothing that is not in the database: where the worker ends meanwhile, whoever
looks at the appointment next wakes another.
"""

import threading
from collections import OrderedDict

import structlog

from booking_web.domain.forms.printed.reading import ScanReader

logger = structlog.get_logger(__name__)


class ScanReadings:
    """Wakes the reader; any thread may call it. Make it after a fork, not before."""

    def __init__(self, reader: ScanReader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        # In the order of their coming, each once.
        self._waiting: OrderedDict[int, None] = OrderedDict()
        self._thread: threading.Thread | None = None

    def wake(self, appointment_id: int) -> None:
        """Have the scans of an appointment looked through; never waits, never raises."""
        with self._lock:
            self._waiting[appointment_id] = None
            if self._thread is not None:
                return
            thread = threading.Thread(target=self._run, name="scans", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                logger.exception("no thread for scans")
                return
            self._thread = thread

    def wait(self, timeout_seconds: float) -> None:
        """Wait until nothing is left to be looked through, at most so long."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout_seconds)

    def _run(self) -> None:
        while (appointment_id := self._next()) is not None:
            try:
                self._reader.read_all(appointment_id)
            except Exception:
                logger.exception("scans not read", appointment=appointment_id)

    def _next(self) -> int | None:
        with self._lock:
            if not self._waiting:
                self._thread = None
                return None
            return self._waiting.popitem(last=False)[0]

# SPDX-License-Identifier: AGPL-3.0-or-later
"""One device, one thread, one job at a time; the others wait in order."""

import threading
from collections import deque
from collections.abc import Callable

import structlog

from device_bridge.jobs.job import Job

log = structlog.get_logger(__name__)

MAX_WAITING = 20
Work = Callable[[Job, threading.Event], None]


class DeviceQueue:
    """Runs `work` for each job on its own thread until `stop`."""

    def __init__(self, name: str, work: Work) -> None:
        self._work = work
        self._waiting: deque[Job] = deque()
        self._current: Job | None = None
        self._cancel = threading.Event()
        self._changed = threading.Condition()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def add(self, job: Job) -> bool:
        """Queue a job; tell whether others come first."""
        with self._changed:
            is_waiting = self._current is not None or bool(self._waiting)
            self._waiting.append(job)
            self._changed.notify()
        return is_waiting

    @property
    def is_full(self) -> bool:
        """Tell whether no more may wait."""
        return len(self._waiting) >= MAX_WAITING

    @property
    def current(self) -> Job | None:
        """Give the job being worked on, as it was when it began."""
        return self._current

    def take_waiting(self, is_wanted: Callable[[Job], bool]) -> list[Job]:
        """Take those that have not begun out of the queue and give them."""
        with self._changed:
            taken = [job for job in self._waiting if is_wanted(job)]
            kept = [job for job in self._waiting if not is_wanted(job)]
            self._waiting = deque(kept)
        return taken

    def cancel_current(self, is_wanted: Callable[[Job], bool]) -> bool:
        """Ask for the end of the job being worked on; tell whether there is one."""
        with self._changed:
            if self._current is None or not is_wanted(self._current):
                return False
            self._cancel.set()
            return True

    def stop(self, seconds: float) -> None:
        """Begin nothing new and wait a little for what is under way.

        What does not end by itself is left where it is: it is written down, and taken
        up after the next start.
        """
        with self._changed:
            self._is_stopping = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_stopping)
                if self._is_stopping:
                    return
                job = self._current = self._waiting.popleft()
                self._cancel.clear()
            try:
                self._work(job, self._cancel)
            except Exception:
                log.exception("job broke", job=job.uuid)
            finally:
                with self._changed:
                    self._current = None

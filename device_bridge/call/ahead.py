# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gets a print ready while its code is still being keyed.

Digits come a tenth of a second apart, and a village's line is slow: the document of
`*1<n>` or of the prepared job of `*7<j>` is fetched before the `#` comes. Nothing here
prints, writes a job down or tells anybody; whatever goes wrong is passed over, and the
print then fetches its document itself.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path

import structlog

from device_bridge.call.call import Call
from device_bridge.call.codes import Command, Verb
from device_bridge.errors import BridgeError
from device_bridge.jobs.job import Operation
from device_bridge.server.port import CurrentCall, PreparedJob, Server

log = structlog.get_logger(__name__)

VERBS = frozenset({Verb.PRINT, Verb.RUN})
# Afterwards the document is fetched anew: it may have been removed meanwhile.
GOOD_SECONDS = 10.0
# A transfer that has not moved for so long is not waited for any more.
STALL_SECONDS = 3.0
JOB_SECONDS = 2.0
WAIT_STEP_SECONDS = 0.02


class Ahead:
    """What is got ready for one code at a time.

    `see`, `keep`, `give_up` and `forget` belong to the bridge's thread, `take_job` and
    `take_document` to any. `folder` gives where an appointment's files lie, `count_pages`
    looks at a document, `is_known` tells whether the prepared job of this number
    was written down in this call.
    """

    def __init__(
        self,
        server: Server | None,
        folder: Callable[[int], Path],
        count_pages: Callable[[Path], int],
        has_room: Callable[[], bool],
        is_known: Callable[[Call, int], bool],
    ) -> None:
        self._server = server
        self._folder = folder
        self._count_pages = count_pages
        self._has_room = has_room
        self._is_known = is_known
        self._executor = ThreadPoolExecutor(1, "ahead")
        self._lock = threading.Lock()
        self._seen: tuple[Call, Command] | None = None
        self._found: tuple[Call, Future[CurrentCall]] | None = None
        self._begun: _Wish | None = None
        self._kept: _Wish | None = None

    def see(self, call: Call, begun: Command) -> None:
        """Get ready for a code that was begun; what another one needed is dropped.

        The same one again changes nothing.
        """
        if (call, begun) == self._seen:
            return
        self.give_up()
        self._seen = (call, begun)
        if self._server is None or begun.verb not in VERBS:
            return
        if begun.number is None:
            # Tells which numbers there are, and opens the connection meanwhile.
            found = self._executor.submit(self._server.current_call)
            self._found = (call, found)
        else:
            self._begin(call, begun)

    def keep(self, command: Command) -> None:
        """The code was completed: keep what it needs until its job takes it."""
        with self._lock:
            wish, self._begun = self._begun, None
            if wish is None or wish.command != command:
                _drop(wish)
                return
            _drop(self._kept)
            self._kept = wish

    def give_up(self) -> None:
        """Drop what a code needed that was not completed, and what nobody took."""
        self._seen = None
        with self._lock:
            wish, self._begun = self._begun, None
            _drop(wish)
            if self._kept is not None and self._kept.is_stale:
                _drop(self._kept)
                self._kept = None

    def forget(self) -> None:
        """Drop everything: the call is over."""
        self.give_up()
        with self._lock:
            _drop(self._kept)
            self._kept = self._found = None

    def close(self) -> None:
        """Drop everything and end."""
        self.forget()
        self._executor.shutdown(wait=False, cancel_futures=True)

    def take_job(self, call: Call, number: int) -> PreparedJob | None:
        """Give a prepared job that was fetched for this code, or None."""
        wish = self._kept
        if wish is None or (wish.call, wish.command.number) != (call, number):
            return None
        if wish.command.verb is not Verb.RUN or wish.job is None:
            return None
        try:
            return wish.job.result(0 if wish.job.cancel() else JOB_SECONDS)
        except (CancelledError, TimeoutError, BridgeError, KeyError, ValueError):
            return None

    def take_document(
        self, appointment: int, number: int, target: Path, cancel: threading.Event
    ) -> int | None:
        """Move a document that was fetched to `target` and give its number of pages.

        Waits for one on its way. Gives None where there is none, or it is no good: then
        nothing of it is left.
        """
        with self._lock:
            wish, self._kept = self._kept, None
        if wish is None or wish.call.appointment != appointment:
            _drop(wish)
            return None
        try:
            if not wish.wait(cancel) or wish.document != number or wish.is_stale:
                return None
            assert wish.file is not None
            wish.file.replace(target)
            return wish.pages
        except OSError:
            return None
        finally:
            _drop(wish)

    def _begin(self, call: Call, command: Command) -> None:
        assert command.number is not None
        found = self._found
        if found is None or found[0] != call:
            return
        if command.verb is Verb.RUN and self._is_known(call, command.number):
            # It runs no second time; or a further digit makes another number of it.
            return
        wish = _Wish(call, command)
        if command.verb is Verb.RUN:
            wish.job = self._executor.submit(self._fetch_job, wish)
        wish.fetched = self._executor.submit(self._fetch, wish, found[1])
        with self._lock:
            self._begun = wish

    def _fetch_job(self, wish: "_Wish") -> PreparedJob:
        assert self._server is not None and wish.command.number is not None
        return self._server.prepared_job(wish.call.appointment, wish.command.number)

    def _fetch(self, wish: "_Wish", found: Future[CurrentCall]) -> bool:
        """Fetch the document; tell whether it is there."""
        try:
            wish.document = self._choose(wish, found.result(0))
            if wish.document is None or not wish.is_wanted() or not self._has_room():
                return False
            self._receive(wish, wish.document)
            return True
        except (BridgeError, OSError, KeyError, ValueError, CancelledError) as error:
            # At the # the normal way is taken, which tells what is wrong.
            log.info("nothing got ready ahead", detail=str(error))
            return False

    def _choose(self, wish: "_Wish", found: CurrentCall) -> int | None:
        """Give the document that the code needs, if it can be told by now."""
        if found.appointment != wish.call.appointment:
            return None
        numbers = {document.number for document in found.documents}
        wanted = wish.command.number
        if wish.job is not None:
            job = wish.job.result(0)
            wanted = job.document if job.operation is Operation.PRINT else None
        elif any(_may_become(wish.command.number, number) for number in numbers):
            # A document that nobody named is neither fetched nor in the journal.
            return None
        return wanted if wanted in numbers else None

    def _receive(self, wish: "_Wish", document: int) -> None:
        assert self._server is not None
        folder = self._folder(wish.call.appointment)
        wish.file = folder / f"ahead-{document}.pdf"
        self._server.fetch_document(
            wish.call.appointment,
            document,
            wish.file,
            is_wanted=wish.is_wanted,
            is_ahead=True,
        )
        try:
            wish.pages = self._count_pages(wish.file)
        except BridgeError:
            # The print looks again, and tells what is wrong with it.
            wish.pages = 0
        wish.settle()


class _Wish:
    """What one code needs, from its number on."""

    def __init__(self, call: Call, command: Command) -> None:
        self.call = call
        self.command = command
        self.file: Path | None = None
        self.document: int | None = None
        self.pages = 0
        self.job: Future[PreparedJob] | None = None
        self.fetched: Future[bool] | None = None
        self._began_at = self._moved_at = time.monotonic()
        self._lock = threading.Lock()
        self._is_dropped = False

    @property
    def is_stale(self) -> bool:
        """Tell whether it is too old to be printed."""
        return time.monotonic() - self._began_at > GOOD_SECONDS

    def is_wanted(self) -> bool:
        """Tell whether to go on; called with each piece that came."""
        self._moved_at = time.monotonic()
        return not self._is_dropped

    def wait(self, cancel: threading.Event) -> bool:
        """Wait for a transfer as long as it moves; tell whether the document is there."""
        fetched = self.fetched
        if fetched is None or fetched.cancel():
            # Not even begun: whoever waits for it is quicker alone.
            return False
        while not fetched.done():
            is_stalled = time.monotonic() - self._moved_at > STALL_SECONDS
            if is_stalled or cancel.wait(WAIT_STEP_SECONDS):
                return False
        return fetched.result()

    def drop(self) -> None:
        """Stop what is under way and leave nothing of it."""
        with self._lock:
            self._is_dropped = True
        for future in (self.job, self.fetched):
            if future is not None:
                future.cancel()
        self._unlink()

    def settle(self) -> None:
        """The file is there; whoever dropped it before could not remove it."""
        with self._lock:
            if self._is_dropped:
                self._unlink()

    def _unlink(self) -> None:
        if self.file is not None:
            self.file.unlink(missing_ok=True)


def _drop(wish: _Wish | None) -> None:
    if wish is not None:
        wish.drop()


def _may_become(number: int | None, other: int) -> bool:
    """Tell whether further digits make the other number of this one."""
    return number != other and str(other).startswith(str(number))

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk's second screen as the bridge commands it: by way of the server, which draws.

What is shown is the server's to know: a bridge that restarts turns the right page.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from device_bridge.call import sentences
from device_bridge.call.call import Call
from device_bridge.call.cues import Cue
from device_bridge.jobs.reasons import Reason
from device_bridge.server.port import (
    NotInCall,
    Server,
    ServerError,
    ServerRefused,
    ShownPage,
)

log = structlog.get_logger(__name__)

# The screen hears of a page at once and draws it in less than a second.
SEEN_SECONDS = 4.0
SEEN_PAUSE_SECONDS = 0.25
UNFIT = 422

Announce = Callable[[int | None, str], None]


class SecondScreen:
    """Shows documents; one command at a time, on a thread that may wait."""

    def __init__(self, server: Server | None, announce: Announce) -> None:
        self._server = server
        # Tells the telephone which document is shown, for its own status.
        self._announce = announce

    def show(self, call: Call, number: int | None) -> str:
        """Show a document, or its next page, or none; give what really happened."""
        if self._server is None:
            return sentences.unknown_document(number, ())
        try:
            if number is None:
                return self._clear(self._server, call)
            return self._turn(self._server, call, number)
        except NotInCall:
            return sentences.not_shown(Reason.CALL_OVER)
        except ServerRefused as error:
            log.warning("page not shown", document=number, status=error.status)
            is_unfit = error.status == UNFIT
            found = Reason.DOCUMENT_DAMAGED if is_unfit else Reason.SERVER_REFUSED
            return sentences.not_shown(found)
        except ServerError as error:
            log.warning("page not shown", document=number, detail=str(error))
            return sentences.not_shown(Reason.SERVER_UNREACHABLE)

    def _clear(self, server: Server, call: Call) -> str:
        found = server.current_call()
        was_shown = found.shown is not None or found.follows
        server.show_page(call.appointment, None, 1)
        self._announce(None, call.id)
        return sentences.SHOW_CLEARED if was_shown else sentences.NOTHING_SHOWN

    def _turn(self, server: Server, call: Call, number: int) -> str:
        found = server.current_call()
        if found.appointment != call.appointment:
            return sentences.not_shown(Reason.CALL_OVER)
        pages = {document.number: document.pages for document in found.documents}
        if number not in pages:
            return sentences.unknown_document(number, pages)
        page = 1
        if found.shown is not None and found.shown.document == number:
            page = found.shown.page % max(pages[number], 1) + 1
        # A page that is not read to its end is read on before the next is turned to.
        page = server.show_page(call.appointment, number, page)
        self._announce(number, call.id)
        wanted = ShownPage(document=number, page=page)
        is_seen = self._wait_until_seen(server, wanted)
        return sentences.shown(number, page, pages[number], is_seen)

    def _wait_until_seen(self, server: Server, wanted: ShownPage) -> bool:
        deadline = time.monotonic() + SEEN_SECONDS
        while time.monotonic() < deadline:
            try:
                shown = server.current_call().shown
            except ServerError:
                return False
            if shown is None or (shown.document, shown.page) != (
                wanted.document,
                wanted.page,
            ):
                # Hung up, or removed, meanwhile.
                return False
            if shown.is_seen:
                return True
            time.sleep(SEEN_PAUSE_SECONDS)
        return False


@dataclass(frozen=True, slots=True)
class ScreenCue:
    """A cue for the screen of a call, with the page that the device is at."""

    cue: Cue
    appointment: int
    call: str
    page: int = 0
    pages: int = 0


class CueDelivery:
    """Brings the latest cue to the server; an older one is worth nothing."""

    def __init__(self, server: Server, is_up: Callable[[str], bool]) -> None:
        self._server = server
        self._is_up = is_up
        self._lock = threading.Lock()
        self._wanted: ScreenCue | None = None

    def want(self, cue: ScreenCue) -> None:
        """Take a cue to be delivered, instead of the one before; any thread may."""
        with self._lock:
            self._wanted = cue

    def deliver(self) -> None:
        """Send the latest cue unless its call is over; raises ServerUnreachable."""
        with self._lock:
            cue = self._wanted
        if cue is None:
            return
        if self._is_up(cue.call):
            try:
                self._server.show_cue(
                    cue.appointment, cue.cue.value, cue.page, cue.pages
                )
            except ServerRefused as error:
                log.info("cue refused", cue=cue.cue.value, status=error.status)
        with self._lock:
            if self._wanted is cue:
                self._wanted = None

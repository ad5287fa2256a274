# SPDX-License-Identifier: AGPL-3.0-or-later
"""The open streams of the process, and what each has still to send."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable

from booking_web.domain.journal.live_events import Change
from booking_web.live_server.readers import Reader

# A browser has one for all its tabs; nobody has so many browsers.
STREAMS_PER_READER = 256
MAX_STREAMS = 4000
# Who takes nothing for so many changes is put out; the browser comes again by itself.
WAITING_AT_MOST = 500

RETRY = b"retry: 2000\n\n"
HEARTBEAT = b": battement\n\n"
# Nobody is signed in any more, or somebody else.
ENDED = b"event: ended\ndata: \n\n"
# Too much was missed to tell it: the page looks at everything.
RESET = b"event: reset\ndata: \n\n"


class TooManyStreams(Exception):
    """This reader, or the process, has as many open streams as it may."""


class Stream:
    """One open stream; used in the event loop alone."""

    def __init__(self, reader: Reader, ask_again: Callable[[], Reader | None]) -> None:
        self.reader = reader
        # Tells, in another thread, who the reader is by now.
        self.ask_again = ask_again
        self.is_over = False
        self._waiting: deque[bytes] = deque()
        self._news = asyncio.Event()

    def put(self, message: bytes) -> None:
        """Send this when the browser takes it."""
        if len(self._waiting) >= WAITING_AT_MOST:
            self.end()
            return
        self._waiting.append(message)
        self._news.set()

    def end(self) -> None:
        """Send what waits, and no more after it."""
        self.is_over = True
        self._news.set()

    async def take(self) -> bytes:
        """Give what is to be sent, once there is something; empty at the end."""
        await self._news.wait()
        self._news.clear()
        messages = b"".join(self._waiting)
        self._waiting.clear()
        if self.is_over and messages:
            self._news.set()
        return messages


class Hub:
    """All streams; used in the event loop alone."""

    def __init__(self) -> None:
        self.streams: set[Stream] = set()
        self._counts: Counter[str] = Counter()

    def open(self, reader: Reader, ask_again: Callable[[], Reader | None]) -> Stream:
        """Add a stream; raises TooManyStreams."""
        if (
            len(self.streams) >= MAX_STREAMS
            or self._counts[reader.name] >= STREAMS_PER_READER
        ):
            raise TooManyStreams
        stream = Stream(reader, ask_again)
        self.streams.add(stream)
        self._counts[reader.name] += 1
        return stream

    def close(self, stream: Stream) -> None:
        """Take a stream away; twice is no error."""
        if stream in self.streams:
            self.streams.discard(stream)
            self._counts[stream.reader.name] -= 1
            self._counts += Counter()

    def tell(self, changes: Iterable[Change]) -> None:
        """Tell each stream the changes that concern its reader."""
        for change in changes:
            message = written(change)
            for stream in self.streams:
                if stream.reader.hears(change):
                    stream.put(message)

    def beat(self) -> None:
        """Keep every line open, and find out which are dead."""
        for stream in self.streams:
            stream.put(HEARTBEAT)

    def end_all(self) -> None:
        """End every stream: the process stops."""
        for stream in self.streams:
            stream.end()


def written(change: Change) -> bytes:
    """Write a change as one server-sent event (WHATWG HTML, section 9.2).

    Its number, then kind, appointment, kiosk and the appointment's state, "-" for none.
    """
    words = (change.kind, change.appointment_id, change.kiosk_id, change.state)
    data = " ".join("-" if word is None else str(word) for word in words)
    number = f"id: {change.id}\n" if change.id else ""
    return f"{number}data: {data}\n\n".encode()


def hello(last_id: int) -> bytes:
    """Write the beginning of a stream: which change is the latest."""
    return RETRY + f"id: {last_id}\nevent: hello\ndata: {last_id}\n\n".encode()

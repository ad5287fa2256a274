# SPDX-License-Identifier: AGPL-3.0-or-later
"""The streams as a bare ASGI application (asgi.readthedocs.io, HTTP 2.x).

`/direct` is for people who are signed in, `/borne/direct` for a kiosk's second screen,
`/mur/direct` for a screen on a wall.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from booking_web.base.row_numbers import row_number
from booking_web.base.settings import Settings
from booking_web.domain.appointments.line.keeping import keeping_of
from booking_web.domain.journal.live_events import Change, changes_since, last_event_id
from booking_web.live_server.hub import (
    RESET,
    Hub,
    Stream,
    TooManyStreams,
    hello,
    written,
)
from booking_web.live_server.readers import Reader, Readers
from booking_web.live_server.watch import Watch
from provisioning.database.engine import Database

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


class LiveApplication:
    """Answers requests for streams; `start` and `stop` surround its life."""

    def __init__(self, settings: Settings) -> None:
        self._database = Database(
            settings.database_url, signing_key=settings.secret_key
        )
        self._keeping = keeping_of(settings)
        self._hub = Hub()
        self._watch: Watch | None = None
        readers = Readers(self._database, settings)
        self.reader_at = {
            "/direct": readers.person,
            "/borne/direct": readers.kiosk,
            "/mur/direct": readers.wall,
        }

    def start(self) -> None:
        """Begin to read what changes; call it in the event loop."""
        loop = asyncio.get_running_loop()
        self._watch = Watch(self._database, self._keeping, self._hub, loop)
        self._watch.start()

    def end_streams(self) -> None:
        """Let every browser go, so that it comes to the next process."""
        self._hub.end_all()

    def stop(self) -> None:
        """Leave the database."""
        if self._watch is not None:
            self._watch.stop()
        self._database.dispose()

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: Receive, send: Send
    ) -> None:
        """Answer one request."""
        known = self.reader_at.get(scope["path"])
        if known is None or scope["method"] != "GET":
            await _refuse(send, 404)
            return
        ask = partial(known, _header(scope, b"cookie"))
        reader = await asyncio.to_thread(ask)
        if reader is None:
            await _refuse(send, 401)
            return
        try:
            stream = self._hub.open(reader, ask)
        except TooManyStreams:
            await _refuse(send, 503)
            return
        try:
            await self._serve(stream, _resume_after(scope), receive, send)
        finally:
            self._hub.close(stream)

    async def _serve(
        self, stream: Stream, resume_after: int | None, receive: Receive, send: Send
    ) -> None:
        leaving = asyncio.ensure_future(_left(receive, stream))
        try:
            await send(
                {"type": "http.response.start", "status": 200, "headers": HEADERS}
            )
            begin = await asyncio.to_thread(self._begin, stream.reader, resume_after)
            await _send_part(send, begin)
            if self._watch is not None:
                self._watch.wake()
            while messages := await stream.take():
                await _send_part(send, messages)
            await send({"type": "http.response.body", "body": b""})
        finally:
            leaving.cancel()

    def _begin(self, reader: Reader, resume_after: int | None) -> bytes:
        """Give what the stream begins with: what was missed, and where it stands.

        What happens meanwhile waits in the stream already: it may be told twice, never not.
        """
        missed: list[Change] | None = []
        with self._database.read() as session:
            if resume_after is not None:
                missed = changes_since(session, resume_after)
            last_id = last_event_id(session)
        if missed is None:
            return RESET + hello(last_id)
        return _told(missed, reader) + hello(last_id)


def _told(changes: Iterable[Change], reader: Reader) -> bytes:
    return b"".join(written(change) for change in changes if reader.hears(change))


async def _left(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
    stream.end()


async def _send_part(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"content-length", b"0"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _header(scope: MutableMapping[str, Any], name: bytes) -> str:
    values = [value for key, value in scope["headers"] if key == name]
    # HTTP/2 may split a cookie's header.
    return b"; ".join(values).decode("latin-1")


def _resume_after(scope: MutableMapping[str, Any]) -> int | None:
    """Read where the page stands: the browser's own header, or the page's address."""
    query = parse_qs(scope["query_string"].decode("latin-1"))
    told = _header(scope, b"last-event-id") or query.get("depuis", [""])[0]
    try:
        return row_number(told)
    except ValueError:
        return None

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Stands between an endpoint and its Asterisk, and says things of its own to the endpoint.

It has the server's own certificate: what it says comes as if from Asterisk.
"""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

CALL_SECONDS = 20.0


class TlsRelay:
    """Listens on a port of the loopback's and passes on to `server_port`."""

    def __init__(self, tls_directory: Path, server_port: int) -> None:
        self._accepting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._accepting.load_cert_chain(
            tls_directory / "server.pem", tls_directory / "server.key"
        )
        self._connecting = ssl.create_default_context(
            cafile=str(tls_directory / "ca.pem")
        )
        self._server_port = server_port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._endpoints: list[asyncio.StreamWriter] = []
        self._opened: list[asyncio.StreamWriter] = []
        self.port = 0

    def say(self, message: bytes) -> None:
        """Send this to whoever is connected."""
        self._run(self._say(message))

    def cut(self) -> None:
        """End every connection; whoever connects again is passed on as before."""
        self._run(self._cut())

    def __enter__(self) -> "TlsRelay":
        self._thread.start()
        self._run(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CALL_SECONDS)
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(CALL_SECONDS)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(
            self._pass_on, "127.0.0.1", 0, ssl=self._accepting
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _pass_on(
        self, endpoint: asyncio.StreamReader, to_endpoint: asyncio.StreamWriter
    ) -> None:
        self._opened.append(to_endpoint)
        server, to_server = await asyncio.open_connection(
            "127.0.0.1", self._server_port, ssl=self._connecting
        )
        self._opened.append(to_server)
        self._endpoints.append(to_endpoint)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_copy(endpoint, to_server))
                tasks.create_task(_copy(server, to_endpoint))
        finally:
            self._endpoints.remove(to_endpoint)

    async def _say(self, message: bytes) -> None:
        for writer in self._endpoints:
            writer.write(message)
            with contextlib.suppress(ConnectionError):
                await writer.drain()

    async def _cut(self) -> None:
        for writer in self._endpoints:
            writer.transport.abort()

    async def _close(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        # A transport that is aborted closes in a later turn of the loop, which must not have
        # been stopped by then: else it is found unclosed in whatever test comes next.
        for writer in self._opened:
            writer.transport.abort()
        for writer in self._opened:
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while chunk := await source.read(65536):
            target.write(chunk)
            await target.drain()
    # The other direction ends with this one.
    target.transport.abort()

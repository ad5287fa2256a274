# SPDX-License-Identifier: AGPL-3.0-or-later
"""Serves the streams under uvicorn, on the loopback or a Unix socket."""

import socket
from pathlib import Path

import uvicorn

from booking_web.base.listening import is_unix, split_port, unix_path
from booking_web.base.settings import Settings
from booking_web.live_server.application import LiveApplication

BACKLOG = 2048
# As the pages' own socket: the server's user and its group.
SOCKET_MODE = 0o660
STOP_SECONDS = 3


class LiveServer(uvicorn.Server):
    """uvicorn around the application, whose streams end when the process is told to stop."""

    def __init__(self, application: LiveApplication) -> None:
        self._application = application
        super().__init__(
            uvicorn.Config(
                application,
                loop="asyncio",
                http="h11",
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                backlog=BACKLOG,
                timeout_graceful_shutdown=STOP_SECONDS,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to read what changes, then to answer."""
        self._application.start()
        await super().startup(sockets=sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let the browsers go before the connections are waited for."""
        self._application.end_streams()
        await super().shutdown(sockets=sockets)
        self._application.stop()


def serve(settings: Settings, bind: str) -> None:
    """Serve until told to stop."""
    listener = _listener(bind)
    LiveServer(LiveApplication(settings)).run(sockets=[listener])
    if is_unix(bind):
        Path(unix_path(bind)).unlink(missing_ok=True)


def _listener(bind: str) -> socket.socket:
    if is_unix(bind):
        path = Path(unix_path(bind))
        # What a process left that was killed; one that lives would lose its browsers.
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(path))
        path.chmod(SOCKET_MODE)
        return listener
    host, port = split_port(bind)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, int(port)))
    return listener

# SPDX-License-Identifier: AGPL-3.0-or-later
"""How the kiosk's own second screen gets the words: a stream on the loopback, for one page alone.

What is said never leaves this machine. The page finds the stream by a secret that the kiosk put
into its address; a browser sends no such part of an address to any server.
"""

import json
import secrets
import threading
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sip_endpoints.captions.transcript import Shown

LOOPBACK = "127.0.0.1"
# In the page's address, after the mark of a part (#); static/kiosk/captions.js reads it.
FRAGMENT = "sous-titres"
# The page hears at least so often that somebody is there; it gives up after a few of them.
BEAT_SECONDS = 2.0
SEND_SECONDS = 5.0
STREAMS = 4


class Board:
    """What is shown now; threads wait here until that changes."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._shown = Shown()
        self._version = 0
        self.is_closed = False

    def show(self, shown: Shown) -> None:
        """Show this from now on."""
        with self._changed:
            if shown != self._shown:
                self._shown = shown
                self._version += 1
                self._changed.notify_all()

    def close(self) -> None:
        """Have whoever waits here leave."""
        with self._changed:
            self.is_closed = True
            self._changed.notify_all()

    def read(self, seen: int, timeout_seconds: float) -> tuple[int, Shown]:
        """Give what is shown once it is another than was seen, or after the time."""
        with self._changed:
            self._changed.wait_for(
                lambda: self.is_closed or self._version != seen, timeout_seconds
            )
            return self._version, self._shown


def address_of(folder: Path) -> Path:
    """Give the file that tells the browser's program where the stream is."""
    return folder / "captions.address"


def with_stream(address: str, folder: Path) -> str:
    """Give a page's address with the stream's, where there is one."""
    try:
        told = address_of(folder).read_text(encoding="ascii").strip()
    except OSError:
        return address
    return f"{address}#{FRAGMENT}={told}"


class PageStream:
    """The server of the stream; its port and its secret outlive its process."""

    def __init__(self, board: Board, site: str, folder: Path) -> None:
        port, self._secret = _kept(address_of(folder))
        try:
            self._server = _Server((LOOPBACK, port), _Handler)
        except OSError:
            # Somebody has taken the port meanwhile: the page finds the new one next time.
            self._server = _Server((LOOPBACK, 0), _Handler)
        self._server.board, self._server.secret = board, self._secret
        self._server.origin = origin_of(site)
        self._server.free = threading.BoundedSemaphore(STREAMS)
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="stream", daemon=True
        )
        # Found whole or as it was: the browser may be opened at this moment.
        file = address_of(folder).with_suffix(".new")
        file.unlink(missing_ok=True)
        file.touch(mode=0o600)
        file.write_text(f"{self.port}/{self._secret}\n", encoding="ascii")
        file.replace(address_of(folder))

    @property
    def port(self) -> int:
        """Give the port on the loopback."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Serve, on a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Serve no more."""
        self._server.board.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def origin_of(site: str) -> str:
    """Give what a browser names as the origin of the site's pages."""
    parts = urlsplit(site)
    return f"{parts.scheme}://{parts.netloc}"


def _kept(file: Path) -> tuple[int, str]:
    try:
        port, _, secret = file.read_text(encoding="ascii").strip().partition("/")
        return int(port), secret or secrets.token_urlsafe(24)
    except (OSError, ValueError):
        return 0, secrets.token_urlsafe(24)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    board: Board
    secret: str
    origin: str
    free: threading.BoundedSemaphore


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = SEND_SECONDS

    def do_GET(self) -> None:  # noqa: N802 - the library's name
        """Stream what is shown to the one page that may know."""
        secret = self.path.removeprefix("/").encode()
        is_known = compare_digest(secret, self.server.secret.encode())
        if not is_known or self.headers.get("Origin") != self.server.origin:
            self.send_error(404)
            return
        if not self.server.free.acquire(blocking=False):
            self.send_error(503)
            return
        try:
            self._stream()
        except OSError:
            # The page is gone, or takes nothing any more.
            return
        finally:
            self.server.free.release()

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Access-Control-Allow-Origin", self.server.origin)
        self.end_headers()
        self.wfile.write(b"retry: 1000\n\n")
        seen = -1
        board = self.server.board
        while not board.is_closed:
            seen, shown = board.read(seen, BEAT_SECONDS)
            told = {
                "state": shown.state.value,
                "language": shown.language,
                "lines": shown.lines,
            }
            self.wfile.write(f"data: {json.dumps(told)}\n\n".encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: the path is the secret."""

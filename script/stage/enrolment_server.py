# SPDX-License-Identifier: AGPL-3.0-or-later
"""A small server that lets a kiosk's machine in: for faults that the real one never shows.

It speaks TLS by a certificate that signs itself, or by that of another authority than the one
it shows; what it answers to each path is given, what it heard is kept.
"""

import hmac
import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from stage.dated_server import ADDRESS, write_certificate

Json = dict[str, Any]
PURPOSE = b"guichet enrolment authority"


def proof_of(code: str, authority: str | None) -> str:
    """Give what the server shows of a code (20 characters): it knows it."""
    key = hmac.digest(code.encode(), PURPOSE, "sha256")
    return hmac.digest(key, (authority or "").encode(), "sha256").hex()


def granted(site: str, authority: str, slug: str = "kiosk-guise") -> Json:
    """Give what a kiosk is granted."""
    return {
        "bundle": {
            "sip": {
                "user": slug,
                "display_name": "Guichet virtuel Guise",
                "secret": "a-sip-secret",
                "server": "127.0.0.1",
                "port": 5061,
                "transport": "tls",
                "ca_file": "ca.pem",
            },
            "media": {"rtp_port_first": 0, "rtp_port_count": 0},
            "control": {"socket": f"{slug}.sock"},
            "kiosk": {
                "slug": slug,
                "screen_url": f"{site}/borne/rattacher?code=once",
                "token": "an-api-token",
            },
        },
        "authorities": {"sip": authority, "web": authority},
        "language": "fr",
        "repository": None,
    }


@dataclass
class Heard:
    """One request."""

    method: str
    path: str
    token: str
    content: Any


@dataclass
class EnrolmentServer:
    """Answers each (method, path) as it is told; a context manager."""

    folder: Path
    starts: timedelta = timedelta(days=-1)
    ends: timedelta = timedelta(days=30)
    answers: dict[tuple[str, str], Callable[[Any], tuple[int, Json | None]]] = field(
        default_factory=dict
    )
    heard: list[Heard] = field(default_factory=list)
    # So many answers are lost on the way: the connection ends without them.
    lost: int = 0

    def __enter__(self) -> "EnrolmentServer":
        now = datetime.now(UTC)
        self.folder.mkdir(parents=True, exist_ok=True)
        files = write_certificate(self.folder, now + self.starts, now + self.ends)
        self.authority = files[0].read_text(encoding="ascii")
        server = self

        class Handler(_Handler):
            owner = server

        self._http = ThreadingHTTPServer((ADDRESS, 0), Handler)
        self._http.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
        self._http.socket = context.wrap_socket(
            self._http.socket, server_side=True, do_handshake_on_connect=False
        )
        self.host = f"{ADDRESS}:{self._http.server_address[1]}"
        self.url = f"https://{self.host}"
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)

    def lets_in(self, code: str) -> None:
        """Answer a code as the real server does."""
        shown = {"authority": self.authority, "proof": proof_of(code, self.authority)}
        base = "/api/kiosk/v1/enrolment"
        self.answers[("GET", f"{base}/{code[:5]}")] = lambda _: (200, shown)
        grant = granted(self.url, self.authority)
        self.answers[("POST", base)] = lambda _: (200, grant)


class _Handler(BaseHTTPRequestHandler):
    owner: EnrolmentServer
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size)
        is_json = self.headers.get("Content-Type") == "application/json"
        content = json.loads(body) if is_json else body
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        self.owner.heard.append(Heard(self.command, self.path, token, content))
        if self.owner.lost and self.command == "POST":
            self.owner.lost -= 1
            self.close_connection = True
            self.connection.close()
            return
        answer = self.owner.answers.get((self.command, self.path))
        status, told = answer(content) if answer else (404, {"detail": "nothing here"})
        sent = b"" if told is None else json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(sent)

    do_GET = do_POST = do_PUT = do_HEAD = _answer

    def log_message(self, *_: object) -> None:
        """Say nothing on the terminal of the tests."""

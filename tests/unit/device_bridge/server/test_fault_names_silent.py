# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: nobody answers for the server's name any more, after it led there once."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from device_bridge.server.kiosk_api import KioskApi
from device_bridge.server.port import ServerUnreachable

NAME = "guichet.example"


class Answering(BaseHTTPRequestHandler):
    """Answers, and closes: the next request needs a connection of its own."""

    def do_GET(self) -> None:  # noqa: N802 - the library's name
        content = json.dumps({"appointment": 7}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


class Names:
    """The name server: it answers for our name, until it is silent."""

    def __init__(self) -> None:
        self.is_silent = False
        self._ask = socket.getaddrinfo

    def ask(self, host: str, *arguments: Any, **options: Any) -> Any:
        if host.endswith(NAME) and self.is_silent:
            raise socket.gaierror(socket.EAI_AGAIN, "no name server answers")
        known = "127.0.0.1" if host == NAME else host
        return self._ask(known, *arguments, **options)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    names = Names()
    monkeypatch.setattr(socket, "getaddrinfo", names.ask)
    return names


def test_the_server_is_asked_where_it_was_last(names: Names, port: int) -> None:
    api = KioskApi(f"http://{NAME}:{port}", "token", None, 1_000)
    assert api.current_call().appointment == 7
    names.is_silent = True
    assert api.current_call().appointment == 7


def test_a_name_that_never_led_anywhere_is_no_server(names: Names, port: int) -> None:
    names.is_silent = True
    api = KioskApi(f"http://elsewhere.{NAME}:{port}", "token", None, 1_000)
    with pytest.raises(ServerUnreachable):
        api.current_call()

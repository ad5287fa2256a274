# SPDX-License-Identifier: AGPL-3.0-or-later
"""Somebody's web server, to which webhooks are sent."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """Somebody's web server, which answers with the next of `statuses`, then with 204."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        # Called when a message is here and not yet answered.
        self.before_answer: Callable[[], object] = lambda: None
        self.got: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                receiver.before_answer()
                status = receiver.statuses.pop(0) if receiver.statuses else 204
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook?of=msa"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    @property
    def told(self) -> list[tuple[str, int, str]]:
        """Give kind, appointment and state of what came."""
        bodies = [json.loads(body) for _, body in self.got]
        return [
            (each["kind"], each["appointment"]["id"], each["appointment"]["state"])
            for each in bodies
        ]

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

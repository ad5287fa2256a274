# SPDX-License-Identifier: AGPL-3.0-or-later
"""The peer of our second screen: one page whose sentence follows one event stream, no more.

No database, no rights, no drawing, no voice, no front: what is left is what a browser needs to
show a sentence that was sent to it.
"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = """<!doctype html><meta charset="utf-8"><title>Bare</title>
<style>body { margin: 0; background: #fff }
h1 { font: 90px sans-serif; margin: 200px 100px }</style>
<h1></h1>
<script>
  const words = document.querySelector("h1");
  new EventSource("/events").onmessage = (event) => { words.textContent = event.data; };
</script>
"""


class BareScreen:
    """A context manager: inside it the page is served at `url`."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._told, self._sentence = 0, ""
        self._is_over = False
        screen = self

        class Handler(BaseHTTPRequestHandler):
            """Gives the page, and the stream."""

            def do_GET(self) -> None:  # noqa: N802 - the library's name
                """Answer."""
                if self.path == "/events":
                    screen._stream(self)
                    return
                body = PAGE.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "BareScreen":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._news:
            self._is_over = True
            self._news.notify_all()
        self._server.shutdown()
        self._server.server_close()

    def show(self, sentence: str) -> None:
        """Send another sentence to whoever looks."""
        with self._news:
            self._told, self._sentence = self._told + 1, sentence
            self._news.notify_all()

    def _stream(self, request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "text/event-stream")
        request.end_headers()
        seen = 0
        while True:
            with self._news:
                self._news.wait_for(lambda: self._is_over or self._told > seen)
                if self._is_over:
                    return
                seen, sentence = self._told, self._sentence
            request.wfile.write(f"data: {sentence}\n\n".encode())
            request.wfile.flush()

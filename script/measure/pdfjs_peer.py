# SPDX-License-Identifier: AGPL-3.0-or-later
"""A form in pdf.js, served to a browser of this machine; Debian's libjs-pdf."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PDFJS = Path("/usr/share/javascript/pdf")
PAGE = Path(__file__).with_name("pdfjs")


@contextmanager
def pdfjs_with(pdf: bytes, folder: Path) -> Iterator[str]:
    """Give the address of a page in which the form's first field is typed."""
    for name in ("build", "web"):
        (folder / name).symlink_to(PDFJS / name)
    for file in PAGE.iterdir():
        (folder / file.name).symlink_to(file)
    (folder / "form.pdf").write_bytes(pdf)
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def open_form(page: Any, address: str) -> float:
    """Open the form; give the milliseconds until its first page is drawn."""
    page.goto(address, wait_until="load")
    page.wait_for_selector("body[data-drawn]")
    return float(page.get_attribute("body", "data-drawn"))


def typed_ms(page: Any, text: str, pause_ms: int) -> list[float]:
    """Type into the first field; give for each key when the page showed it."""
    for letter in text:
        page.locator("#field").press_sequentially(letter)
        page.wait_for_timeout(pause_ms)
    return list(page.evaluate("window.shownAfter"))


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *_: object) -> None:
        """Say nothing."""

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is sent to the pages, a resident's papers for instance, never meets the disk as it is."""

import io
import os
import re
from contextlib import closing
from pathlib import Path

import pytest
from werkzeug import formparser
from werkzeug.test import EnvironBuilder

import booking_web
from booking_web.shell.sent_text import TextRequest

# Who writes what into files, and why that is no paper as it came.
WRITERS = {
    # Numbers and texts of messages, for a program of the site.
    "base/sms_spool.py",
    # Sealed.
    "domain/documents/store.py",
    # Where the readers of files may write what a library must have on the disk.
    "base/own_process.py",
}


@pytest.mark.parametrize("size", [0, 100, 3_000_000])
def test_a_file_that_is_sent_lies_in_memory(monkeypatch, size: int) -> None:
    """One of more than 500,000 bytes lay in the temporary folder, as it was."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file")

    monkeypatch.setattr(formparser, "SpooledTemporaryFile", refuse)
    content = os.urandom(size)
    data = {"file": (io.BytesIO(content), "scan.pdf"), "title": "a\0b"}
    environ = EnvironBuilder(method="POST", data=data).get_environ()
    with closing(environ["wsgi.input"]), TextRequest(environ) as request:
        sent = request.files["file"]
        where = os.readlink(f"/proc/self/fd/{sent.stream.fileno()}")
        assert where.startswith("/memfd:")
        assert (sent.read(), request.form["title"]) == (content, "ab")
    # It is gone with its request.
    assert sent.stream.closed


def test_nobody_else_writes_temporary_files() -> None:
    sources = Path(booking_web.__file__).parent
    found = {
        str(file.relative_to(sources))
        for file in sources.rglob("*.py")
        if re.search(r"tempfile\.(?!gettempdir)|from tempfile", file.read_text())
    }
    assert found == WRITERS

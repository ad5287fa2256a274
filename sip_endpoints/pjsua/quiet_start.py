# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: keeps the stack from printing where results are read."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def silenced_stdout() -> Iterator[None]:
    """Keep the stack from printing before its own log settings are in force."""
    sys.stdout.flush()
    kept, sink = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 1)
    try:
        yield
    finally:
        # It prints into the C library's buffer, which is written when that is full, or at the end.
        ctypes.CDLL(None).fflush(None)
        os.dup2(kept, 1)
        os.close(kept)
        os.close(sink)

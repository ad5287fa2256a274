# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has a stranger's file examined in a process of its own, which may crash or hang.

The files between the two live in memory (memfd): a plain document never meets the disk.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, BinaryIO

import structlog

from booking_web.documents.errors import (
    DocumentRefused,
    ExaminerUnavailable,
    Refusal,
)

logger = structlog.get_logger(__name__)

TIMEOUT_SECONDS = 45.0
# How a process ends that ran into its limits: killed, CPU time, abort, crash.
_BY_ITS_LIMITS = frozenset({-9, -24, -6, -11})


@dataclass(frozen=True)
class Examined:
    """A harmless PDF; whoever gets it closes it."""

    pdf: BinaryIO
    pages: int


def examine(source: BinaryIO, max_pages: int) -> Examined:
    """Give the harmless PDF that comes of a PDF, JPEG or PNG.

    `source` must be a real file (with a descriptor). Raises DocumentRefused or
    ExaminerUnavailable.
    """
    output = memory_file("document")
    try:
        told = _run("examine", source, output, "--max-pages", str(max_pages))
    except BaseException:
        output.close()
        raise
    return Examined(output, int(told["pages"]))


def draw_preview(pdf: BinaryIO) -> BinaryIO:
    """Give a small PNG of the first page; raises as `draw_page` does."""
    return _draw("preview", pdf)


def draw_page(pdf: BinaryIO, page: int) -> BinaryIO:
    """Give a PNG of a page for a screen.

    Raises DocumentRefused or ExaminerUnavailable.
    """
    return _draw("page", pdf, "--page", str(page))


def _draw(work: str, pdf: BinaryIO, *options: str) -> BinaryIO:
    output = memory_file("picture")
    try:
        _run(work, pdf, output, *options)
    except BaseException:
        output.close()
        raise
    return output


def memory_file(name: str) -> BinaryIO:
    """Give an empty file that lives in memory and has a descriptor."""
    return os.fdopen(os.memfd_create(name), "w+b")


def _run(
    work: str, source: BinaryIO, output: BinaryIO, *options: str
) -> dict[str, Any]:
    source.seek(0)
    command = [sys.executable, "-m", "booking_web.documents.examination", work]
    try:
        done = subprocess.run(
            [*command, "--output", str(output.fileno()), *options],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(output.fileno(),),
            timeout=TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise DocumentRefused(Refusal.BOMB) from error
    except OSError as error:
        raise ExaminerUnavailable("no process for the examination") from error
    if done.returncode in _BY_ITS_LIMITS:
        logger.warning("examination ran into its limits", ended=done.returncode)
        raise DocumentRefused(Refusal.BOMB)
    if done.returncode != 0:
        # Its last line names the error; the traceback may quote the file, so no more.
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        logger.error("examination failed", error=last.partition(":")[0][:80])
        raise DocumentRefused(Refusal.DAMAGED)
    told: dict[str, Any] = json.loads(done.stdout)
    if "refused" in told:
        raise DocumentRefused(Refusal(told["refused"]))
    output.seek(0)
    return told

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Treats pages in processes of their own, from both of their ends.

Pillow keeps Python's lock while it turns a page: in the bridge's own process a scan at
600 dpi would hold back the counsellor's next digit, a cancel perhaps, for seconds.
"""

import errno
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from device_bridge.scanning.kept_memory import keep_memory
from device_bridge.scanning.pages import PageVerdict, straighten_page

# The picture and the voice of the call come first.
NICENESS = 5
PAGE_WORKERS = 2


class PagePool:
    """Straightens pages while the next one is scanned; ready long before the first.

    A process lasts: its start takes longer than a page.
    """

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(PAGE_WORKERS, "page")
        self._of_thread = threading.local()
        self._processes: list[PageProcess] = []
        self._executor.submit(self._process)

    def straighten(self, file: Path) -> Future[PageVerdict]:
        """Do as `straighten_page`, later."""
        return self._executor.submit(self._straighten, file)

    def close(self) -> None:
        """Finish what was begun, and end."""
        self._executor.shutdown()
        for process in self._processes:
            process.close()

    def _straighten(self, file: Path) -> PageVerdict:
        return self._process().straighten(file)

    def _process(self) -> "PageProcess":
        """Give the process of the worker's thread that calls, anew if it ended."""
        process: PageProcess | None = getattr(self._of_thread, "process", None)
        if process is not None and not process.is_running:
            self._processes.remove(process)
            process.close()
            process = None
        if process is None:
            process = self._of_thread.process = PageProcess()
            self._processes.append(process)
        return process


class PageProcess:
    """The bridge's end: one page at a time, from one thread."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "device_bridge.scanning.page_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    @property
    def is_running(self) -> bool:
        """Tell whether it can be given a page."""
        return self._process.poll() is None

    def straighten(self, file: Path) -> PageVerdict:
        """Do as `straighten_page`; raises OSError, also when the process is gone."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(str(file)) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise OSError(errno.EIO, "the page's process ended")
        answer: dict[str, Any] = json.loads(line)
        if "errno" in answer:
            raise OSError(answer["errno"], answer["detail"])
        return PageVerdict(**answer)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


def main() -> None:
    """Treat the pages that standard input names, until it ends."""
    os.umask(0o077)
    os.nice(NICENESS)
    keep_memory()
    for line in sys.stdin:
        answer: dict[str, Any]
        try:
            verdict = straighten_page(Path(json.loads(line)))
            answer = {
                "is_blank": verdict.is_blank,
                "is_blurred": verdict.is_blurred,
                "turned_degrees": verdict.turned_degrees,
            }
        except Exception as error:
            number = getattr(error, "errno", None) or errno.EIO
            answer = {"errno": number, "detail": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Treats pages in a process of its own, from both of its ends.

Pillow keeps Python's lock while it turns a page: in the bridge's own process a scan at
600 dpi would hold back the counsellor's next digit, a cancel perhaps, for seconds.
"""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from device_bridge.pages import PageVerdict, keep_page

# The picture and the voice of the call come first.
NICENESS = 5


class PageProcess:
    """The bridge's end: one page at a time, from one thread."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "device_bridge.page_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def keep(self, raw: Path, target: Path, resolution_dpi: int) -> PageVerdict:
        """Do as `keep_page`; raises OSError, also when the process is gone."""
        assert self._process.stdin is not None and self._process.stdout is not None
        order = [str(raw), str(target), resolution_dpi]
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
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
    for line in sys.stdin:
        raw, target, resolution_dpi = json.loads(line)
        answer: dict[str, Any]
        try:
            verdict = keep_page(Path(raw), Path(target), resolution_dpi)
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

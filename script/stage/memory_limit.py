# SPDX-License-Identifier: AGPL-3.0-or-later
"""A memory limit of the kernel's (a control group, of either version) around some processes."""

import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from stage.waiting import wait_for

ROOT = Path("/sys/fs/cgroup")
# What is limited, and where it is told how many processes were ended, by version.
_FILES = {
    1: ("memory.limit_in_bytes", "memory.oom_control"),
    2: ("memory.max", "memory.events"),
}


class NoMemoryLimit(Exception):
    """This machine lets nobody make one: not root, or a container without control groups."""


class MemoryLimit:
    """A context manager: what is put into it and takes more from then on is ended.

    What a process had before counts for nothing. Raises NoMemoryLimit.
    """

    def __init__(self, limit_bytes: int) -> None:
        is_first = (ROOT / "memory").is_dir()
        self._limit, self._told = _FILES[1 if is_first else 2]
        above = ROOT / "memory" if is_first else ROOT
        self._folder = above / f"guichet-stage-{os.getpid()}"
        self._bytes = limit_bytes

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir()
        except OSError as error:
            raise NoMemoryLimit(str(error)) from error
        try:
            (self._folder / self._limit).write_text(str(self._bytes))
        except OSError as error:
            self._folder.rmdir()
            raise NoMemoryLimit(str(error)) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        wait_for(self._is_gone, "nobody is limited any more", poll_seconds=0.1)

    def put(self, processes: Iterable[int]) -> None:
        """Limit these from now on, all of them together."""
        for each in processes:
            (self._folder / "cgroup.procs").write_text(str(each))

    def ended(self) -> int:
        """Tell how many processes the kernel has ended for it."""
        lines = (self._folder / self._told).read_text().splitlines()
        told = dict(line.split() for line in lines)
        return int(told["oom_kill"])

    def _is_gone(self) -> bool:
        try:
            # Whoever lives on goes back to where the others are.
            for each in (self._folder / "cgroup.procs").read_text().split():
                (self._folder.parent / "cgroup.procs").write_text(each)
            self._folder.rmdir()
        except OSError:
            return False
        return True

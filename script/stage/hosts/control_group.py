# SPDX-License-Identifier: AGPL-3.0-or-later
"""Control groups (cgroups(7), version 2): what belongs to a host, whoever started it.

A process can leave its parent, its session and its namespaces, but not its group: by it a
host is switched off, and what is left of one is found.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from stage.waiting import wait_for

END_SECONDS = 20.0
# The shell moves itself, so that what it becomes never ran outside of the group.
_ENTER = 'echo 0 >"$0/cgroup.procs" && exec "$@"'


class NoControlGroups(Exception):
    """This machine has no cgroup2 hierarchy that we may use; the text says what to do."""


class ControlGroup:
    """One group, with those below it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of_machine(cls) -> "ControlGroup":
        """Give the group that holds all others, wherever it is mounted (hybrid or not)."""
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8")
        for line in mounts.splitlines():
            _device, folder, kind, *_rest = line.split()
            if kind == "cgroup2":
                return cls(Path(folder))
        raise NoControlGroups(
            "no cgroup2 is mounted: mount -t cgroup2 cgroup2 /sys/fs/cgroup"
        )

    def below(self, name: str) -> "ControlGroup":
        """Give the group of that name in this one."""
        return ControlGroup(self.path / name)

    def make(self) -> None:
        """Have it, with those above; raise NoControlGroups where that is forbidden."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NoControlGroups(
                f"no control group can be made at {self.path}: run as root"
            ) from error

    def enter(self, command: Sequence[str]) -> list[str]:
        """Give the command that runs this one inside."""
        return ["sh", "-c", _ENTER, str(self.path), *command]

    def groups(self) -> list[Path]:
        """Give the folders of those below and of itself, the deepest first."""
        # Those that are removed meanwhile are left out without a word.
        walked = os.walk(self.path, topdown=False)
        return [Path(folder) for folder, _below, _files in walked]

    def pids(self) -> list[int]:
        """Give the processes in it and below it."""
        found = []
        for group in self.groups():
            try:
                text = (group / "cgroup.procs").read_text(encoding="ascii")
            except OSError:
                # It was removed since it was listed.
                continue
            found += [int(pid) for pid in text.split()]
        return found

    def kill(self) -> None:
        """End all that is in it at once, as a pulled plug does."""
        if self.path.is_dir():
            (self.path / "cgroup.kill").write_text("1", encoding="ascii")
            wait_for(lambda: not self.pids(), f"{self.path} is empty", END_SECONDS)

    def remove(self) -> None:
        """Kill what is in it and give it back."""
        self.kill()
        wait_for(self._is_removed, f"{self.path} is given back", END_SECONDS)

    def _is_removed(self) -> bool:
        try:
            for group in self.groups():
                group.rmdir()
        except OSError:
            # What was killed leaves its group a moment after it is no process any more.
            return False
        return True

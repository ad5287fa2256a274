# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the steps of an installation share: the machine, the answers, what has changed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from provisioning.asterisk.certificates import write_private
from provisioning.server.answers import Answers
from provisioning.server.machine import Machine


@dataclass
class Work:
    """One run on one machine; the steps note the files that they changed."""

    machine: Machine
    answers: Answers
    changed: set[Path] = field(default_factory=set)
    # The one-time link of the first administrator, once it is made.
    link: str = ""
    # What opens the backups, where it was made this time.
    passphrase: str = field(default="", repr=False)

    def note(self, files: Iterable[Path]) -> bool:
        """Remember files that changed; tell whether there are any."""
        new = set(files)
        self.changed |= new
        return bool(new)

    def write(self, file: Path, text: str) -> bool:
        """Write a file where it differs; tell whether it did."""
        if file.exists() and file.read_text() == text:
            return False
        file.parent.mkdir(parents=True, exist_ok=True)
        write_private(file, text.encode())
        return self.note([file])


@dataclass(frozen=True)
class Step:
    """A part of the work: its name, what it sees to, and the work itself.

    `run` may be done again at any time: it tells whether it changed something, and raises
    ServerError with what to do.
    """

    name: str
    sees_to: str
    run: Callable[[Work], bool]

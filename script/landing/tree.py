# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which tree is here, as Git names it: runs are kept by what was run."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# So far back somebody looks for a tree that passed.
ANCESTORS = 200


@dataclass(frozen=True)
class Tree:
    """The hash of HEAD's tree, its commit, and the files that differ from it here."""

    name: str
    commit: str
    changed: frozenset[str]

    @property
    def is_clean(self) -> bool:
        """Tell whether what is here is what was committed."""
        return not self.changed


def tree_of(folder: Path) -> Tree | None:
    """Give the checkout's tree; None where there is no Git repository, as in an archive."""
    try:
        name = _git(folder, "rev-parse", "HEAD^{tree}")
        commit = _git(folder, "rev-parse", "HEAD")
        changed = _git(folder, "status", "--porcelain", "-z")
    except (OSError, subprocess.CalledProcessError):
        return None
    # Two letters and a blank before each name.
    files = frozenset(entry[3:] for entry in changed.split("\0") if entry)
    return Tree(name, commit, files)


def ancestors_of(folder: Path) -> Iterator[tuple[str, str]]:
    """Give commit and tree of HEAD and what is before it, the nearest first."""
    lines = _git(folder, "log", f"--max-count={ANCESTORS}", "--format=%h %T")
    for line in lines.splitlines():
        commit, _, tree = line.partition(" ")
        yield commit, tree


def _git(folder: Path, *words: str) -> str:
    return subprocess.run(
        ["git", "-C", str(folder), *words],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.rstrip("\n")

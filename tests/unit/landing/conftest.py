# SPDX-License-Identifier: AGPL-3.0-or-later
"""A repository of the test's own."""

import os
import subprocess
from pathlib import Path

import pytest

from landing.tree import Tree, tree_of


class Checkout:
    """A repository with one commit; nothing of the machine's own settings is asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet")
        self.commit("one")

    @property
    def tree(self) -> Tree:
        """What is here, as Git names it."""
        found = tree_of(self.folder)
        assert found is not None
        return found

    def git(self, *words: str) -> None:
        """Have Git do this."""
        subprocess.run(["git", *words], cwd=self.folder, check=True)

    def commit(self, text: str) -> None:
        """Commit a file with this text."""
        (self.folder / "file").write_text(text)
        self.git("add", "file")
        self.git("commit", "--quiet", "--message", text)

    def beside(self, name: str) -> Path:
        """Give a folder that is none of it."""
        return self.folder.parent / name


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """Give a repository with one commit."""
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "test")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "test@example.org")
    return Checkout(tmp_path / "checkout")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Temporary folders of the tests, with short paths, which no run leaves behind for long."""

from itertools import count
from pathlib import Path

from stage.owned_folder import OwnedFolder


class Folders:
    """Makes folders, in the place of pytest's own factory; first, those of dead runs go.

    pytest's have the names of user, run, worker and test in their paths: too long for sockets,
    whose paths have 107 bytes (unix(7)), where TMPDIR is not as short as /tmp.
    """

    def __init__(self) -> None:
        self._owned = OwnedFolder("gv-")
        self._numbers = count()

    def mktemp(self, name: str) -> Path:
        """Give a new folder whose name begins so."""
        folder = self._owned.path / f"{name}{next(self._numbers)}"
        folder.mkdir(0o700)
        return folder

    def remove(self) -> None:
        """Remove all of them."""
        self._owned.remove()

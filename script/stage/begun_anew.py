# SPDX-License-Identifier: AGPL-3.0-or-later
"""A stage that several tests share: after one that failed it is as it was at its beginning."""

import sqlite3
from contextlib import closing

from stage.put_back import put_back
from stage.stack import Stage


class Beginning:
    """What an embedded stage held, and which of its parts ran."""

    def __init__(self, stage: Stage) -> None:
        """Keep it: the stage has nothing to do now."""
        self._stage = stage
        self._parts = [each for each in stage.parts if stage.program(each).is_running]
        self._database = stage.directory / "guichet.db"
        self._kept = stage.directory / "guichet-at-its-beginning.db"
        with (
            closing(sqlite3.connect(self._database)) as source,
            closing(sqlite3.connect(self._kept)) as target,
        ):
            source.backup(target)

    def come_back(self) -> None:
        """End every part and forget what was written since; start those that ran."""
        self._stage.stop()
        put_back(self._database, self._kept)
        if self._parts:
            self._stage.start(*self._parts)

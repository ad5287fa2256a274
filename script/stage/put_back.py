# SPDX-License-Identifier: AGPL-3.0-or-later
"""Puts an embedded database back as it was, under the servers that have it open."""

import sqlite3
from contextlib import closing
from pathlib import Path

from stage.waiting import PATIENCE

LOCK_SECONDS = 20.0 * PATIENCE
# Whoever follows the changes knows the last number: numbers begin anew nowhere.
_LAST_CHANGE = "SELECT seq FROM sqlite_sequence WHERE name = 'live_event'"
_GO_ON_FROM = "UPDATE sqlite_sequence SET seq = ? WHERE name = 'live_event'"


def put_back(database: Path, template: Path) -> None:
    """Have the database hold what the template holds; servers see it with their next read."""
    with (
        closing(sqlite3.connect(template)) as source,
        closing(sqlite3.connect(database, timeout=LOCK_SECONDS)) as target,
    ):
        last_change = target.execute(_LAST_CHANGE).fetchone()
        source.backup(target)
        if last_change is not None:
            target.execute(_GO_ON_FROM, last_change)
            target.commit()

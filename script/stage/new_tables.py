# SPDX-License-Identifier: AGPL-3.0-or-later
"""A new embedded database, made once in a process for all its stages."""

import tempfile
from functools import cache
from pathlib import Path

from provisioning.database.schema import upgrade


@cache
def new_tables() -> bytes:
    """Give the file of an embedded database with every table, and nothing in them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "guichet.db"
        upgrade(f"sqlite:///{file}")
        return file.read_bytes()

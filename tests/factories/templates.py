# SPDX-License-Identifier: AGPL-3.0-or-later
"""A database that is made once, for each test to have a copy of.

To make all tables takes longer than most tests of a unit.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session

import booking_web.tables.rate_limits  # noqa: F401 - its table belongs to the schema
from provisioning.database.engine import Base, Database


def make_template(folder: Path, fill: Callable[[Session], None]) -> Path:
    """Make a database of all tables that are known, filled; give its file."""
    file = folder / "template.db"
    database = Database(f"sqlite:///{file}")
    Base.metadata.create_all(database.engine)
    with database.write() as session:
        fill(session)
    # Whoever closes it last leaves all of it in the one file.
    database.dispose()
    return file


def copy_of(template: Path, folder: Path) -> Database:
    """Give a copy of the template in the folder; the caller disposes of it."""
    file = shutil.copy(template, folder / "guichet.db")
    return Database(f"sqlite:///{file}")

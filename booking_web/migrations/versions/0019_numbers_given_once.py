# SPDX-License-Identifier: AGPL-3.0-or-later
"""An appointment's number is given once, also where the latest appointment is removed.

PostgreSQL's sequences do so by themselves, SQLite's tables if they are told to. It also lets a
restored database go on with numbers that nobody has seen.
"""

import sqlalchemy as sa
from alembic import op

revision = "appointments_0019"
down_revision = "appointments_0018"
branch_labels = None
depends_on = None

_PLAIN = "PRIMARY KEY (id)"
_ONCE = "PRIMARY KEY (id AUTOINCREMENT)"


def upgrade() -> None:
    """Have SQLite remember the highest number; not a row is touched."""
    if op.get_bind().dialect.name == "sqlite":
        _rewrite(_PLAIN, _ONCE)
        op.execute(
            "INSERT INTO sqlite_sequence (name, seq)"
            " SELECT 'appointment', max(id) FROM appointment HAVING max(id) IS NOT NULL"
        )


def downgrade() -> None:
    """Let SQLite give the latest number again."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DELETE FROM sqlite_sequence WHERE name = 'appointment'")
        _rewrite(_ONCE, _PLAIN)


def _rewrite(before: str, after: str) -> None:
    """Change the table's text, as "ALTER TABLE" of SQLite's manual does where no row changes.

    To build the table anew would take its triggers and all that refers to it along.
    """
    op.execute("PRAGMA writable_schema=ON")
    changed = op.get_bind().execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :before, :after)"
            " WHERE type = 'table' AND name = 'appointment'"
        ),
        {"before": before, "after": after},
    )
    op.execute("PRAGMA writable_schema=RESET")
    assert changed.rowcount == 1

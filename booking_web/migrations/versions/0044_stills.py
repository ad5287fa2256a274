# SPDX-License-Identifier: AGPL-3.0-or-later
"""A document may be a still of a call's picture."""

import sqlalchemy as sa
from alembic import op

revision = "appointments_0044"
down_revision = "appointments_0042"
branch_labels = None
depends_on = None

SOURCES_BEFORE = "source IN ('upload', 'scan', 'made')"
SOURCES = "source IN ('upload', 'scan', 'made', 'still')"


def upgrade() -> None:
    """Let it be."""
    _let_sources_be(SOURCES_BEFORE, SOURCES)


def downgrade() -> None:
    """Let it not be; stills stay, as if somebody had added them."""
    op.execute(sa.text("UPDATE document SET source = 'upload' WHERE source = 'still'"))
    _let_sources_be(SOURCES, SOURCES_BEFORE)


def _let_sources_be(before: str, after: str) -> None:
    if op.get_bind().dialect.name != "sqlite":
        name = op.f("ck_document_source_known")
        op.drop_constraint(name, "document", type_="check")
        op.create_check_constraint(name, "document", after)
        return
    # As in 0019: the table's text is changed; to build it anew would take along what refers
    # to it.
    op.execute("PRAGMA writable_schema=ON")
    changed = op.get_bind().execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :before, :after)"
            " WHERE type = 'table' AND name = 'document'"
        ),
        {"before": before, "after": after},
    )
    op.execute("PRAGMA writable_schema=RESET")
    assert changed.rowcount == 1

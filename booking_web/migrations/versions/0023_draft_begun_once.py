# SPDX-License-Identifier: AGPL-3.0-or-later
"""A draft knows the form by which it was begun: sent twice, it begins one draft."""

import sqlalchemy as sa
from alembic import op

revision = "appointments_0023"
down_revision = "appointments_0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; drafts that are there were begun without a number."""
    op.add_column("draft", sa.Column("submission", sa.String(64), nullable=True))
    op.create_index(op.f("ix_draft_submission"), "draft", ["submission"], unique=True)


def downgrade() -> None:
    """Forget the numbers."""
    op.drop_index(op.f("ix_draft_submission"), "draft")
    op.drop_column("draft", "submission")

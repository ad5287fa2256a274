# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a kiosk's second screen is let in: by a code, once, then by a secret of its own."""

import sqlalchemy as sa
from alembic import op

revision = "directory_0005"
down_revision = "directory_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, empty: every kiosk's screen needs a code once."""
    op.create_table(
        "screen_enrolment",
        sa.Column("kiosk_id", sa.Integer(), nullable=False),
        sa.Column("code_digest", sa.String(64), nullable=True),
        sa.Column("code_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("secret_digest", sa.String(64), nullable=True),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(code_digest IS NULL) = (code_expires_at IS NULL)", name="code_expires"
        ),
        sa.ForeignKeyConstraint(
            ["kiosk_id"],
            ["kiosk.id"],
            name="fk_screen_enrolment_kiosk_id_kiosk",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("kiosk_id", name="pk_screen_enrolment"),
        sa.UniqueConstraint("code_digest", name="uq_screen_enrolment_code_digest"),
        sa.UniqueConstraint("secret_digest", name="uq_screen_enrolment_secret_digest"),
    )


def downgrade() -> None:
    """Remove it: the screens are let in by their kiosk's token again."""
    op.drop_table("screen_enrolment")

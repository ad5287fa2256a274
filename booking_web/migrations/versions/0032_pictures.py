# SPDX-License-Identifier: AGPL-3.0-or-later
"""The mark of an organisation and the photos of its counsellors."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0032"
down_revision = "appointments_0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables, empty: letters stand where there is no picture."""
    op.create_table(
        "organisation_mark",
        _whose("organisation"),
        *_picture(),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("is_light", sa.Boolean(), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.Column("kept_by", sa.String(80), nullable=False),
        sa.CheckConstraint(
            "width > 0 AND height > 0", name=op.f("ck_organisation_mark_has_a_size")
        ),
        *_keys("organisation_mark", "organisation"),
    )
    op.create_table(
        "counsellor_photo",
        _whose("counsellor"),
        *_picture(),
        sa.Column("agreed_at", UtcDateTime(), nullable=False),
        sa.Column("kept_by", sa.String(80), nullable=False),
        sa.CheckConstraint("width > 0", name=op.f("ck_counsellor_photo_has_a_size")),
        *_keys("counsellor_photo", "counsellor"),
    )


def downgrade() -> None:
    """Remove both, with all pictures."""
    op.drop_table("counsellor_photo")
    op.drop_table("organisation_mark")


def _whose(owner: str) -> sa.Column[int]:
    return sa.Column(f"{owner}_id", sa.Integer(), nullable=False)


def _picture() -> tuple[sa.Column[bytes], sa.Column[str], sa.Column[int]]:
    return (
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(16), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
    )


def _keys(
    table: str, owner: str
) -> tuple[sa.ForeignKeyConstraint, sa.PrimaryKeyConstraint]:
    return (
        sa.ForeignKeyConstraint(
            [f"{owner}_id"],
            [f"{owner}.id"],
            name=op.f(f"fk_{table}_{owner}_id_{owner}"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(f"{owner}_id", name=op.f(f"pk_{table}")),
    )

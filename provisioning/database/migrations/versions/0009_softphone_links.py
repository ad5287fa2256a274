# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a counsellor's softphone is set up: by a link that is good once."""

import sqlalchemy as sa
from alembic import op

revision = "directory_0009"
down_revision = "directory_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, empty."""
    op.create_table(
        "softphone_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("counsellor_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("transport", sa.String(3), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('linphone', 'baresip')", name="kind_known"),
        sa.CheckConstraint(
            "transport IN ('tls', 'tcp', 'udp')", name="transport_known"
        ),
        sa.ForeignKeyConstraint(
            ["counsellor_id"],
            ["counsellor.id"],
            name="fk_softphone_link_counsellor_id_counsellor",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_softphone_link"),
        sa.UniqueConstraint("token_digest", name="uq_softphone_link_token_digest"),
    )
    op.create_index(
        "ix_softphone_link_counsellor_id", "softphone_link", ["counsellor_id"]
    )


def downgrade() -> None:
    """Remove it: links that were not opened yet open nothing any more."""
    op.drop_table("softphone_link")

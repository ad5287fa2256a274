# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who an account belongs to at the identity provider; what a sign-in by it keeps."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0056"
down_revision = "appointments_0050"
branch_labels = None
depends_on = None

KEEPING = ("web_session", "half_sign_in")


def upgrade() -> None:
    """Create the table, empty: each account is tied by its next sign-in there."""
    op.create_table(
        "provider_tie",
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("tied_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_provider_tie_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_provider_tie")),
        sa.UniqueConstraint(
            "user_id", "issuer", name=op.f("uq_provider_tie_user_id_issuer")
        ),
    )
    for table in KEEPING:
        op.add_column(table, sa.Column("sealed_voucher", sa.Text()))


def downgrade() -> None:
    """Remove them: people are found by their address again."""
    for table in KEEPING:
        op.drop_column(table, "sealed_voucher")
    op.drop_table("provider_tie")

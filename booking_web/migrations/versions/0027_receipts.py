# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which documents of an appointment are receipts."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0027"
down_revision = "appointments_0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, empty."""
    op.create_table(
        "receipt",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name=op.f("fk_receipt_document_id_document"),
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_receipt_appointment_id_appointment"),
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_receipt")),
    )
    op.create_index(
        "ix_receipt_appointment_id_sha256", "receipt", ["appointment_id", "sha256"]
    )


def downgrade() -> None:
    """Remove it; the receipts stay documents as any other."""
    op.drop_table("receipt")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What residents agree to: their answers, and that a kiosk reads the text aloud."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0053"
down_revision = "appointments_0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, empty: nobody was asked."""
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.Column("noted_by", sa.String(80), nullable=False),
        sa.CheckConstraint(
            "answer IN ('agreed', 'refused', 'withdrawn')",
            name=op.f("ck_consent_answer_known"),
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_consent_appointment_id_appointment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_appointment_id"), "consent", ["appointment_id"])
    op.create_table(
        "consent_reading",
        sa.Column("appointment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_consent_reading_appointment_id_appointment"),
        ),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_consent_reading")),
    )


def downgrade() -> None:
    """Remove them: nobody was asked."""
    op.drop_table("consent_reading")
    op.drop_table("consent")

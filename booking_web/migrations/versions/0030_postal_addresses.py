# SPDX-License-Identifier: AGPL-3.0-or-later
"""Postal addresses: a resident's, and one that was told with an appointment alone."""

import sqlalchemy as sa
from alembic import op

revision = "appointments_0030"
down_revision = "appointments_0029"
branch_labels = None
depends_on = None

LENGTHS = {"street": 160, "postcode": 12, "commune": 80, "country": 60}


def upgrade() -> None:
    """Add the columns and the table, empty: nobody has told an address yet."""
    for name in LENGTHS:
        op.add_column("resident", _part(name))
    op.create_table(
        "appointment_address",
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        *map(_part, LENGTHS),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_appointment_address_appointment_id_appointment"),
        ),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_appointment_address")),
    )


def downgrade() -> None:
    """Remove them, with all addresses."""
    op.drop_table("appointment_address")
    for name in reversed(LENGTHS):
        op.drop_column("resident", name)


def _part(name: str) -> sa.Column[str]:
    return sa.Column(
        name, sa.String(LENGTHS[name]), server_default=sa.text("''"), nullable=False
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which town hall booked an appointment: a fact of the booking, not of its author."""

import sqlalchemy as sa
from alembic import op

revision = "appointments_0009"
down_revision = "appointments_0008"
branch_labels = None
depends_on = None

INDEX = "ix_appointment_town_hall_id"


def upgrade() -> None:
    """Add the column, filled with where the authors of the bookings work now."""
    op.add_column(
        "appointment",
        sa.Column(
            "town_hall_id",
            sa.Integer(),
            sa.ForeignKey("relay.id", name="fk_appointment_town_hall_id_relay"),
            nullable=True,
        ),
        inline_references=op.get_bind().dialect.name == "sqlite",
    )
    op.create_index(INDEX, "appointment", ["town_hall_id"])
    op.execute(
        "UPDATE appointment SET town_hall_id ="
        " (SELECT relay_id FROM user_account WHERE id = created_by_id)"
    )


def downgrade() -> None:
    """Remove it: who sees a booking follows its author again."""
    op.drop_index(INDEX, "appointment")
    op.drop_column("appointment", "town_hall_id")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Appointments in figures, and how far it would have been."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0047"
down_revision = "appointments_0045"
branch_labels = None
depends_on = None

RESULTS = (
    "'honoured', 'absent', 'empty_chair', 'abandoned', 'unreachable', 'interrupted', "
    "'cancelled', 'open'"
)


def upgrade() -> None:
    """Add the tables; they are filled by the first `statistics refresh`, or by night."""
    op.create_table(
        "appointment_figures",
        sa.Column("appointment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("relay_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("visit_reason_id", sa.Integer(), nullable=True),
        sa.Column("result", sa.String(length=12), nullable=False),
        sa.Column("waited_seconds", sa.Integer(), nullable=True),
        sa.Column("call_seconds", sa.Integer(), nullable=True),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in (
                "queued",
                "answered_in_time",
                "pages_printed",
                "pages_scanned",
                "useful",
                "useless",
                "resolved",
                "concluded",
            )
        ),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_appointment_figures")),
        sa.CheckConstraint(
            f"result IN ({RESULTS})",
            name=op.f("ck_appointment_figures_result_known"),
        ),
    )
    op.create_index("ix_appointment_figures_day", "appointment_figures", ["day"])
    for owner in ("relay_id", "organisation_id"):
        op.create_index(
            f"ix_appointment_figures_{owner}_day",
            "appointment_figures",
            [owner, "day"],
        )
    op.create_table(
        "figures_refresh",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("refreshed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figures_refresh")),
    )
    op.create_table(
        "travel_distance",
        sa.Column("relay_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("kilometres", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "relay_id", "organisation_id", name=op.f("pk_travel_distance")
        ),
        sa.ForeignKeyConstraint(
            ["relay_id"],
            ["relay.id"],
            name=op.f("fk_travel_distance_relay_id_relay"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_travel_distance_organisation_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint(
            "kilometres BETWEEN 1 AND 1000",
            name=op.f("ck_travel_distance_kilometres_range"),
        ),
    )


def downgrade() -> None:
    """Remove them: the figures can be made again, the distances are lost."""
    for table in ("travel_distance", "figures_refresh", "appointment_figures"):
        op.drop_table(table)

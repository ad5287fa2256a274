# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether a counsellor is available, paused or writes up a call; whose news that is."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0040"
down_revision = "appointments_0039"
branch_labels = None
depends_on = None

NOTHING = sa.text("''")
RULES = (
    ("state IN ('available', 'paused', 'wrap_up')", "state_known"),
    (
        "reason IN ('', 'break', 'meeting', 'other', 'telephone', 'missed_rings')",
        "reason_known",
    ),
    ("(state = 'paused') = (reason <> '')", "reason_of_pause"),
    ("until IS NULL OR state = 'wrap_up'", "until_of_wrap_up"),
    ("missed_rings >= 0", "missed_rings_counted"),
)


def upgrade() -> None:
    """Add the table, empty: the dispatcher writes down what Asterisk holds."""
    op.create_table(
        "counsellor_duty",
        sa.Column("counsellor_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(12), server_default=NOTHING, nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("applied_at", UtcDateTime(), nullable=True),
        sa.Column("call_since", UtcDateTime(), nullable=True),
        sa.Column(
            "missed_rings", sa.Integer(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "missed_channel", sa.String(150), server_default=NOTHING, nullable=False
        ),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_counsellor_duty_{name}"))
            for rule, name in RULES
        ),
        sa.ForeignKeyConstraint(
            ["counsellor_id"],
            ["counsellor.id"],
            name=op.f("fk_counsellor_duty_counsellor_id_counsellor"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("counsellor_id", name=op.f("pk_counsellor_duty")),
    )
    # No reference: what was told of somebody is no reason to keep them.
    op.add_column(
        "live_event", sa.Column("organisation_id", sa.Integer(), nullable=True)
    )


def downgrade() -> None:
    """Remove both: what Asterisk holds stands in its own rows."""
    op.drop_column("live_event", "organisation_id")
    op.drop_table("counsellor_duty")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What each kiosk still holds of an appointment, and an alert about it."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0036"
down_revision = "appointments_0035"
branch_labels = None
depends_on = None

KINDS_BEFORE = (
    "kind IN ('kiosk_silent', 'self_test_failed', 'other_machine', 'clock_wrong', "
    "'update_failed', 'disk_low', 'certificate_ends', 'dispatcher_silent', 'backup_old')"
)
KINDS = KINDS_BEFORE.replace("'update_failed', ", "'update_failed', 'not_wiped', ")


def upgrade() -> None:
    """Create the table; each kiosk that proves its wipes fills its row."""
    op.create_table(
        "kiosk_wipe",
        sa.Column("kiosk_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("failures", sa.String(200), nullable=False),
        sa.CheckConstraint(
            "state IN ('clean', 'owed', 'delivering', 'failed')",
            name=op.f("ck_kiosk_wipe_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["kiosk_id"],
            ["kiosk.id"],
            name=op.f("fk_kiosk_wipe_kiosk_id_kiosk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_kiosk_wipe_appointment_id_appointment"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("kiosk_id", name=op.f("pk_kiosk_wipe")),
    )
    _let_kinds_be(KINDS)


def downgrade() -> None:
    """Remove it, with the alerts that nobody would know how to read."""
    op.execute(sa.text("DELETE FROM alert WHERE kind = 'not_wiped'"))
    _let_kinds_be(KINDS_BEFORE)
    op.drop_table("kiosk_wipe")


def _let_kinds_be(kinds: str) -> None:
    # SQLite writes the table anew: neither trigger nor view hangs on this one.
    with op.batch_alter_table("alert") as table:
        table.drop_constraint(op.f("ck_alert_kind_known"), type_="check")
        table.create_check_constraint(op.f("ck_alert_kind_known"), kinds)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""How the last update of each kiosk ended, and an alert about it."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0021"
down_revision = "appointments_0020"
branch_labels = None
depends_on = None

KINDS_BEFORE = (
    "kind IN ('kiosk_silent', 'self_test_failed', 'other_machine', 'clock_wrong', "
    "'disk_low', 'certificate_ends', 'dispatcher_silent', 'backup_old')"
)
KINDS = (
    "kind IN ('kiosk_silent', 'self_test_failed', 'other_machine', 'clock_wrong', "
    "'update_failed', 'disk_low', 'certificate_ends', 'dispatcher_silent', 'backup_old')"
)


def upgrade() -> None:
    """Create the table; each kiosk that tries an update fills its row."""
    op.create_table(
        "kiosk_update",
        sa.Column("kiosk_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("from_version", sa.String(60), nullable=False),
        sa.Column("to_version", sa.String(60), nullable=False),
        sa.Column("tried_at", UtcDateTime(), nullable=True),
        sa.Column("cause", sa.String(60), nullable=False),
        sa.CheckConstraint(
            "state IN ('done', 'rolled_back', 'failed')",
            name=op.f("ck_kiosk_update_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["kiosk_id"],
            ["kiosk.id"],
            name=op.f("fk_kiosk_update_kiosk_id_kiosk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("kiosk_id", name=op.f("pk_kiosk_update")),
    )
    _let_kinds_be(KINDS)


def downgrade() -> None:
    """Remove it, with the alerts that nobody would know how to read."""
    op.execute(sa.text("DELETE FROM alert WHERE kind = 'update_failed'"))
    _let_kinds_be(KINDS_BEFORE)
    op.drop_table("kiosk_update")


def _let_kinds_be(kinds: str) -> None:
    # SQLite writes the table anew: neither trigger nor view hangs on this one.
    with op.batch_alter_table("alert") as table:
        table.drop_constraint(op.f("ck_alert_kind_known"), type_="check")
        table.create_check_constraint(op.f("ck_alert_kind_known"), kinds)

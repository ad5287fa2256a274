# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a host looks at in the morning, and alerts about what is there and is not used."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0051"
down_revision = "appointments_0053"
branch_labels = None
depends_on = None

KINDS_BEFORE = (
    "kind IN ('kiosk_silent', 'self_test_failed', 'other_machine', 'clock_wrong', "
    "'update_failed', 'not_wiped', 'disk_low', 'certificate_ends', "
    "'dispatcher_silent', 'backup_old')"
)
NEW = (
    "'relay_unused', 'kiosk_unreachable', 'paper_unchecked', 'no_hours', "
    "'no_counsellor', 'calls_missed'"
)
KINDS = KINDS_BEFORE.replace("'backup_old')", f"'backup_old', {NEW})")


def upgrade() -> None:
    """Create the table; hosts fill it from now on."""
    op.create_table(
        "opening_check",
        sa.Column("kiosk_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("step", sa.String(10), nullable=False),
        sa.Column("found", sa.String(10), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=False),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "step IN ('kiosk', 'devices', 'paper', 'glass', 'sign')",
            name=op.f("ck_opening_check_step_known"),
        ),
        sa.CheckConstraint(
            "found IN ('ok', 'problem')", name=op.f("ck_opening_check_found_known")
        ),
        sa.ForeignKeyConstraint(
            ["kiosk_id"],
            ["kiosk.id"],
            name=op.f("fk_opening_check_kiosk_id_kiosk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["checked_by_id"],
            ["user_account.id"],
            name=op.f("fk_opening_check_checked_by_id_user_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint(
            "kiosk_id", "day", "step", name=op.f("pk_opening_check")
        ),
    )
    _let_kinds_be(KINDS)


def downgrade() -> None:
    """Remove it, with the alerts that nobody would know how to read."""
    op.execute(sa.text(f"DELETE FROM alert WHERE kind IN ({NEW})"))
    _let_kinds_be(KINDS_BEFORE)
    op.drop_table("opening_check")


def _let_kinds_be(kinds: str) -> None:
    # SQLite writes the table anew: neither trigger nor view hangs on this one.
    with op.batch_alter_table("alert") as table:
        table.drop_constraint(op.f("ck_alert_kind_known"), type_="check")
        table.create_check_constraint(op.f("ck_alert_kind_known"), kinds)

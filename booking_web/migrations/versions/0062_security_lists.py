# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk tells of when the list of Debian's security updates is that it has."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0062"
down_revision = "appointments_0061"
branch_labels = None
depends_on = None

KINDS_BEFORE = (
    "kind IN ('kiosk_silent', 'self_test_failed', 'other_machine', 'token_misused', "
    "'clock_wrong', 'update_failed', 'not_wiped', 'disk_low', 'certificate_ends', "
    "'dispatcher_silent', 'backup_old', 'journal_broken', 'server_failing', "
    "'relay_unused', 'kiosk_unreachable', 'paper_unchecked', 'no_hours', "
    "'no_counsellor', 'calls_missed')"
)
KINDS = KINDS_BEFORE.replace("'update_failed'", "'update_failed', 'security_old'")


def upgrade() -> None:
    """Add the columns, and let the alert be."""
    with op.batch_alter_table("machine_report") as table:
        table.add_column(
            sa.Column(
                "tells_security",
                sa.Boolean(),
                nullable=False,
                server_default=sa.false(),
            )
        )
        table.add_column(sa.Column("security_signed_at", UtcDateTime()))
    _let_kinds_be(KINDS)


def downgrade() -> None:
    """Remove them, with the alerts that nobody would know how to read."""
    op.execute(sa.text("DELETE FROM alert WHERE kind = 'security_old'"))
    _let_kinds_be(KINDS_BEFORE)
    with op.batch_alter_table("machine_report") as table:
        table.drop_column("security_signed_at")
        table.drop_column("tells_security")


def _let_kinds_be(kinds: str) -> None:
    # SQLite writes the table anew: neither trigger nor view hangs on this one.
    with op.batch_alter_table("alert") as table:
        table.drop_constraint(op.f("ck_alert_kind_known"), type_="check")
        table.create_check_constraint(op.f("ck_alert_kind_known"), kinds)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The server is looked at by itself: what of it fails is known, and told."""

import sqlalchemy as sa
from alembic import op

revision = "appointments_0061"
down_revision = "appointments_0060"
branch_labels = None
depends_on = None

KINDS_BEFORE = (
    "kind IN ('kiosk_silent', 'self_test_failed', 'other_machine', 'token_misused', "
    "'clock_wrong', 'update_failed', 'not_wiped', 'disk_low', 'certificate_ends', "
    "'dispatcher_silent', 'backup_old', 'journal_broken', 'relay_unused', "
    "'kiosk_unreachable', 'paper_unchecked', 'no_hours', 'no_counsellor', "
    "'calls_missed')"
)
KINDS = KINDS_BEFORE.replace("'journal_broken'", "'journal_broken', 'server_failing'")


def upgrade() -> None:
    """Add the column, and let the alert be."""
    op.add_column("node_report", sa.Column("failing", sa.String(400)))
    _let_kinds_be(KINDS)


def downgrade() -> None:
    """Remove it, with the alerts that nobody would know how to read."""
    op.execute(sa.text("DELETE FROM alert WHERE kind = 'server_failing'"))
    _let_kinds_be(KINDS_BEFORE)
    op.drop_column("node_report", "failing")


def _let_kinds_be(kinds: str) -> None:
    # SQLite writes the table anew: neither trigger nor view hangs on this one.
    with op.batch_alter_table("alert") as table:
        table.drop_constraint(op.f("ck_alert_kind_known"), type_="check")
        table.create_check_constraint(op.f("ck_alert_kind_known"), kinds)

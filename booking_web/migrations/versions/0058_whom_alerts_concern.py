# SPDX-License-Identifier: AGPL-3.0-or-later
"""Alerts go to whom they concern, also of the journal; secretaries work for several relays."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0058"
down_revision = "appointments_0056"
branch_labels = None
depends_on = None

KINDS_BEFORE = (
    "kind IN ('kiosk_silent', 'self_test_failed', 'other_machine', 'clock_wrong', "
    "'update_failed', 'not_wiped', 'disk_low', 'certificate_ends', "
    "'dispatcher_silent', 'backup_old', 'relay_unused', 'kiosk_unreachable', "
    "'paper_unchecked', 'no_hours', 'no_counsellor', 'calls_missed')"
)
KINDS = KINDS_BEFORE.replace("'backup_old'", "'backup_old', 'journal_broken'")
CHANNELS_BEFORE = "channel IN ('email', 'webhook')"
CHANNELS = "channel IN ('email', 'webhook', 'person')"
ONCE_BEFORE = "uq_alert_notice_alert_id_is_over_channel"
ONCE = "uq_alert_notice_alert_id_is_over_channel_user_id"
OF_NOBODY = sa.text("user_id IS NULL")


def upgrade() -> None:
    """Create the tables, let notices be a person's, and a sign-in be for one of several relays."""
    op.create_table(
        "secretary_relay",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("relay_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_secretary_relay_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["relay_id"],
            ["relay.id"],
            name=op.f("fk_secretary_relay_relay_id_relay"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "relay_id", name=op.f("pk_secretary_relay")),
    )
    op.create_index("ix_secretary_relay_relay_id", "secretary_relay", ["relay_id"])
    op.add_column("web_session", sa.Column("relay_id", sa.Integer(), nullable=True))
    op.create_table(
        "alerts_left_off",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_alerts_left_off_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_alerts_left_off")),
    )
    op.create_table(
        "journal_look",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("looked_at", UtcDateTime(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("last_sound", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_journal_look_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_look")),
    )
    # SQLite writes the tables anew: neither trigger nor view hangs on these.
    with op.batch_alter_table("alert") as table:
        table.drop_constraint(op.f("ck_alert_kind_known"), type_="check")
        table.create_check_constraint(op.f("ck_alert_kind_known"), KINDS)
    with op.batch_alter_table("alert_notice") as table:
        table.add_column(sa.Column("user_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_alert_notice_user_id_user_account"),
            *("user_account", ["user_id"], ["id"]),
            ondelete="CASCADE",
        )
        table.drop_constraint(op.f("ck_alert_notice_channel_known"), type_="check")
        table.create_check_constraint(op.f("ck_alert_notice_channel_known"), CHANNELS)
        table.create_check_constraint(
            op.f("ck_alert_notice_of_a_person"),
            "(channel = 'person') = (user_id IS NOT NULL)",
        )
        table.drop_constraint(op.f(ONCE_BEFORE), type_="unique")
        table.create_unique_constraint(
            op.f(ONCE), ["alert_id", "is_over", "channel", "user_id"]
        )
    op.create_index(
        "uq_alert_notice_of_nobody",
        "alert_notice",
        ["alert_id", "is_over", "channel"],
        unique=True,
        sqlite_where=OF_NOBODY,
        postgresql_where=OF_NOBODY,
    )
    op.create_index("ix_alert_notice_user_id", "alert_notice", ["user_id"])


def downgrade() -> None:
    """Remove them, with what nobody would know how to read."""
    op.execute(sa.text("DELETE FROM alert_notice WHERE channel = 'person'"))
    op.execute(sa.text("DELETE FROM alert WHERE kind = 'journal_broken'"))
    op.drop_index("ix_alert_notice_user_id", "alert_notice")
    op.drop_index("uq_alert_notice_of_nobody", "alert_notice")
    with op.batch_alter_table("alert_notice") as table:
        table.drop_constraint(op.f(ONCE), type_="unique")
        table.drop_constraint(op.f("ck_alert_notice_of_a_person"), type_="check")
        table.drop_constraint(op.f("ck_alert_notice_channel_known"), type_="check")
        table.drop_constraint(
            op.f("fk_alert_notice_user_id_user_account"), type_="foreignkey"
        )
        table.drop_column("user_id")
        table.create_unique_constraint(
            op.f(ONCE_BEFORE), ["alert_id", "is_over", "channel"]
        )
        table.create_check_constraint(
            op.f("ck_alert_notice_channel_known"), CHANNELS_BEFORE
        )
    with op.batch_alter_table("alert") as table:
        table.drop_constraint(op.f("ck_alert_kind_known"), type_="check")
        table.create_check_constraint(op.f("ck_alert_kind_known"), KINDS_BEFORE)
    op.drop_column("web_session", "relay_id")
    op.drop_table("secretary_relay")
    op.drop_table("journal_look")
    op.drop_table("alerts_left_off")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The first tables of what exists: the directory, and what Asterisk reads of it."""

import sqlalchemy as sa
from alembic import op

revision = "directory_0001"
down_revision = None
branch_labels = ("directory",)
depends_on = None

TABLES = (
    "relay",
    "kiosk",
    "organisation",
    "counter",
    "counsellor",
    "user_account",
    "ps_endpoints",
    "ps_auths",
    "ps_aors",
    "queues",
    "queue_members",
)


def upgrade() -> None:
    """Create the tables, those referred to first."""
    _create_relays()
    _create_organisations()
    _create_users()
    _create_endpoints()
    _create_auths_and_aors()
    _create_queues()
    _create_queue_members()


def downgrade() -> None:
    """Remove all of it, dependants first."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_relays() -> None:
    op.create_table(
        "relay",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("commune", sa.String(120), nullable=False),
        sa.Column("address", sa.String(250), nullable=False),
        sa.Column("time_zone", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_relay"),
        sa.UniqueConstraint("slug", name="uq_relay_slug"),
    )
    op.create_table(
        "kiosk",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("relay_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["relay_id"], ["relay.id"], name="fk_kiosk_relay_id_relay"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_kiosk"),
        sa.UniqueConstraint("slug", name="uq_kiosk_slug"),
        sa.UniqueConstraint("token_digest", name="uq_kiosk_token_digest"),
    )
    op.create_index("ix_kiosk_relay_id", "kiosk", ["relay_id"])


def _create_organisations() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("short_name", sa.String(120), nullable=False),
        sa.Column("abandon_after_seconds", sa.Integer(), nullable=False),
        sa.Column("appointment_minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("abandon_after_seconds > 0", name="abandon_after_positive"),
        sa.CheckConstraint(
            "appointment_minutes BETWEEN 5 AND 480",
            name="appointment_minutes_range",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
        sa.UniqueConstraint("slug", name="uq_organisation_slug"),
    )
    op.create_table(
        "counter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name="fk_counter_organisation_id_organisation",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_counter"),
        sa.UniqueConstraint("slug", name="uq_counter_slug"),
    )
    op.create_index("ix_counter_organisation_id", "counter", ["organisation_id"])
    op.create_table(
        "counsellor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("softphone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name="fk_counsellor_organisation_id_organisation",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_counsellor"),
        sa.UniqueConstraint("slug", name="uq_counsellor_slug"),
    )
    op.create_index("ix_counsellor_organisation_id", "counsellor", ["organisation_id"])


def _create_users() -> None:
    op.create_table(
        "user_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("password", sa.String(255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(64), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("relay_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "role IN ('secretary', 'manager', 'administrator')",
            name="role_known",
        ),
        sa.CheckConstraint(
            "(role = 'manager') = (organisation_id IS NOT NULL)",
            name="manager_has_organisation",
        ),
        sa.CheckConstraint(
            "(role = 'secretary') = (relay_id IS NOT NULL)",
            name="secretary_has_relay",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name="fk_user_account_organisation_id_organisation",
        ),
        sa.ForeignKeyConstraint(
            ["relay_id"], ["relay.id"], name="fk_user_account_relay_id_relay"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_user_account"),
        sa.UniqueConstraint("email", name="uq_user_account_email"),
        sa.UniqueConstraint("fs_uniquifier", name="uq_user_account_fs_uniquifier"),
    )


def _create_endpoints() -> None:
    op.create_table(
        "ps_endpoints",
        sa.Column("id", sa.String(60), nullable=False),
        sa.Column("aors", sa.String(60), nullable=False),
        sa.Column("auth", sa.String(60), nullable=False),
        sa.Column("transport", sa.String(40), nullable=True),
        sa.Column("context", sa.String(80), nullable=False),
        sa.Column("message_context", sa.String(80), nullable=False),
        sa.Column("identify_by", sa.String(80), nullable=False),
        sa.Column("callerid", sa.String(190), nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("tone_zone", sa.String(10), nullable=False),
        sa.Column("allow", sa.String(200), nullable=False),
        sa.Column("dtmf_mode", sa.String(10), nullable=False),
        sa.Column("media_encryption", sa.String(10), nullable=False),
        sa.Column("media_encryption_optimistic", sa.String(3), nullable=False),
        sa.Column("max_audio_streams", sa.Integer(), nullable=False),
        sa.Column("max_video_streams", sa.Integer(), nullable=False),
        sa.Column("webrtc", sa.String(3), nullable=False),
        sa.Column("direct_media", sa.String(3), nullable=False),
        sa.Column("rtp_symmetric", sa.String(3), nullable=False),
        sa.Column("force_rport", sa.String(3), nullable=False),
        sa.Column("rewrite_contact", sa.String(3), nullable=False),
        sa.Column("rtp_timeout", sa.Integer(), nullable=False),
        sa.Column("rtp_timeout_hold", sa.Integer(), nullable=False),
        sa.Column("timers", sa.String(10), nullable=False),
        sa.Column("timers_min_se", sa.Integer(), nullable=False),
        sa.Column("timers_sess_expires", sa.Integer(), nullable=False),
        sa.Column("trust_id_inbound", sa.String(3), nullable=False),
        sa.Column("trust_connected_line", sa.String(3), nullable=False),
        sa.Column("send_connected_line", sa.String(3), nullable=False),
        sa.Column("send_pai", sa.String(3), nullable=False),
        sa.Column("allow_transfer", sa.String(3), nullable=False),
        sa.Column("allow_subscribe", sa.String(3), nullable=False),
        sa.Column("allow_overlap", sa.String(3), nullable=False),
        sa.Column("mailboxes", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_ps_endpoints"),
    )


def _create_auths_and_aors() -> None:
    op.create_table(
        "ps_auths",
        sa.Column("id", sa.String(60), nullable=False),
        sa.Column("auth_type", sa.String(20), nullable=False),
        sa.Column("username", sa.String(60), nullable=False),
        sa.Column("realm", sa.String(80), nullable=False),
        sa.Column("password_digest", sa.String(250), nullable=False),
        sa.Column("supported_algorithms_uas", sa.String(80), nullable=False),
        sa.Column("supported_algorithms_uac", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ps_auths"),
    )
    op.create_table(
        "ps_aors",
        sa.Column("id", sa.String(60), nullable=False),
        sa.Column("max_contacts", sa.Integer(), nullable=False),
        sa.Column("remove_existing", sa.String(3), nullable=False),
        sa.Column("minimum_expiration", sa.Integer(), nullable=False),
        sa.Column("default_expiration", sa.Integer(), nullable=False),
        sa.Column("maximum_expiration", sa.Integer(), nullable=False),
        sa.Column("qualify_frequency", sa.Integer(), nullable=False),
        sa.Column("qualify_timeout", sa.Double(), nullable=False),
        sa.Column("contact", sa.String(255), nullable=True),
        sa.Column("mailboxes", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_ps_aors"),
    )


def _create_queues() -> None:
    op.create_table(
        "queues",
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("musicclass", sa.String(80), nullable=False),
        sa.Column("strategy", sa.String(20), nullable=False),
        sa.Column("timeout", sa.Integer(), nullable=False),
        sa.Column("retry", sa.Integer(), nullable=False),
        sa.Column("timeoutpriority", sa.String(10), nullable=False),
        sa.Column("wrapuptime", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("maxlen", sa.Integer(), nullable=False),
        sa.Column("autofill", sa.String(3), nullable=False),
        sa.Column("autopause", sa.String(3), nullable=False),
        sa.Column("ringinuse", sa.String(3), nullable=False),
        sa.Column("joinempty", sa.String(80), nullable=False),
        sa.Column("leavewhenempty", sa.String(80), nullable=False),
        sa.Column("reportholdtime", sa.String(3), nullable=False),
        sa.Column("setinterfacevar", sa.String(3), nullable=False),
        sa.Column("setqueuevar", sa.String(3), nullable=False),
        sa.Column("announce_frequency", sa.Integer(), nullable=False),
        sa.Column("min_announce_frequency", sa.Integer(), nullable=False),
        sa.Column("announce_position", sa.String(10), nullable=False),
        sa.Column("announce_position_only_up", sa.String(3), nullable=False),
        sa.Column("announce_to_first_user", sa.String(3), nullable=False),
        sa.Column("announce_holdtime", sa.String(10), nullable=False),
        sa.Column("periodic_announce", sa.String(200), nullable=False),
        sa.Column("periodic_announce_frequency", sa.Integer(), nullable=False),
        sa.Column("periodic_announce_startdelay", sa.Integer(), nullable=False),
        sa.Column("relative_periodic_announce", sa.String(3), nullable=False),
        sa.Column("queue_youarenext", sa.String(80), nullable=False),
        sa.Column("queue_thereare", sa.String(80), nullable=False),
        sa.Column("queue_callswaiting", sa.String(80), nullable=False),
        sa.Column("queue_thankyou", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_queues"),
    )


def _create_queue_members() -> None:
    op.create_table(
        "queue_members",
        sa.Column("uniqueid", sa.Integer(), nullable=False),
        sa.Column("queue_name", sa.String(60), nullable=False),
        sa.Column("interface", sa.String(80), nullable=False),
        sa.Column("membername", sa.String(60), nullable=False),
        sa.Column("state_interface", sa.String(80), nullable=False),
        sa.Column("penalty", sa.Integer(), nullable=False),
        sa.Column("paused", sa.Integer(), nullable=False),
        sa.Column("reason_paused", sa.String(80), nullable=True),
        sa.Column("wrapuptime", sa.Integer(), nullable=False),
        sa.Column("ringinuse", sa.String(3), nullable=False),
        sa.PrimaryKeyConstraint("uniqueid", name="pk_queue_members"),
        sa.UniqueConstraint(
            "queue_name", "interface", name="uq_queue_members_queue_name_interface"
        ),
    )
    op.create_index("ix_queue_members_queue_name", "queue_members", ["queue_name"])

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The first tables of what happens: appointments, slots, periods, journal, live events.

Also the view `callable_appointment`, which Asterisk's dialplan reads, and the triggers
that make the journal append-only.
"""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0001"
down_revision = None
branch_labels = ("appointments",)
depends_on = ("directory",)

STATES = (
    "'booked', 'arrived', 'calling', 'queued', 'in_call', 'done', 'cancelled', "
    "'no_show', 'unreachable', 'abandoned', 'interrupted'"
)
PERIOD_KINDS = "'waiting', 'ringing', 'queued', 'in_call'"
ON_THE_LINE = "'calling', 'queued', 'in_call'"


def upgrade() -> None:
    """Create the tables, the triggers and the view."""
    _create_appointment()
    _create_slots()
    _create_period()
    _create_journal()
    _create_live_event()
    _create_rate_limit()
    if op.get_bind().dialect.name == "sqlite":
        _protect_journal_on_sqlite()
    else:
        _protect_journal_on_postgresql()
    op.execute(_view())


def downgrade() -> None:
    """Remove all of it, dependants first."""
    op.execute("DROP VIEW callable_appointment")
    for table in (
        "rate_limit",
        "live_event",
        "journal",
        "period",
        "counter_slot",
        "kiosk_slot",
        "appointment",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION journal_is_append_only()")


def _create_appointment() -> None:
    op.create_table(
        "appointment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.String(64), nullable=False),
        sa.Column("kiosk_id", sa.Integer(), nullable=False),
        sa.Column("counter_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("resident_name", sa.String(120), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("state_reason", sa.String(60), nullable=False),
        sa.Column("state_since", UtcDateTime(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("call", sa.String(150), nullable=True),
        sa.Column("call_requested_at", UtcDateTime(), nullable=True),
        sa.Column("hangup_requested_at", UtcDateTime(), nullable=True),
        sa.Column("counsellor_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            f"state IN ({STATES})", name=op.f("ck_appointment_state_known")
        ),
        sa.CheckConstraint(
            "ends_at > starts_at", name=op.f("ck_appointment_ends_after_start")
        ),
        _foreign_key("appointment", "kiosk_id", "kiosk"),
        _foreign_key("appointment", "counter_id", "counter"),
        _foreign_key("appointment", "organisation_id", "organisation"),
        _foreign_key("appointment", "counsellor_id", "counsellor"),
        _foreign_key("appointment", "created_by_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        sa.UniqueConstraint("submission", name=op.f("uq_appointment_submission")),
    )
    on_the_line = sa.text(f"state IN ({ON_THE_LINE})")
    op.create_index(
        "uq_appointment_kiosk_on_the_line",
        "appointment",
        ["kiosk_id"],
        unique=True,
        sqlite_where=on_the_line,
        postgresql_where=on_the_line,
    )
    for columns in (
        ["state", "starts_at"],
        ["kiosk_id", "starts_at"],
        ["counter_id"],
        ["organisation_id"],
        ["call"],
    ):
        _index("appointment", *columns)


def _create_slots() -> None:
    for owner in ("kiosk", "counter"):
        table = f"{owner}_slot"
        op.create_table(
            table,
            sa.Column(f"{owner}_id", sa.Integer(), nullable=False),
            sa.Column("starts_at", UtcDateTime(), nullable=False),
            sa.Column("appointment_id", sa.Integer(), nullable=False),
            _foreign_key(table, f"{owner}_id", owner),
            _foreign_key(table, "appointment_id", "appointment"),
            sa.PrimaryKeyConstraint(
                f"{owner}_id", "starts_at", name=op.f(f"pk_{table}")
            ),
        )
        _index(table, "appointment_id")


def _create_period() -> None:
    op.create_table(
        "period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("counsellor_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            f"kind IN ({PERIOD_KINDS})", name=op.f("ck_period_kind_known")
        ),
        _foreign_key("period", "appointment_id", "appointment"),
        _foreign_key("period", "counsellor_id", "counsellor"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period")),
    )
    _index("period", "appointment_id")


def _create_journal() -> None:
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.String(200), nullable=False),
        _foreign_key("journal", "appointment_id", "appointment"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    _index("journal", "at")
    _index("journal", "appointment_id")


def _create_live_event() -> None:
    op.create_table(
        "live_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kiosk_id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        _foreign_key("live_event", "kiosk_id", "kiosk"),
        _foreign_key("live_event", "appointment_id", "appointment"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_event")),
        sqlite_autoincrement=True,
    )
    _index("live_event", "at")
    _index("live_event", "kiosk_id", "id")


def _create_rate_limit() -> None:
    op.create_table(
        "rate_limit",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_limit")),
    )
    _index("rate_limit", "expires_at")


def _foreign_key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}")
    )


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _protect_journal_on_sqlite() -> None:
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER journal_refuses_{act.lower()} BEFORE {act} ON journal "
            "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
        )


def _protect_journal_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER journal_refuses_changes BEFORE UPDATE OR DELETE OR TRUNCATE "
        "ON journal FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()"
    )


def _view() -> str:
    """Say which appointments a counsellor may call by dialling the kiosk.

    Due (from ten minutes before the hour to the end), waiting at the kiosk, or called in
    vain less than two hours ago; never while the kiosk is on the line.
    """
    if op.get_bind().dialect.name == "sqlite":
        # Stored instants are UTC text, "2026-11-24 14:05:00.000000": they sort as text.
        soon = "strftime('%Y-%m-%d %H:%M:%f', 'now', '+10 minutes')"
        now = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
        two_hours_ago = "strftime('%Y-%m-%d %H:%M:%f', 'now', '-2 hours')"
        twelve_hours_ago = "strftime('%Y-%m-%d %H:%M:%f', 'now', '-12 hours')"
    else:
        soon = "clock_timestamp() + interval '10 minutes'"
        now = "clock_timestamp()"
        two_hours_ago = "clock_timestamp() - interval '2 hours'"
        twelve_hours_ago = "clock_timestamp() - interval '12 hours'"
    return f"""
        CREATE VIEW callable_appointment AS
        SELECT appointment.id AS appointment_id,
               appointment.resident_name AS resident_name,
               relay.name AS relay_name,
               kiosk.slug AS kiosk_slug,
               organisation.slug AS organisation_slug,
               counsellor.slug AS counsellor_slug,
               appointment.attempt AS attempt,
               appointment.starts_at AS starts_at
        FROM appointment
        JOIN kiosk ON kiosk.id = appointment.kiosk_id
        JOIN relay ON relay.id = kiosk.relay_id
        JOIN organisation ON organisation.id = appointment.organisation_id
        JOIN counsellor ON counsellor.organisation_id = organisation.id
        WHERE (
            (appointment.state = 'booked'
             AND appointment.starts_at <= {soon} AND appointment.ends_at > {now})
            OR (appointment.state = 'arrived'
                AND appointment.state_since > {twelve_hours_ago})
            OR (appointment.state IN ('unreachable', 'abandoned', 'interrupted')
                AND appointment.state_since > {two_hours_ago})
        )
        AND NOT EXISTS (
            SELECT 1 FROM appointment AS other
            WHERE other.kiosk_id = appointment.kiosk_id
              AND other.state IN ({ON_THE_LINE})
        )
    """

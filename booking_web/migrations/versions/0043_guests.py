# SPDX-License-Identifier: AGPL-3.0-or-later
"""Third persons who are let into a call by a one-time link, and the calls of theirs."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0043"
down_revision = "appointments_0044"
branch_labels = None
depends_on = None

OPEN = sa.text("ended_at IS NULL")
RULES = (
    ("ending IN ('', 'sent_away', 'call_over', 'expired')", "ending_known"),
    ("(ending = '') = (ended_at IS NULL)", "ended_where_ending"),
    ("cookie_digest IS NULL OR opened_at IS NOT NULL", "cookie_of_opened"),
)
TIMES = ("opened_at", "tried_again_at", "knocked_at", "seen_at", "ended_at")


def upgrade() -> None:
    """Add the table, empty: nobody was invited."""
    op.create_table(
        "guest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("nonce", sa.String(32), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("cookie_digest", sa.String(64), nullable=True),
        sa.Column("invited_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        *(sa.Column(name, UtcDateTime(), nullable=True) for name in TIMES),
        sa.Column(
            "ending", sa.String(12), server_default=sa.text("''"), nullable=False
        ),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_guest_{name}"))
            for rule, name in RULES
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_guest_appointment_id_appointment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_guest_token_digest")),
        sa.UniqueConstraint("cookie_digest", name=op.f("uq_guest_cookie_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_guest_appointment_id"), "guest", ["appointment_id"])
    op.create_index(
        "uq_guest_appointment_open",
        "guest",
        ["appointment_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.add_column(
        "interpreter_call",
        sa.Column(
            "guest_id",
            sa.Integer(),
            sa.ForeignKey("guest.id", name="fk_interpreter_call_guest_id_guest"),
            nullable=True,
        ),
        inline_references=op.get_bind().dialect.name == "sqlite",
    )
    op.create_index("ix_interpreter_call_guest_id", "interpreter_call", ["guest_id"])


def downgrade() -> None:
    """Remove both, and the calls that were guests': nobody would know whose they were."""
    op.execute(sa.text("DELETE FROM interpreter_call WHERE guest_id IS NOT NULL"))
    op.drop_index("ix_interpreter_call_guest_id", "interpreter_call")
    op.drop_column("interpreter_call", "guest_id")
    op.drop_table("guest")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Calls that are handed over, and documents that an organisation keeps to itself then."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0042"
down_revision = "appointments_0040"
branch_labels = None
depends_on = None

NOTHING = sa.text("''")
GOING_ON = sa.text("state IN ('asked', 'ringing', 'returning')")
RULES = (
    (
        "state IN ('asked', 'ringing', 'returning', 'taken', 'returned', 'nobody', "
        "'undone')",
        "state_known",
    ),
    (
        "(state IN ('asked', 'ringing', 'returning')) = (ended_at IS NULL)",
        "ended_where_over",
    ),
    (
        "(to_counsellor_id IS NULL) = (to_organisation_id <> from_organisation_id)",
        "to_colleague_or_others",
    ),
    (
        "outcome IN ('', 'resolved', 'papers_missing', 'to_be_continued', "
        "'redirected', 'other')",
        "outcome_known",
    ),
)
REFERENCES = (
    ("appointment_id", "appointment", False),
    ("from_organisation_id", "organisation", False),
    ("from_counsellor_id", "counsellor", True),
    ("from_counter_id", "counter", False),
    ("to_organisation_id", "organisation", False),
    ("to_counsellor_id", "counsellor", True),
    ("taken_by_id", "counsellor", True),
)
KEPT = sa.text("erased_at IS NULL")
KEPT_BY = "fk_document_kept_by_id_organisation"


def upgrade() -> None:
    """Add the tables, empty: before, nobody could hand a call over."""
    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=may_lack)
            for name, _, may_lack in REFERENCES
        ),
        sa.Column("call", sa.String(150), nullable=False),
        sa.Column("note", sa.String(1000), server_default=NOTHING, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("asked_by", sa.String(80), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(20), server_default=NOTHING, nullable=False),
        sa.Column(
            "outcome_note", sa.String(1000), server_default=NOTHING, nullable=False
        ),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_handover_{name}"))
            for rule, name in RULES
        ),
        *(
            sa.ForeignKeyConstraint(
                [name], [f"{table}.id"], name=op.f(f"fk_handover_{name}_{table}")
            )
            for name, table, _ in REFERENCES
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_handover_appointment_id"), "handover", ["appointment_id"])
    op.create_index(
        "ix_handover_from_organisation_id_asked_at",
        "handover",
        ["from_organisation_id", "asked_at"],
    )
    op.create_index(
        "uq_handover_appointment_going_on",
        "handover",
        ["appointment_id"],
        unique=True,
        sqlite_where=GOING_ON,
        postgresql_where=GOING_ON,
    )
    op.create_table(
        "handover_document",
        sa.Column("handover_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document_id", sa.Integer(), autoincrement=False, nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_id"],
                [f"{table}.id"],
                name=op.f(f"fk_handover_document_{table}_id_{table}"),
            )
            for table in ("handover", "document")
        ),
        sa.PrimaryKeyConstraint(
            "handover_id", "document_id", name=op.f("pk_handover_document")
        ),
    )
    with op.batch_alter_table("document") as batch:
        batch.add_column(sa.Column("kept_by_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(KEPT_BY, "organisation", ["kept_by_id"], ["id"])
    _keep_one_cv("appointment_id", "organisation_id")


def downgrade() -> None:
    """Remove them; whose an appointment is now stands in the appointment."""
    _keep_one_cv("appointment_id")
    with op.batch_alter_table("document") as batch:
        batch.drop_constraint(KEPT_BY, type_="foreignkey")
        batch.drop_column("kept_by_id")
    op.drop_table("handover_document")
    op.drop_table("handover")


def _keep_one_cv(*of: str) -> None:
    op.drop_index("uq_cv_appointment_id_kept", table_name="cv")
    op.create_index(
        "uq_cv_appointment_id_kept",
        "cv",
        list(of),
        unique=True,
        sqlite_where=KEPT,
        postgresql_where=KEPT,
    )

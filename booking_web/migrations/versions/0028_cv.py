# SPDX-License-Identifier: AGPL-3.0-or-later
"""CVs: written with a resident, followed by the second screen, sent by e-mail."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0028"
down_revision = "appointments_0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, empty; no screen follows a CV."""
    _create_cvs()
    _create_mails()
    with op.batch_alter_table("kiosk_screen") as table:
        table.add_column(sa.Column("cv_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_kiosk_screen_cv_id_cv"), "cv", ["cv_id"], ["id"]
        )


def downgrade() -> None:
    """Remove them, with all CVs; documents that were made of them stay."""
    with op.batch_alter_table("kiosk_screen") as table:
        table.drop_constraint(op.f("fk_kiosk_screen_cv_id_cv"), type_="foreignkey")
        table.drop_column("cv_id")
    for table_name in ("document_mail", "cv_change", "cv"):
        op.drop_table(table_name)


def _create_cvs() -> None:
    op.create_table(
        "cv",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("current_field", sa.Text(), nullable=False),
        sa.Column("agreed_at", UtcDateTime(), nullable=True),
        sa.Column("held_by", sa.String(80), nullable=False),
        sa.Column("held_since", UtcDateTime(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(80), nullable=False),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_cv_revision_from_zero")),
        sa.CheckConstraint(
            "(erased_at IS NULL) = (sealed_content IS NOT NULL)",
            name=op.f("ck_cv_erased_without_content"),
        ),
        sa.CheckConstraint(
            "(held_by = '') = (held_since IS NULL)",
            name=op.f("ck_cv_held_since_a_moment"),
        ),
        _refers("cv", "appointment"),
        _refers("cv", "resident"),
        _refers("cv", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cv")),
    )
    for column in ("resident_id", "organisation_id", "changed_at"):
        op.create_index(op.f(f"ix_cv_{column}"), "cv", [column])
    op.create_index(
        "uq_cv_appointment_id_kept",
        "cv",
        ["appointment_id"],
        unique=True,
        sqlite_where=sa.text("erased_at IS NULL"),
        postgresql_where=sa.text("erased_at IS NULL"),
    )
    op.create_table(
        "cv_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cv_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        _refers("cv_change", "cv"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cv_change")),
        sa.UniqueConstraint(
            "cv_id", "revision", name=op.f("uq_cv_change_cv_id_revision")
        ),
    )


def _create_mails() -> None:
    op.create_table(
        "document_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(30), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("state_since", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'dropped', 'given_up')",
            name=op.f("ck_document_mail_state_known"),
        ),
        _refers("document_mail", "document"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_mail")),
    )
    op.create_index(
        op.f("ix_document_mail_document_id"), "document_mail", ["document_id"]
    )
    op.create_index(
        "ix_document_mail_state_next_attempt_at",
        "document_mail",
        ["state", "next_attempt_at"],
    )


def _refers(table: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [f"{other}_id"],
        [f"{other}.id"],
        name=op.f(f"fk_{table}_{other}_id_{other}"),
    )

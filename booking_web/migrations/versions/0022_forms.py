# SPDX-License-Identifier: AGPL-3.0-or-later
"""The libraries of forms, and the drafts that are filled in."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0022"
down_revision = "appointments_0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, empty."""
    _create_library()
    _create_drafts()


def downgrade() -> None:
    """Remove them, with all drafts."""
    for table in ("draft_change", "draft", "form_edition", "form"):
        op.drop_table(table)


def _create_library() -> None:
    op.create_table(
        "form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        _refers("form", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form")),
    )
    op.create_index(
        "ix_form_organisation_id_position", "form", ["organisation_id", "position"]
    )
    op.create_table(
        "form_edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("description", sa.JSON(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.Column("taken_by", sa.String(80), nullable=False),
        sa.CheckConstraint(
            "number >= 1", name=op.f("ck_form_edition_numbered_from_one")
        ),
        sa.CheckConstraint("pages >= 1", name=op.f("ck_form_edition_has_pages")),
        _refers("form_edition", "form"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_edition")),
        sa.UniqueConstraint(
            "form_id", "number", name=op.f("uq_form_edition_form_id_number")
        ),
    )
    op.create_index(op.f("ix_form_edition_sha256"), "form_edition", ["sha256"])


def _create_drafts() -> None:
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("resident_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("sealed_values", sa.LargeBinary(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("current_field", sa.Text(), nullable=False),
        sa.Column("held_by", sa.String(80), nullable=False),
        sa.Column("held_since", UtcDateTime(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(80), nullable=False),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_draft_revision_from_zero")),
        sa.CheckConstraint(
            "(erased_at IS NULL) = (sealed_values IS NOT NULL)",
            name=op.f("ck_draft_erased_without_values"),
        ),
        sa.CheckConstraint(
            "(held_by = '') = (held_since IS NULL)",
            name=op.f("ck_draft_held_since_a_moment"),
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["form_edition.id"],
            name=op.f("fk_draft_edition_id_form_edition"),
        ),
        _refers("draft", "appointment"),
        _refers("draft", "resident"),
        _refers("draft", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )
    for column in (
        "edition_id",
        "appointment_id",
        "resident_id",
        "organisation_id",
        "changed_at",
    ):
        op.create_index(op.f(f"ix_draft_{column}"), "draft", [column])
    op.create_table(
        "draft_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        _refers("draft_change", "draft"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_change")),
        sa.UniqueConstraint(
            "draft_id", "revision", name=op.f("uq_draft_change_draft_id_revision")
        ),
    )


def _refers(table: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [f"{other}_id"],
        [f"{other}.id"],
        name=op.f(f"fk_{table}_{other}_id_{other}"),
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Kinds of documents, arrangements of their pages, and what they were before."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0025"
down_revision = "appointments_0024"
branch_labels = None
depends_on = None

_KINDS = (
    "kind IN ('', 'identity', 'identity_front', 'identity_back', 'health_card', "
    "'tax_notice', 'proof_of_address', 'bank_details', 'payslip', 'certificate', "
    "'signed_form', 'other')"
)


def upgrade() -> None:
    """Create the tables; of the documents that are there nobody said the kind."""
    with op.batch_alter_table("document") as document:
        document.add_column(
            sa.Column("kind", sa.String(20), server_default="", nullable=False)
        )
        document.create_check_constraint(op.f("ck_document_kind_known"), _KINDS)
    op.create_table(
        "arrangement",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("pages", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("next_key", sa.Integer(), nullable=False),
        sa.Column("awaited", sa.JSON(), nullable=False),
        sa.Column("mark", sa.String(80), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(80), nullable=False),
        sa.Column("keeping_at", UtcDateTime(), nullable=True),
        sa.Column("pages_kept", sa.Integer(), nullable=False),
        sa.Column("pages_to_keep", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(40), nullable=False),
        sa.CheckConstraint(
            "revision >= 0", name=op.f("ck_arrangement_revision_from_zero")
        ),
        sa.CheckConstraint(
            "pages_kept >= 0", name=op.f("ck_arrangement_pages_kept_from_zero")
        ),
        _of_a_document("arrangement"),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_arrangement")),
    )
    op.create_table(
        "document_original",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("verdicts", sa.String(1000), nullable=False),
        sa.Column("arranged_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("pages >= 1", name=op.f("ck_document_original_has_pages")),
        _of_a_document("document_original"),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_document_original")),
    )
    for column in ("sha256", "arranged_at"):
        op.create_index(
            op.f(f"ix_document_original_{column}"), "document_original", [column]
        )


def downgrade() -> None:
    """Remove them: what documents were at first cannot come back any more."""
    op.drop_table("document_original")
    op.drop_table("arrangement")
    with op.batch_alter_table("document") as document:
        document.drop_constraint(op.f("ck_document_kind_known"), type_="check")
        document.drop_column("kind")


def _of_a_document(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["document_id"],
        ["document.id"],
        name=op.f(f"fk_{table}_document_id_document"),
    )

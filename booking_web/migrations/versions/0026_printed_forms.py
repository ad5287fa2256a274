# SPDX-License-Identifier: AGPL-3.0-or-later
"""Printed forms and what came back of them; a document may be made by the application."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0026"
down_revision = "appointments_0025"
branch_labels = None
depends_on = None

SOURCES_BEFORE = "source IN ('upload', 'scan')"
SOURCES = "source IN ('upload', 'scan', 'made')"
KINDS = (
    "kind IN ('expected', 'other_printing', 'other_form', 'other_appointment', "
    "'not_ours', 'several_marks', 'no_mark', 'blank')"
)


def upgrade() -> None:
    """Create the tables, empty."""
    _let_sources_be(SOURCES_BEFORE, SOURCES)
    _create_printed()
    _create_returned()


def downgrade() -> None:
    """Remove them; documents that were made stay, as if somebody had added them."""
    for table in ("returned_page", "scan_reading", "printed_part", "printed_form"):
        op.drop_table(table)
    op.execute(sa.text("UPDATE document SET source = 'upload' WHERE source = 'made'"))
    _let_sources_be(SOURCES, SOURCES_BEFORE)


def _create_printed() -> None:
    op.create_table(
        "printed_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("signed_document_id", sa.Integer(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("printed_at", UtcDateTime(), nullable=False),
        sa.Column("printed_by", sa.String(80), nullable=False),
        sa.CheckConstraint("pages >= 1", name=op.f("ck_printed_form_has_pages")),
        sa.CheckConstraint(
            "revision >= 0", name=op.f("ck_printed_form_revision_from_zero")
        ),
        _refers("printed_form", "appointment_id", "appointment"),
        _refers("printed_form", "draft_id", "draft"),
        _refers("printed_form", "edition_id", "form_edition"),
        _refers("printed_form", "document_id", "document"),
        _refers("printed_form", "signed_document_id", "document"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printed_form")),
        sa.UniqueConstraint("document_id", name=op.f("uq_printed_form_document_id")),
    )
    for column in ("appointment_id", "draft_id"):
        op.create_index(op.f(f"ix_printed_form_{column}"), "printed_form", [column])
    op.create_table(
        "printed_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("printed_form_id", sa.Integer(), nullable=False),
        sa.Column("pages", sa.JSON(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        _refers("printed_part", "printed_form_id", "printed_form"),
        _refers("printed_part", "document_id", "document"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printed_part")),
        sa.UniqueConstraint("document_id", name=op.f("uq_printed_part_document_id")),
    )
    op.create_index(
        op.f("ix_printed_part_printed_form_id"), "printed_part", ["printed_form_id"]
    )


def _create_returned() -> None:
    op.create_table(
        "scan_reading",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("pages_seen", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'reading', 'done', 'failed')",
            name=op.f("ck_scan_reading_state_known"),
        ),
        sa.CheckConstraint(
            "(state = 'reading') = (claimed_at IS NOT NULL)",
            name=op.f("ck_scan_reading_reading_is_claimed"),
        ),
        _refers("scan_reading", "document_id", "document"),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_scan_reading")),
    )
    op.create_table(
        "returned_page",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("scanned", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("printed_form_id", sa.Integer(), nullable=True),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("askew", sa.Float(), nullable=False),
        sa.Column("zones", sa.JSON(), nullable=False),
        sa.Column("said_by", sa.String(80), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_returned_page_kind_known")),
        sa.CheckConstraint(
            "scanned >= 1", name=op.f("ck_returned_page_scanned_from_one")
        ),
        sa.CheckConstraint(
            "(kind = 'expected') = (printed_form_id IS NOT NULL)",
            name=op.f("ck_returned_page_expected_of_a_form"),
        ),
        sa.CheckConstraint(
            "(page > 0) = (kind = 'expected')",
            name=op.f("ck_returned_page_expected_is_a_page"),
        ),
        sa.CheckConstraint(
            "turn IN (0, 90, 180, 270)",
            name=op.f("ck_returned_page_turned_by_quarters"),
        ),
        _refers("returned_page", "document_id", "document"),
        _refers("returned_page", "printed_form_id", "printed_form"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returned_page")),
        sa.UniqueConstraint(
            "document_id", "scanned", name=op.f("uq_returned_page_document_id_scanned")
        ),
    )
    op.create_index(
        op.f("ix_returned_page_printed_form_id"), "returned_page", ["printed_form_id"]
    )


def _let_sources_be(before: str, after: str) -> None:
    if op.get_bind().dialect.name != "sqlite":
        name = op.f("ck_document_source_known")
        op.drop_constraint(name, "document", type_="check")
        op.create_check_constraint(name, "document", after)
        return
    # As in 0019: the table's text is changed; to build it anew would take along what refers
    # to it.
    op.execute("PRAGMA writable_schema=ON")
    changed = op.get_bind().execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :before, :after)"
            " WHERE type = 'table' AND name = 'document'"
        ),
        {"before": before, "after": after},
    )
    op.execute("PRAGMA writable_schema=RESET")
    assert changed.rowcount == 1


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )

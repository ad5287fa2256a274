# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mandates: who acts for a resident; a document may be a signed one."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0054"
down_revision = "appointments_0049"
branch_labels = None
depends_on = None

NOTHING = sa.text("''")
RULES = (
    (
        "relation IN ('family', 'host', 'guardian', 'social_worker', 'other')",
        "relation_known",
    ),
    (
        "revocation IN ('', 'asked_by_resident', 'asked_by_representative', "
        "'entered_wrongly', 'other')",
        "revocation_known",
    ),
    ("(revoked_at IS NULL) = (revocation = '')", "revoked_with_reason"),
    ("for_appointments OR for_documents OR matter <> ''", "is_for_something"),
    ("ends_on >= starts_on", "ends_after_it_starts"),
)
REFERENCES = (
    ("appointment_id", "appointment", False),
    ("organisation_id", "organisation", False),
    ("resident_id", "resident", True),
    ("document_id", "document", False),
    ("signed_document_id", "document", True),
)
KINDS_BEFORE = (
    "kind IN ('', 'identity', 'identity_front', 'identity_back', 'health_card', "
    "'tax_notice', 'proof_of_address', 'bank_details', 'payslip', 'certificate', "
    "'signed_form', 'other')"
)
KINDS = KINDS_BEFORE.replace("'other'", "'mandate', 'other'")


def upgrade() -> None:
    """Add the table, empty, and the kind."""
    op.create_table(
        "mandate",
        sa.Column("id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=may_lack)
            for name, _, may_lack in REFERENCES
        ),
        sa.Column("representative", sa.String(100), nullable=False),
        sa.Column("relation", sa.String(20), nullable=False),
        sa.Column("for_appointments", sa.Boolean(), nullable=False),
        sa.Column("for_documents", sa.Boolean(), nullable=False),
        sa.Column("matter", sa.String(160), server_default=NOTHING, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("scan_job", sa.String(36), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(80), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_by", sa.String(80), server_default=NOTHING, nullable=False),
        sa.Column("revocation", sa.String(30), server_default=NOTHING, nullable=False),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_mandate_{name}"))
            for rule, name in RULES
        ),
        *(
            sa.ForeignKeyConstraint(
                [name], [f"{table}.id"], name=op.f(f"fk_mandate_{name}_{table}")
            )
            for name, table, _ in REFERENCES
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
        sqlite_autoincrement=True,
    )
    for column in ("appointment_id", "resident_id", "scan_job"):
        op.create_index(op.f(f"ix_mandate_{column}"), "mandate", [column])
    _let_kinds_be(KINDS_BEFORE, KINDS)


def downgrade() -> None:
    """Remove them; a signed mandate is a signed form."""
    op.drop_table("mandate")
    op.execute(
        sa.text("UPDATE document SET kind = 'signed_form' WHERE kind = 'mandate'")
    )
    _let_kinds_be(KINDS, KINDS_BEFORE)


def _let_kinds_be(before: str, after: str) -> None:
    if op.get_bind().dialect.name != "sqlite":
        name = op.f("ck_document_kind_known")
        op.drop_constraint(name, "document", type_="check")
        op.create_check_constraint(name, "document", after)
        return
    # As in 0044: to build the table anew would take along what refers to it.
    op.execute("PRAGMA writable_schema=ON")
    changed = op.get_bind().execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :before, :after)"
            " WHERE type = 'table' AND name = 'document' AND instr(sql, :before) > 0"
        ),
        {"before": before, "after": after},
    )
    op.execute("PRAGMA writable_schema=RESET")
    assert changed.rowcount == 1

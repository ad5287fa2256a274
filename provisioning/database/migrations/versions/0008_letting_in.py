# SPDX-License-Identifier: AGPL-3.0-or-later
"""Machines are let in by a code, rotated with a grace, and shut out at once."""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "directory_0008"
down_revision = "directory_0007"
branch_labels = None
depends_on = None

# Two names of `ps_auths` with a comma between them.
AUTH_BEFORE, AUTH_AFTER = sa.String(60), sa.String(130)


def upgrade() -> None:
    """Add the tables, empty, and what is known of a kiosk's machine: nothing yet."""
    op.add_column("kiosk", sa.Column("machine_id", sa.String(64), nullable=True))
    op.add_column("kiosk", sa.Column("machine_name", sa.String(120), nullable=True))
    op.add_column("kiosk", sa.Column("enrolled_at", UtcDateTime(), nullable=True))
    op.add_column(
        "kiosk", sa.Column("rotation_wanted_at", UtcDateTime(), nullable=True)
    )
    _resize_auth(AUTH_BEFORE, AUTH_AFTER)
    op.create_table(
        "kiosk_enrolment",
        sa.Column("kiosk_id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(5), nullable=False),
        sa.Column("code_digest", sa.String(64), nullable=False),
        sa.Column("proof_key", sa.String(64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("attempt", sa.String(32), nullable=True),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(attempt IS NULL) = (used_at IS NULL)",
            name=op.f("ck_kiosk_enrolment_used_by"),
        ),
        _of_kiosk("kiosk_enrolment"),
        sa.PrimaryKeyConstraint("kiosk_id", name=op.f("pk_kiosk_enrolment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_kiosk_enrolment_public_id")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_kiosk_enrolment_code_digest")),
    )
    op.create_table(
        "former_secret",
        sa.Column("kiosk_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=True),
        sa.Column("rotated_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        _of_kiosk("former_secret"),
        sa.PrimaryKeyConstraint("kiosk_id", name=op.f("pk_former_secret")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_former_secret_token_digest")),
    )
    op.create_table(
        "endpoint_cut",
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("is_revoked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_endpoint_cut")),
    )
    op.create_index(op.f("ix_endpoint_cut_done_at"), "endpoint_cut", ["done_at"])


def downgrade() -> None:
    """Forget them; former secrets end, waiting codes are good for nothing."""
    op.execute("UPDATE ps_endpoints SET auth = id WHERE auth LIKE '%,%'")
    op.execute("DELETE FROM ps_auths WHERE id LIKE 'former-%'")
    op.drop_table("endpoint_cut")
    op.drop_table("former_secret")
    op.drop_table("kiosk_enrolment")
    _resize_auth(AUTH_AFTER, AUTH_BEFORE)
    for column in ("rotation_wanted_at", "enrolled_at", "machine_name", "machine_id"):
        op.drop_column("kiosk", column)


def _of_kiosk(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["kiosk_id"],
        ["kiosk.id"],
        name=op.f(f"fk_{table}_kiosk_id_kiosk"),
        ondelete="CASCADE",
    )


def _resize_auth(before: sa.String, after: sa.String) -> None:
    with op.batch_alter_table("ps_endpoints") as table:
        table.alter_column("auth", existing_type=before, type_=after)

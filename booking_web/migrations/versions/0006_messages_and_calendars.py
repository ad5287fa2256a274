# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages to residents, and the secret addresses of calendar feeds."""

revision = "appointments_0006"
down_revision = "appointments_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, those referred to first."""


def downgrade() -> None:
    """Remove them."""

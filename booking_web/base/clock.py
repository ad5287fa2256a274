# SPDX-License-Identifier: AGPL-3.0-or-later
"""The present instant."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Give the present instant, aware, in UTC."""
    return datetime.now(UTC)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a form may have at most."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """More than the longest form of an administration has."""

    max_pages: int = 50
    max_fields: int = 1000
    max_bytes: int = 20_000_000

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Makes the keys of new entries from their names; pure."""

import re

from booking_web.pages.administrator.entries.listing import folded
from provisioning.database.models import SLUG_LENGTH

# Room for a prefix and a number.
_ROOM = 20


def slug_of(name: str) -> str:
    """Give a slug such as "marly-gomont" for "Marly-Gomont"."""
    slug = re.sub(r"[^a-z0-9]+", "-", folded(name)).strip("-")
    return slug[: SLUG_LENGTH - _ROOM].strip("-") or "x"

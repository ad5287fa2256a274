# SPDX-License-Identifier: AGPL-3.0-or-later
"""What stands on a mandate's paper, in words that are read aloud before it is signed."""

from dataclasses import dataclass

# On one sheet: both sign below what they have read.
SIZES = (17.0, 16.0, 15.0, 14.0, 13.0, 12.0)


@dataclass(frozen=True, kw_only=True)
class MandatePaper:
    """A mandate as it is printed, days in words."""

    resident: str
    representative: str
    relation: str
    organisation: str
    relay: str
    for_appointments: bool
    for_documents: bool
    matter: str
    starts: str
    ends: str

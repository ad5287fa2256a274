# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who a resident is, where two that were written down turned out to be one."""

from sqlalchemy.orm import Session

from booking_web.tables.appointment import Resident

# Merging never makes a longer chain; a circle must not hold a sender up.
_MOST_MERGERS = 20


def resident_known_as(session: Session, resident_id: int | None) -> Resident | None:
    """Give the resident of this number, or the one that they were merged into."""
    resident = None
    for _ in range(_MOST_MERGERS):
        if resident_id is None:
            break
        resident = session.get(Resident, resident_id)
        resident_id = resident.merged_into_id if resident else None
    return resident

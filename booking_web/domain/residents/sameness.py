# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether two residents are one person: surely, or so likely that somebody should ask; pure.

Each relay writes down its own residents: who comes to two relays is there twice.
"""

from enum import StrEnum

from booking_web.domain.residents.names import is_same_name
from booking_web.tables.appointment import Resident


class Sameness(StrEnum):
    """How sure it is that two are one person."""

    SURE = "sure"
    # The same name, and the same day of birth.
    BY_BIRTH_DATE = "by_birth_date"
    # The same name and telephone; of one of the two nobody knows the day of birth.
    BY_TELEPHONE = "by_telephone"


def sameness(one: Resident | None, other: Resident | None) -> Sameness | None:
    """Tell it of two residents, as they are once merged; None: they may be anybody."""
    if one is None or other is None:
        return None
    if one.id == other.id:
        return Sameness.SURE
    if not is_same_name(one.name, other.name):
        return None
    if one.birth_date is not None and other.birth_date is not None:
        # A father and a son may share a name and a telephone, not a day of birth.
        is_one = one.birth_date == other.birth_date
        return Sameness.BY_BIRTH_DATE if is_one else None
    if one.telephone and one.telephone == other.telephone:
        return Sameness.BY_TELEPHONE
    return None

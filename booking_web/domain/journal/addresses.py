# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a resident can be reached: an e-mail address, a mobile number, both or neither."""

import phonenumbers
from sqlalchemy.orm import Session

from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.messages import Channel

_MOBILES = frozenset(
    {
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    }
)
# Merging never makes a longer chain; a circle must not hold a sender up.
_MOST_MERGERS = 20


def resident_of(session: Session, appointment: Appointment) -> Resident | None:
    """Give the resident, or the one that they were merged into."""
    resident_id = appointment.resident_id
    resident = None
    for _ in range(_MOST_MERGERS):
        if resident_id is None:
            break
        resident = session.get(Resident, resident_id)
        resident_id = resident.merged_into_id if resident else None
    return resident


def addresses_of(resident: Resident | None) -> dict[Channel, str]:
    """Give the address per channel; no SMS to a number that is no mobile."""
    found: dict[Channel, str] = {}
    if resident is None:
        return found
    if resident.email:
        found[Channel.EMAIL] = resident.email
    if resident.telephone and _is_mobile(resident.telephone):
        found[Channel.SMS] = resident.telephone
    return found


def _is_mobile(number: str) -> bool:
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(parsed) in _MOBILES

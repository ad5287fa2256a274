# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a resident can be reached: an e-mail address, a mobile number, both or neither."""

import phonenumbers
from sqlalchemy.orm import Session

from booking_web.domain.rights.merged_residents import resident_known_as
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.messages import Channel

_MOBILES = frozenset(
    {
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    }
)


def resident_of(session: Session, appointment: Appointment) -> Resident | None:
    """Give the resident, or the one that they were merged into."""
    return resident_known_as(session, appointment.resident_id)


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

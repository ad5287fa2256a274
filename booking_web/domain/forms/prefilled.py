# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a new draft holds already: what the booking knows of the resident."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from booking_web.base.local_time import local_day
from booking_web.base.names import family_and_given
from booking_web.domain.forms.asked import Known
from booking_web.domain.forms.description import Field, FieldKind
from booking_web.domain.forms.guesses import WRITTEN
from booking_web.domain.forms.library_reading import Edition
from booking_web.domain.journal.addresses import resident_of
from booking_web.domain.residents.postal import (
    FRANCE,
    NO_ADDRESS,
    address_in,
)
from booking_web.domain.residents.telephones import readable_telephone
from booking_web.tables.appointment import Appointment
from booking_web.tables.postal_address import AppointmentAddress

# In two cells a year is its last two digits.
_YEARS = frozenset({Known.BIRTH_YEAR, Known.YEAR})
# Of these nothing but digits, or letters and digits, is asked in cells.
_COMPACT = frozenset(
    {Known.BIRTH_DATE, Known.TELEPHONE, Known.DATE, Known.POSTCODE, Known.REFERENCE}
)


def prefilled(
    session: Session, edition: Edition, appointment: Appointment, now: datetime
) -> dict[str, str]:
    """Give the values of the fields that the booking knows.

    Those too that nobody may type into: what the library says of them belongs there.
    """
    known = _known(session, appointment, now)
    fields = {each.key: each for each in edition.description.fields}
    values = {}
    for asked in edition.asked:
        field = fields[asked.key]
        if asked.known is None or field.kind not in WRITTEN:
            continue
        value = known[asked.known]
        if field.kind is not FieldKind.MULTILINE:
            value = value.replace("\n", ", ")
        if value:
            values[field.key] = _fitting(value, field, asked.known)
    return values


def _known(
    session: Session, appointment: Appointment, now: datetime
) -> dict[Known, str]:
    resident = resident_of(session, appointment)
    relay = appointment.kiosk.relay
    counsellor = appointment.counsellor
    # Who is in no register may have told an address with the appointment.
    row = resident or session.get(AppointmentAddress, appointment.id)
    address = address_in(row) if row else NO_ADDRESS
    name = resident.name if resident else appointment.resident_name
    family, given = family_and_given(name)
    born = resident.birth_date if resident else None
    today = local_day(now, ZoneInfo(relay.time_zone))
    return {
        Known.NAME: name,
        Known.FAMILY_NAME: family,
        Known.GIVEN_NAMES: given,
        Known.BIRTH_DATE: _day(born),
        Known.BIRTH_DAY: f"{born:%d}" if born else "",
        Known.BIRTH_MONTH: f"{born:%m}" if born else "",
        Known.BIRTH_YEAR: f"{born:%Y}" if born else "",
        Known.ADDRESS: "\n".join(address.lines),
        Known.STREET: address.street,
        Known.POSTCODE: address.postcode,
        Known.COMMUNE: address.commune,
        Known.COUNTRY: address.country or (FRANCE if address.is_told else ""),
        Known.TELEPHONE: readable_telephone(resident.telephone) if resident else "",
        Known.EMAIL: resident.email if resident else "",
        Known.RELAY: relay.name,
        Known.DATE: _day(today),
        Known.DAY: f"{today:%d}",
        Known.MONTH: f"{today:%m}",
        Known.YEAR: f"{today:%Y}",
        Known.COUNSELLOR: counsellor.name if counsellor else "",
        Known.REFERENCE: str(appointment.id),
    }


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _fitting(value: str, field: Field, known: Known) -> str:
    """Leave out what separates, where a comb has cells for the digits alone."""
    if not field.max_length or len(value) <= field.max_length:
        return value
    if known in _YEARS and field.max_length == 2:
        return value[-2:]
    if known not in _COMPACT:
        return value
    return "".join(each for each in value if each.isalnum())

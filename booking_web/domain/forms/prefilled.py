# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a new draft holds already: what the booking knows of the resident."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from booking_web.base.local_time import local_day
from booking_web.domain.forms.asked import Known
from booking_web.domain.forms.description import Field, FieldKind
from booking_web.domain.forms.library_reading import Edition
from booking_web.domain.journal.addresses import resident_of
from booking_web.domain.residents.telephones import readable_telephone
from booking_web.tables.appointment import Appointment

WRITTEN = frozenset(
    {FieldKind.TEXT, FieldKind.MULTILINE, FieldKind.COMB, FieldKind.DATE}
)


def prefilled(
    session: Session, edition: Edition, appointment: Appointment, now: datetime
) -> dict[str, str]:
    """Give the values of the fields that the booking knows."""
    known = _known(session, appointment, now)
    fields = {each.key: each for each in edition.description.fields}
    values = {}
    for asked in edition.asked:
        field = fields[asked.key]
        if asked.known is None or field.kind not in WRITTEN or field.is_read_only:
            continue
        if value := known[asked.known]:
            values[field.key] = _fitting(value, field)
    return values


def _known(
    session: Session, appointment: Appointment, now: datetime
) -> dict[Known, str]:
    resident = resident_of(session, appointment)
    relay = appointment.kiosk.relay
    counsellor = appointment.counsellor
    return {
        Known.NAME: resident.name if resident else appointment.resident_name,
        Known.BIRTH_DATE: _day(resident.birth_date if resident else None),
        Known.TELEPHONE: readable_telephone(resident.telephone) if resident else "",
        Known.EMAIL: resident.email if resident else "",
        Known.RELAY: relay.name,
        Known.DATE: _day(local_day(now, ZoneInfo(relay.time_zone))),
        Known.COUNSELLOR: counsellor.name if counsellor else "",
        Known.REFERENCE: str(appointment.id),
    }


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _fitting(value: str, field: Field) -> str:
    """Leave out what separates, where a comb has cells for the digits alone."""
    if not field.max_length or len(value) <= field.max_length:
        return value
    if not value[-1].isdigit():
        return value
    return "".join(each for each in value if each.isalnum())

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a slip says: where, when, what to bring, whom to call; never who comes."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import segno
from flask_babel import gettext

from booking_web.base.local_time import local_day
from booking_web.domain.residents.telephones import readable_telephone
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState
from booking_web.telling.calendars.entry import (
    CalendarEntry,
    stable_uid,
    text_for_phones,
)
from booking_web.words.interpreters import interpreter_words
from provisioning.database.models import Paper


@dataclass(frozen=True, kw_only=True)
class Slip:
    """An appointment in words for the person who will come."""

    day: date
    starts_at: datetime
    zone: ZoneInfo
    organisation: str
    relay: str
    room: str
    address: str
    papers: list[Paper]
    # Whom to call and their number as it is read; both empty: the number is not known.
    telephone_of: str
    telephone: str
    # Of a discreet appointment: how boards and screens name who comes; else empty.
    alias: str = ""
    # The service that interprets, with its kind; empty where nobody does.
    interpreter: str = ""


def slip_of(appointment: Appointment, *, is_sent: bool = False) -> Slip:
    """Write the slip of an appointment, in the language of the moment.

    It is handed over; what `is_sent` others of a household may read: of a discreet
    appointment it tells where and when alone.
    """
    is_silent = is_sent and appointment.discreet
    relay = appointment.kiosk.relay
    organisation = appointment.organisation
    zone = ZoneInfo(relay.time_zone)
    reason = appointment.visit_reason
    whom = relay if relay.telephone or is_silent else organisation
    return Slip(
        day=local_day(appointment.starts_at, zone),
        starts_at=appointment.starts_at,
        zone=zone,
        organisation="" if is_silent else organisation.name,
        relay=relay.name,
        room=relay.room,
        address=relay.address,
        papers=list(reason.papers) if reason and not is_silent else [],
        telephone_of=whom.name if whom.telephone else "",
        telephone=readable_telephone(whom.telephone),
        alias=appointment.name_on_boards if appointment.discreet else "",
        interpreter="" if is_silent else interpreter_words(appointment.interpreter),
    )


def entry_of(
    appointment: Appointment, *, description: str = "", is_sent: bool = False
) -> CalendarEntry:
    """Give the calendar entry that the resident keeps; `is_sent` as `slip_of` has it."""
    relay = appointment.kiosk.relay
    places = (relay.name, relay.room, relay.address)
    return CalendarEntry(
        uid=stable_uid(appointment.submission),
        sequence=appointment.sequence,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        summary=(
            gettext("Rendez-vous")
            if is_sent and appointment.discreet
            else gettext(
                "Rendez-vous %(organisation)s",
                organisation=appointment.organisation.short_name,
            )
        ),
        location=", ".join(place for place in places if place),
        description=description,
        is_cancelled=appointment.state == AppointmentState.CANCELLED,
    )


def qr_code(entry: CalendarEntry, now: datetime) -> str:
    """Draw the entry itself, not an address of ours.

    A phone's camera offers to keep it at once, without a network; there is no address to
    guess, and what it holds stands on the paper beside it.
    """
    text = text_for_phones(entry, now).decode()
    # UTF-8, and said so (ECI): readers that must guess take French accents for Chinese.
    code = segno.make(text, error="m", micro=False, encoding="utf-8", eci=True)
    drawn: str = code.svg_data_uri(border=2, dark="#000", light="#fff")
    return drawn

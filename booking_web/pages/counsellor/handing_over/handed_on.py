# SPDX-License-Identifier: AGPL-3.0-or-later
"""A call that an organisation handed to another one, as its own pages still show it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from booking_web.domain.appointments.handing_over.reading import handed_to_others
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.counsellor.handing_over.section import standing_of
from booking_web.tables.handovers import GOING_ON, Handover, HandoverState

# How long the day's page shows what was handed to others.
SHOWN_FOR = timedelta(hours=18)


@dataclass(frozen=True)
class HandedOn:
    """A call that was handed to another organisation."""

    id: int
    appointment_id: int
    # Empty once it is forgotten.
    resident_name: str
    relay: str
    zone: ZoneInfo
    to: str
    at: datetime
    standing: str
    note: str
    outcome: str
    outcome_note: str
    is_going_on: bool
    # The kiosk never left: the appointment is still the reader's.
    is_undone: bool


def handed_on(session: Session, viewer: Person, now: datetime) -> tuple[HandedOn, ...]:
    """List what the organisation handed to others today, for the day's page."""
    if not viewer.may(Right.RECEIVING):
        return ()
    found = handed_to_others(session, viewer, now, SHOWN_FOR)
    return tuple(handed_on_of(each) for each in found)


def handed_on_of(row: Handover) -> HandedOn:
    """Give what the first organisation is shown of it."""
    appointment = row.appointment
    relay = appointment.kiosk.relay
    return HandedOn(
        id=row.id,
        appointment_id=appointment.id,
        resident_name=appointment.resident_name and appointment.name_on_boards,
        relay=relay.name,
        zone=ZoneInfo(relay.time_zone),
        to=row.to_organisation.name,
        at=row.asked_at,
        standing=standing_of(row),
        note=row.note,
        outcome=row.outcome,
        outcome_note=row.outcome_note,
        is_going_on=row.state in GOING_ON,
        is_undone=row.state == HandoverState.UNDONE,
    )

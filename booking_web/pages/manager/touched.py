# SPDX-License-Identifier: AGPL-3.0-or-later
"""Appointments as the manager sees them when their hours go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.base.transactions import in_transaction
from booking_web.domain.journal.entries import write_down_listing
from booking_web.domain.rights.person import Right
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment
from booking_web.words.dates import moment
from provisioning.database.models import Kiosk, Organisation


@dataclass(frozen=True)
class ShownAppointment:
    """One appointment in words."""

    appointment_id: int
    resident_name: str
    reason: str
    relay: str
    counter: str
    when: str


def shown_appointments(
    session: Session, appointment_ids: Sequence[int], now: datetime
) -> list[ShownAppointment]:
    """Put these into words, in order of time."""
    query = (
        select(Appointment)
        .where(Appointment.id.in_(appointment_ids))
        .options(
            joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
            joinedload(Appointment.counter),
            joinedload(Appointment.organisation),
            joinedload(Appointment.visit_reason),
        )
        .order_by(Appointment.starts_at, Appointment.id)
    )
    return [shown(each, now) for each in session.scalars(query)]


def shown(appointment: Appointment, now: datetime) -> ShownAppointment:
    """Put one into words, by the clock of the organisation."""
    zone = zone_of(appointment.organisation)
    reason = appointment.visit_reason.name if appointment.visit_reason else ""
    return ShownAppointment(
        appointment.id,
        appointment.resident_name,
        " – ".join(part for part in (reason, appointment.reason) if part),
        appointment.kiosk.relay.name,
        appointment.counter.name,
        moment(appointment.starts_at, zone, now),
    )


def note_shown(appointments: Sequence[ShownAppointment]) -> None:
    """Write into the journal that the manager was shown who has these appointments."""
    ids = [each.appointment_id for each in appointments]
    actor, now = signed_in(Right.HOURS).actor, services().now()
    in_transaction(
        services().database,
        lambda session: write_down_listing(session, ids, actor=actor, at=now),
    )


def zone_of(organisation: Organisation) -> ZoneInfo:
    """Give the zone of the organisation's wall."""
    return ZoneInfo(organisation.time_zone)

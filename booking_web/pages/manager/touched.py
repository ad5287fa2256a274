# SPDX-License-Identifier: AGPL-3.0-or-later
"""Appointments as the manager sees them when their hours go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.base.transactions import in_transaction
from booking_web.domain.journal.entries import write_down_listing
from booking_web.domain.rights.person import Right
from booking_web.domain.rights.restriction import is_unrestricted
from booking_web.shell.services import services
from booking_web.shell.signed_in import signed_in
from booking_web.tables.appointment import Appointment
from booking_web.words.dates import moment
from provisioning.database.models import Kiosk, Organisation


@dataclass(frozen=True)
class ShownAppointment:
    """One appointment in words."""

    appointment_id: int
    # Who comes; of an interpretation, for whom: an interpreter is not told who comes.
    name: str
    reason: str
    relay: str
    counter: str
    when: str
    is_interpreted: bool = False


def shown_appointments(
    session: Session, appointment_ids: Sequence[int], now: datetime
) -> list[ShownAppointment]:
    """Put these into words, in order of time, as who is signed in may see them."""
    own_id = signed_in(Right.HOURS).own_organisation_id
    query = (
        select(Appointment)
        .where(
            Appointment.id.in_(appointment_ids),
            is_unrestricted(Appointment.resident_id),
        )
        .options(
            joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
            joinedload(Appointment.counter),
            joinedload(Appointment.organisation),
            joinedload(Appointment.visit_reason),
        )
        .order_by(Appointment.starts_at, Appointment.id)
    )
    return [
        (
            shown(each, now)
            if each.organisation_id == own_id
            else shown_interpretation(each, now)
        )
        for each in session.scalars(query)
    ]


def shown(appointment: Appointment, now: datetime) -> ShownAppointment:
    """Put one into words, by the clock of the organisation."""
    zone = zone_of(appointment.organisation)
    known = appointment.reason_on_boards
    reason = known.name if known else ""
    return ShownAppointment(
        appointment.id,
        appointment.name_on_boards,
        " – ".join(part for part in (reason, appointment.details_on_boards) if part),
        appointment.kiosk.relay.name,
        appointment.counter.name,
        moment(appointment.starts_at, zone, now),
    )


def shown_interpretation(appointment: Appointment, now: datetime) -> ShownAppointment:
    """Put one of another organisation into words: when, where and for whom, and no more."""
    counter = appointment.interpreter_counter
    assert counter is not None
    return ShownAppointment(
        appointment.id,
        gettext(
            "Interprète pour %(organisation)s",
            organisation=appointment.organisation.name,
        ),
        "",
        appointment.kiosk.relay.name,
        counter.name,
        moment(appointment.starts_at, zone_of(counter.organisation), now),
        is_interpreted=True,
    )


def note_shown(appointments: Sequence[ShownAppointment]) -> None:
    """Write into the journal that the manager was shown who has these appointments."""
    ids = [each.appointment_id for each in appointments if not each.is_interpreted]
    actor, now = signed_in(Right.HOURS).actor, services().now()
    in_transaction(
        services().database,
        lambda session: write_down_listing(session, ids, actor=actor, at=now),
    )


def zone_of(organisation: Organisation) -> ZoneInfo:
    """Give the zone of the organisation's wall."""
    return ZoneInfo(organisation.time_zone)

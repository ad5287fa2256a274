# SPDX-License-Identifier: AGPL-3.0-or-later
"""What "now" means for a resident who came without an appointment."""

from datetime import datetime

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.availability.search import open_now
from booking_web.desk.subjects import Subject
from booking_web.held_slots import held_by_counters, held_by_kiosks
from booking_web.line.estimate import place_in_line
from booking_web.line.joining import join_line
from booking_web.line.wording import place_words
from booking_web.models import Appointment
from booking_web.scheduling import (
    Booking,
    BookingRequest,
    PlaceTaken,
    book,
)
from booking_web.slots import free_place, slot_of
from provisioning.models import Kiosk, Relay


def book_now(session: Session, request: BookingRequest, now: datetime) -> Booking:
    """Have the resident called at once, or wait in line where kiosk or counter is taken."""
    try:
        return book(session, request, now)
    except PlaceTaken:
        return join_line(session, request, now)


def now_words(
    session: Session, subject: Subject, relay: Relay, now: datetime, *, has_hours: bool
) -> str:
    """Say what "now" would bring: a call at once, or which place in the line.

    Outside the published hours, where it `has_hours`, it adds that perhaps nobody answers.
    """
    kiosk_ids = session.scalars(select(Kiosk.id).where(Kiosk.relay_id == relay.id))
    kiosks = held_by_kiosks(session, kiosk_ids, now, now)
    counters = held_by_counters(session, subject.organisation_id, now)
    if not kiosks or not counters:
        return ""
    organisation_id = subject.organisation_id
    if free_place(slot_of(now), subject.length, kiosks, counters) is not None:
        words = gettext("la borne appelle aussitôt")
    else:
        words = place_words(
            place_in_line(session, organisation_id, now, relay_id=relay.id)
        )
    if not has_hours or open_now(session, organisation_id, relay.id, now):
        return words
    outside = gettext("Hors des heures publiées : peut-être que personne ne répondra.")
    return f"{words.rstrip('.')}. {outside}"


def line_words(session: Session, appointment: Appointment, now: datetime) -> str:
    """Say which place in the line somebody has, and how long it may be."""
    appointment = session.merge(appointment, load=False)
    place = place_in_line(
        session, appointment.organisation_id, now, appointment=appointment
    )
    return place_words(place)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What "now" means for a resident who came without an appointment, in words."""

from datetime import datetime

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.line.causes import Cause
from booking_web.domain.appointments.line.keeping import keeping_of
from booking_web.domain.appointments.line.standing import standing_at, standing_of
from booking_web.domain.places.search import open_now
from booking_web.pages.secretary.booking.subjects import Subject
from booking_web.shell.services import services
from booking_web.tables.appointment import Appointment
from booking_web.words.line import cause_words, standing_words
from provisioning.database.models import Counter, Relay


def now_words(
    session: Session, subject: Subject, relay: Relay, now: datetime, *, has_hours: bool
) -> str:
    """Say what "now" would bring: a call at once, or which place in the line and why.

    Outside the published hours, where it `has_hours`, it adds that perhaps nobody answers.
    """
    organisation_id = subject.organisation_id
    has_counter = session.scalar(
        select(Counter.id).where(Counter.organisation_id == organisation_id).limit(1)
    )
    if not relay.kiosks or has_counter is None:
        return ""
    keeping = keeping_of(services().settings)
    standing = standing_at(
        session, organisation_id, relay, subject.length, now, keeping
    )
    found = standing.hindrance
    is_called = found is None or found.cause is Cause.NO_COUNSELLOR
    if standing.place.position == 1 and is_called:
        at_once = gettext("la borne appelle aussitôt")
        words = f"{at_once}. {cause_words(found, standing.zone)}".rstrip(". ")
    elif found is not None and found.has_no_end_in_sight:
        words = cause_words(found, standing.zone)
    else:
        words = standing_words(standing)
    if not has_hours or open_now(session, organisation_id, relay.id, now):
        return words
    outside = gettext("Hors des heures publiées : peut-être que personne ne répondra.")
    return f"{words.rstrip('.')}. {outside}"


def line_words(session: Session, appointment: Appointment, now: datetime) -> str:
    """Say which place in the line somebody has, how long it may be, and why they wait."""
    appointment = session.merge(appointment, load=False)
    keeping = keeping_of(services().settings)
    return standing_words(standing_of(session, appointment, now, keeping))

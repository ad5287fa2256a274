# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has those who wait in a line called, as soon as kiosk and counter are both free.

Nobody is called into an hour that another has booked and keeps (see `keeping`): the whole
length must be free.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.line.keeping import (
    Keeping,
    give_up_places,
    held_for_the_line,
)
from booking_web.domain.appointments.line.waiting import waiting_in_line
from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import Former, tell, tell_pages
from booking_web.domain.kiosks.watch import kiosks_switched_off
from booking_web.domain.kiosks.wipes import kiosks_not_wiped
from booking_web.domain.places.choosing import Place, choose_place
from booking_web.domain.places.grid import slot_of, slots_touched
from booking_web.domain.places.held_slots import hold
from booking_web.tables.appointment import Appointment
from booking_web.tables.journal_acts import Act
from provisioning.database.models import Kiosk


def call_from_lines(
    session: Session, actor: str, now: datetime, keeping: Keeping = Keeping()
) -> int:
    """Ask for the call of each whose turn has come; tells how many.

    Who came first has the first choice; whoever waits for a kiosk that is busy lets the
    next one pass. Of those left over, no place is worse than before.
    """
    waiting = session.scalars(
        select(Appointment)
        .where(waiting_in_line(now))
        .order_by(Appointment.starts_at, Appointment.id)
        .with_for_update(of=Appointment, skip_locked=True)
    ).all()
    called = 0
    for appointment in waiting:
        length = appointment.ends_at - appointment.starts_at
        place = _free_now(session, appointment, now, keeping)
        if place is None:
            continue
        slots = slots_touched(place.starts_at, place.starts_at + length)
        if not give_up_places(session, place, slots, actor, now, keeping):
            continue
        former = Former.of(appointment)
        appointment.kiosk_id = place.kiosk_id
        appointment.counter_id = place.counter_id
        # As for any walk-in: it ends with its last slot.
        appointment.ends_at = place.starts_at + length
        appointment.in_line = False
        appointment.call_requested_at = now
        session.flush()
        session.expire(appointment, ["kiosk", "counter"])
        hold(session, appointment, slots)
        tell(
            session,
            Act.CALLED_FROM_LINE,
            appointment,
            actor=actor,
            at=now,
            former=former,
        )
        session.flush()
        called += 1
    if called:
        # The places of all who still wait have changed.
        for appointment in waiting:
            if appointment.in_line:
                tell_pages(session, News.LINE_WENT_ON, appointment, now)
    return called


def _free_now(
    session: Session, appointment: Appointment, now: datetime, keeping: Keeping
) -> Place | None:
    relay_id = session.scalar(
        select(Kiosk.relay_id).where(Kiosk.id == appointment.kiosk_id)
    )
    # A booking at the same relay comes before or after, never at the same time.
    kiosk_ids = session.scalars(
        select(Kiosk.id)
        .where(Kiosk.relay_id == relay_id)
        .order_by(Kiosk.id)
        .with_for_update(key_share=True)
    ).all()
    # Whoever waits for a kiosk that is off, or out of order, is called once it is on.
    out = kiosks_switched_off(session, kiosk_ids, now)
    out |= kiosks_not_wiped(session, kiosk_ids, now).keys()
    usable = [kiosk_id for kiosk_id in kiosk_ids if kiosk_id not in out]
    held = held_for_the_line(session, usable, appointment.organisation_id, now, keeping)
    length = appointment.ends_at - appointment.starts_at
    place = choose_place(
        slot_of(now), slot_of(now) + length, held.kiosks, held.counters
    )
    return place if isinstance(place, Place) else None

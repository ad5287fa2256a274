# SPDX-License-Identifier: AGPL-3.0-or-later
"""An appointment becomes another organisation's, with what it may know; or its own again."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from booking_web.domain.appointments.guests.invitations import end_guest_with_call
from booking_web.domain.places.grid import slot_of
from booking_web.domain.places.held_slots import held_by_counters
from booking_web.tables.appointment import Appointment, CounterSlot, KioskSlot
from booking_web.tables.conclusions import Conclusion, FollowUp, Outcome
from booking_web.tables.documents import Document
from booking_web.tables.handovers import Handover, HandoverDocument


def give_to_other_organisation(
    session: Session, row: Handover, appointment: Appointment, at: datetime
) -> None:
    """Make it the other organisation's; what the first one noted and keeps stays its own."""
    _keep_documents(session, row)
    # Whom the first one invited the other one does not know.
    end_guest_with_call(session, appointment, at)
    end = session.get(Conclusion, appointment.id)
    if end is not None:
        row.outcome, row.outcome_note = end.outcome, end.note
        session.delete(end)
    # What was booked as its continuation is the first one's own, and stays as it is.
    session.execute(delete(FollowUp).where(FollowUp.appointment_id == appointment.id))
    _serve_by(session, appointment, row.to_organisation_id, at)


def give_back(
    session: Session, row: Handover, appointment: Appointment, at: datetime
) -> None:
    """Make it the first organisation's again: the other one never had it."""
    session.execute(
        update(Document)
        .where(
            Document.appointment_id == appointment.id,
            Document.kept_by_id == row.from_organisation_id,
        )
        .values(kept_by_id=None)
    )
    if row.outcome and session.get(Conclusion, appointment.id) is None:
        session.add(
            Conclusion(
                appointment_id=appointment.id,
                outcome=Outcome(row.outcome),
                note=row.outcome_note,
                noted_at=at,
                noted_by=row.asked_by,
            )
        )
    row.outcome = row.outcome_note = ""
    _serve_by(
        session, appointment, row.from_organisation_id, at, first=row.from_counter_id
    )


def _keep_documents(session: Session, row: Handover) -> None:
    shared = select(HandoverDocument.document_id).where(
        HandoverDocument.handover_id == row.id
    )
    own = row.from_organisation_id
    session.execute(
        update(Document)
        .where(
            Document.appointment_id == row.appointment_id,
            Document.kept_by_id.is_(None),
            Document.id.not_in(shared),
        )
        .values(kept_by_id=own)
    )
    session.execute(
        update(Document)
        .where(Document.id.in_(shared), Document.kept_by_id == own)
        .values(kept_by_id=None)
    )


def _serve_by(
    session: Session,
    appointment: Appointment,
    organisation_id: int,
    at: datetime,
    first: int | None = None,
) -> None:
    """Hold a counter of that organisation for what is left, where one is free."""
    slots = session.scalars(
        select(KioskSlot.starts_at).where(
            KioskSlot.appointment_id == appointment.id,
            KioskSlot.starts_at >= slot_of(at),
        )
    ).all()
    held = held_by_counters(
        session, organisation_id, at, appointment.id, to_choose=True
    )
    in_turn = sorted(held, key=lambda counter: (counter != first, counter))
    free = [each for each in in_turn if not held[each].intersection(slots)]
    former = appointment.counter_id
    session.execute(
        delete(CounterSlot).where(
            CounterSlot.appointment_id == appointment.id,
            CounterSlot.counter_id == former,
        )
    )
    appointment.organisation_id = organisation_id
    appointment.counter_id = next(iter(free or in_turn), former)
    session.flush()
    session.expire(appointment, ["organisation", "counter"])
    if free:
        session.add_all(
            CounterSlot(
                counter_id=appointment.counter_id,
                starts_at=slot,
                appointment_id=appointment.id,
            )
            for slot in slots
        )
        session.flush()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Names go when they are no longer needed; what is counted stays."""

from datetime import timedelta

from sqlalchemy import select

from booking_web.acts import cancel
from booking_web.models import Appointment, JournalEntry, LiveEvent, Period
from booking_web.pruning import Pruned, prune


def test_residents_of_long_ago_are_forgotten(session, booked, now) -> None:
    old = booked()
    cancel(session, old, "user:1", now)
    session.flush()
    later = now + timedelta(days=40)
    recent = booked(now=later)
    dry = prune(session, 30, later, dry_run=True)
    assert old.resident_name == "M. Dupont"
    pruned = prune(session, 30, later)
    assert dry == pruned == Pruned(1, 3, 0)
    session.flush()
    assert (old.resident_name, old.reason) == ("", "")
    assert recent.resident_name == "M. Dupont"
    assert {period.appointment_id for period in session.scalars(select(Period))} == {
        old.id,
        recent.id,
    }
    acts = session.scalars(
        select(JournalEntry.act).where(JournalEntry.appointment_id == old.id)
    ).all()
    assert acts[-1] == "anonymised"
    events = session.scalars(select(LiveEvent)).all()
    assert {event.appointment_id for event in events} == {recent.id}
    assert prune(session, 30, later) == Pruned(0, 0, 0)


def test_an_appointment_in_call_keeps_its_name(session, booked, now) -> None:
    appointment = booked()
    appointment.state = "in_call"
    session.flush()
    assert prune(session, 1, now + timedelta(days=40)).appointments_anonymised == 0
    [name] = session.scalars(select(Appointment.resident_name))
    assert name == "M. Dupont"

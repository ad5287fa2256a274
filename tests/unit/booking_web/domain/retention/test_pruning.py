# SPDX-License-Identifier: AGPL-3.0-or-later
"""Names go when they are no longer needed; what is counted stays."""

from datetime import timedelta

from sqlalchemy import select

from booking_web.domain.appointments.acts import cancel
from booking_web.domain.residents.postal import PostalAddress, put_into
from booking_web.domain.residents.register import create_resident, merge_residents
from booking_web.domain.retention.pruning import Pruned, prune
from booking_web.domain.waiting.acts import add_entry
from booking_web.tables.appointment import (
    Appointment,
    JournalEntry,
    LiveEvent,
    Period,
    Resident,
)
from booking_web.tables.postal_address import AppointmentAddress


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


def test_residents_and_wishes_of_long_ago_leave_with_their_names(
    session, booked, now
) -> None:
    gone, kept, waits = (
        create_resident(session, 1, name, 1, now)
        for name in ("M. Dupont", "Mme Roy", "M. Benali")
    )
    double = create_resident(session, 1, "M. Dupond", 1, now)
    merge_residents(session, double, gone, "user:1", now)
    old = booked()
    old.resident_id = gone.id
    later = now + timedelta(days=40)
    booked(now=later, relay="guise").resident_id = kept.id
    for resident, until in ((gone, None), (waits, later.date())):
        add_entry(
            session,
            relay_id=1,
            organisation_id=1,
            visit_reason_id=None,
            resident_id=resident.id,
            until=until,
            language="fr",
            interpreter_id=None,
            user_id=1,
            now=now,
        )
    session.flush()
    dry = prune(session, 30, later, dry_run=True)
    pruned = prune(session, 30, later)
    assert (dry.residents_forgotten, dry.waiting_entries_deleted) == (2, 1)
    assert dry == pruned
    session.expire_all()
    names = set(session.scalars(select(Resident.name)))
    assert names == {"Mme Roy", "M. Benali"}
    assert old.resident_id is None
    details = session.scalars(
        select(JournalEntry.detail).where(JournalEntry.act == "resident_forgotten")
    ).all()
    assert len(details) == 2
    assert not any("Dup" in detail for detail in details)


def test_addresses_of_long_ago_are_forgotten_with_the_names(
    session, booked, now
) -> None:
    told = {"street": "12 rue des Lilas", "postcode": "02120", "commune": "Guise"}
    old, later = booked(), now + timedelta(days=40)
    recent = booked(now=later)
    for each in (old, recent):
        session.add(AppointmentAddress(appointment_id=each.id, **told))
    gone, kept = (
        create_resident(session, 1, name, 1, now) for name in ("M. Roy", "Mme Roy")
    )
    recent.resident_id = kept.id
    for each in (gone, kept):
        put_into(each, PostalAddress(**told))
    cancel(session, old, "user:1", now)
    session.flush()
    prune(session, 30, later, dry_run=True)
    assert len(session.scalars(select(AppointmentAddress)).all()) == 2
    prune(session, 30, later)
    session.flush()
    ids = select(AppointmentAddress.appointment_id)
    assert session.scalars(ids).all() == [recent.id]
    assert session.scalars(select(Resident.street)).all() == [told["street"]]
    details = session.scalars(select(JournalEntry.detail)).all()
    assert not [each for each in details if "Lilas" in each or "Guise" in each]

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The days that the search reads follow the slots that are held, on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from booking_web.domain.appointments import acts
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.places.held_bits import held_by_counters, held_by_kiosks
from booking_web.domain.places.search import SlotSearch, find_slots
from booking_web.domain.places.slot_bits import DAY_SLOTS, bits_of, start_of
from booking_web.tables.appointment import Appointment, CounterSlot, KioskSlot
from booking_web.tables.hours import CounterDay, KioskDay, Opening
from provisioning.database.engine import Database
from provisioning.database.models import Counter, Kiosk, Organisation
from provisioning.database.schema import downgrade, upgrade
from tests.factories.orders import an_order

NOW = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)
# From before to after midnight, UTC: two days, the last and the first word of them.
AT_MIDNIGHT = datetime(2026, 11, 26, 23, 50, tzinfo=UTC)
FIRST_DAY = (AT_MIDNIGHT - datetime(1970, 1, 1, tzinfo=UTC)).days


def book_at(session, starts_at: datetime, relay: str = "wassigny") -> Appointment:
    """Book half an hour at the MSA."""
    request = an_order(token=f"{relay}-{starts_at}", relay=relay, starts_at=starts_at)
    return book(session, request, NOW).appointment


def assert_days_are_those_of_the_slots(session) -> int:
    """Compare the two days around midnight; give how many slots are held."""
    first = FIRST_DAY * DAY_SLOTS
    msa = session.scalar(select(Organisation.id).where(Organisation.slug == "msa"))
    kiosks = session.scalars(select(Kiosk.id)).all()
    end = first + 2 * DAY_SLOTS
    compared = 0
    for held, table, owner in (
        (held_by_kiosks(session, kiosks, first, end), KioskSlot, "kiosk_id"),
        (held_by_counters(session, msa, first, end), CounterSlot, "counter_id"),
    ):
        by_days = {
            (owner_id, start_of(first + bit))
            for owner_id, bits in held.items()
            for bit in bits_of(bits)
        }
        by_slots = {
            (getattr(row, owner), row.starts_at)
            for row in session.scalars(select(table))
        }
        assert by_days == by_slots
        compared += len(by_slots)
    return compared


def test_days_follow_what_is_booked_moved_and_cancelled(either_database) -> None:
    with either_database.write() as session:
        appointment = book_at(session, AT_MIDNIGHT)
        book_at(session, AT_MIDNIGHT - timedelta(hours=1), "guise")
        assert assert_days_are_those_of_the_slots(session) == 24
        acts.reschedule(
            session,
            appointment,
            starts_at=AT_MIDNIGHT - timedelta(hours=3),
            hours=Hours.AGREED,
            actor="user:1",
            now=NOW,
        )
        assert assert_days_are_those_of_the_slots(session) == 24
        acts.cancel(session, appointment, "user:1", NOW)
        assert assert_days_are_those_of_the_slots(session) == 12
        # A day of which nothing is held has no row.
        assert session.scalars(select(KioskDay.day)).all() == [FIRST_DAY]
        assert session.scalars(select(CounterDay.day)).all() == [FIRST_DAY]


def assert_a_held_slot_cannot_be_moved(database: Database) -> None:
    """Try to change the owner of a slot behind the days' back."""
    for owner in ("kiosk", "counter"):
        with pytest.raises(DatabaseError, match="freed and held, not moved"):
            with database.write() as session:
                session.execute(text(f"UPDATE {owner}_slot SET {owner}_id = 2"))


def assert_slots_are_found(database: Database) -> None:
    """Publish a night's hours and search around the appointment at midnight."""
    with database.write() as session:
        msa = session.scalar(select(Organisation.id).where(Organisation.slug == "msa"))
        counter = session.scalar(
            select(Counter.id).where(Counter.organisation_id == msa)
        )
        session.add(
            Opening(
                counter_id=counter,
                first_day=date(2026, 1, 1),
                weekdays=127,
                opens_minute=22 * 60,
                closes_minute=26 * 60,
            )
        )
        relay_id = session.scalar(
            select(Kiosk.relay_id).where(Kiosk.slug == "kiosk-wassigny")
        )
        search = SlotSearch(
            organisation_id=msa,
            relay_ids=[relay_id],
            length=timedelta(minutes=30),
            after=AT_MIDNIGHT - timedelta(hours=1),
            limit=3,
        )
        found = find_slots(session, search, NOW).slots
    assert [slot.starts_at.hour * 100 + slot.starts_at.minute for slot in found] == [
        2300,
        30,
        2100,
    ]


def test_slots_held_before_the_migration_are_seen_by_the_search(
    either_database, either_ground
) -> None:
    with either_database.write() as session:
        book_at(session, AT_MIDNIGHT)
        session.execute(text("DELETE FROM kiosk_day"))
        session.execute(text("DELETE FROM counter_day"))
    either_database.dispose()
    downgrade(either_ground.url, revision="appointments_0004")
    upgrade(either_ground.url)
    with either_database.read() as session:
        assert assert_days_are_those_of_the_slots(session) == 12
    # 0:50 to 1:20 on the wall.
    assert_slots_are_found(either_database)
    assert_a_held_slot_cannot_be_moved(either_database)

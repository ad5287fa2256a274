# SPDX-License-Identifier: AGPL-3.0-or-later
"""Rows written past the unit of work are the rows that it would have written."""

from sqlalchemy import inspect, select, text

from booking_web.base.plain_inserts import insert_kept, insert_row
from booking_web.tables.appointment import JournalEntry, Resident


def resident_row(session, resident_id: int) -> dict:
    query = text("SELECT * FROM resident WHERE id = :id")
    [row] = session.execute(query, {"id": resident_id}).mappings()
    return dict(row) | {"id": None}


def a_resident(now) -> Resident:
    return Resident(
        relay_id=1,
        name="M. Dupont",
        search_key="dupont",
        created_at=now,
        created_by_id=1,
        seen_at=now,
    )


def test_a_kept_row_is_as_a_flush_writes_it(session, now) -> None:
    flushed, kept = a_resident(now), a_resident(now)
    session.add(flushed)
    session.flush()
    insert_kept(session, kept)
    assert kept.id == flushed.id + 1
    assert resident_row(session, kept.id) == resident_row(session, flushed.id)


def test_a_kept_row_is_in_the_session_and_its_changes_are_written(session, now) -> None:
    kept = a_resident(now)
    insert_kept(session, kept)
    assert inspect(kept).persistent
    assert session.get(Resident, kept.id) is kept
    assert (kept.telephone, kept.merged_into_id) == ("", None)
    kept.telephone = "+33199000101"
    session.flush()
    assert resident_row(session, kept.id)["telephone"] == "+33199000101"


def test_a_plain_row_takes_the_defaults_of_its_table(session, now) -> None:
    insert_row(session, JournalEntry, at=now, actor="user:1", act="booked")
    entry = session.scalars(select(JournalEntry)).one()
    assert (entry.at, entry.actor, entry.act) == (now, "user:1", "booked")
    assert (entry.appointment_id, entry.detail) == (None, "")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""No table that tells of a resident is left out of what that resident is given, unsaid."""

import pytest
from sqlalchemy import Table

from booking_web import tables
from booking_web.domain.held.parts import LEFT_OUT, NOT_GIVEN, PARTS
from provisioning.database.engine import Base

# Columns that name a row though no foreign key says so: it may outlive that row.
NAMING = {"resident_id", "appointment_id", "document_id", "draft_id", "cv_id"}
ROOTS = {"resident", "appointment"}


def leading() -> set[str]:
    """Give the tables that lead to a resident or an appointment, over however many others."""
    assert tables
    found = set(ROOTS)
    while True:
        more = {
            table.name
            for table in Base.metadata.sorted_tables
            if table.name not in found and leads_to(table, found)
        }
        if not more:
            return found
        found |= more


def leads_to(table: Table, found: set[str]) -> bool:
    named = {each.column.table.name for each in table.foreign_keys}
    return bool(named & found or set(table.c.keys()) & NAMING)


def test_every_table_that_leads_to_a_resident_is_given_or_has_its_reason() -> None:
    given = {each.name for each in PARTS}
    assert leading() - given == set(NOT_GIVEN)
    assert not given & set(NOT_GIVEN)
    assert all(len(reason) > 10 for reason in NOT_GIVEN.values())


def test_each_part_comes_after_those_that_it_hangs_on() -> None:
    before = {"resident"}
    for part in PARTS:
        assert set(part.by.values()) <= before, part.name
        assert set(part.by) <= set(part.table.__table__.c.keys()), part.name
        before.add(part.name)


@pytest.mark.parametrize("column", LEFT_OUT)
def test_what_is_left_out_is_a_column_that_there_is(column: str) -> None:
    table, _, name = column.rpartition(".")
    columns = {
        (part.name, each) for part in PARTS for each in part.table.__table__.c.keys()
    }
    assert any(each == name and table in ("", of) for of, each in columns)


def test_a_table_that_is_new_would_be_found() -> None:
    of = Base.metadata.tables["cv_change"]
    assert leads_to(of, {"cv"}) and not leads_to(Base.metadata.tables["relay"], ROOTS)

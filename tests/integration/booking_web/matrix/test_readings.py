# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whoever is shown a resident leaves a line in the journal, by whatever route."""

import re
import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from booking_web.base.transactions import DatabaseBusy
from booking_web.domain.journal import readings
from booking_web.tables.appointment import JournalEntry
from booking_web.tables.journal_acts import READINGS, Act
from tests.integration.booking_web.matrix.sides import WORDS
from tests.integration.booking_web.matrix.table import NAMED, SECRETARY, VISITOR, WAYS
from tests.integration.booking_web.matrix.test_matrix import listing, said

# As residents and their appointments are called; forms and hours have the word too.
TOLD = re.compile(rf"(Mme|Ada|Ida|dossier) {WORDS['own']}".encode())
# What a file of theirs holds is not looked into.
FILES = re.compile("application/(pdf|zip)|image/(png|jpeg)|text/csv")
OF_RESIDENTS = re.compile("appointment|document|draft|printed|returned|scan|resident")
FULL = OperationalError("INSERT", {}, sqlite3.OperationalError("disk is full"))
# The kiosk's own telephone is told whose call it rings for.
IN_CALL = {"kiosk_api.show_call"}


def is_told_of(way, answer) -> bool:
    """Tell whether the answer shows anything of a resident."""
    if answer.status_code != 200 or way.endpoint in IN_CALL:
        return False
    is_file = OF_RESIDENTS.search(way.of) and FILES.match(answer.mimetype or "")
    return bool(is_file or TOLD.search(answer.data))


def test_every_route_that_shows_a_resident_leaves_a_line(world, monkeypatch) -> None:
    # Each page is looked at as if for the first time in a quarter of an hour.
    monkeypatch.setattr(readings, "ONE_READING", timedelta())
    silent, told = [], set()
    asked = [way for way in WAYS if way.method == "GET"] + NAMED
    for way in asked:
        for role in way.who:
            if role == VISITOR:
                continue
            before = last_line(world)
            answer = world.ask(role, way, "own", way.data)
            if is_told_of(way, answer):
                told.add(way.endpoint)
                if not is_written_since(world, before):
                    silent.append(said(way, role, "own", answer))
            answer.close()
    assert not silent, listing(silent)
    assert len(told) > 40


@pytest.mark.parametrize("error", [DatabaseBusy(), FULL], ids=["locked", "full"])
def test_what_tells_of_one_person_is_not_shown_unwritten_and_a_list_is(
    world, monkeypatch, error
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(readings.Readings, "note", fail)
    ways = {way.endpoint: way for way in WAYS if way.method == "GET"}
    shown = world.ask(SECRETARY, ways["residents.show"], "own", {})
    assert shown.status_code == 503
    assert not TOLD.search(shown.data) and shown.headers["Retry-After"] == "5"
    with capture_logs() as told:
        listed = world.ask(SECRETARY, ways["residents.show_all"], "own", {})
    assert listed.status_code == 200
    [line] = [each for each in told if each["event"] == "reading not written down"]
    assert line["actor"].startswith("user:") and line["detail"] == "residents"


def last_line(world) -> int:
    with world.database.read() as session:
        return session.scalar(select(func.max(JournalEntry.id))) or 0


def is_written_since(world, before: int) -> bool:
    query = select(JournalEntry.id).where(
        JournalEntry.id > before, JournalEntry.act.in_(READINGS | {Act.SLIP_MADE})
    )
    with world.database.read() as session:
        return session.scalar(query.limit(1)) is not None

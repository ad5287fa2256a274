# SPDX-License-Identifier: AGPL-3.0-or-later
"""Crowds of secretaries want the same slots at once; each slot has exactly one winner.

GUICHET_RACE_ATTEMPTS says how many want each of the 50 slots. The proof in full has 1,000:

    GUICHET_RACE_ATTEMPTS=1000 pytest -s -k crowds tests/integration/booking_web/domain
"""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from booking_web.domain.places.grid import slots_touched
from booking_web.tables.appointment import Appointment, CounterSlot, KioskSlot
from provisioning.database.engine import Database
from stage.waiting import PATIENCE

CROWD = Path(__file__).with_name("crowd.py")
SLOTS = 50
ATTEMPTS = int(os.environ.get("GUICHET_RACE_ATTEMPTS", "8"))
PROCESSES = 4
# For the proof in full on two cores; the small one takes seconds.
LIMIT_SECONDS = (120 + ATTEMPTS * 3) * PATIENCE


def wanted_slots() -> list[datetime]:
    """Give half hours that touch each other, from tomorrow on."""
    first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    first += timedelta(days=1)
    return [first + number * timedelta(minutes=30) for number in range(SLOTS)]


@pytest.fixture
def crowds(either_ground):
    """Give processes that each hold a share of those who want a slot."""
    programs = [
        subprocess.Popen(
            [sys.executable, str(CROWD), either_ground.url, str(number)]
            + [str(ATTEMPTS // PROCESSES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    yield programs
    for program in programs:
        program.stdin.close()
        program.wait(20 * PATIENCE)
        program.stdout.close()


@pytest.mark.timeout(LIMIT_SECONDS)
def test_each_slot_that_a_crowd_wants_has_exactly_one_winner(
    crowds, either_ground
) -> None:
    slots = wanted_slots()
    winners: list[int] = []
    told: Counter[str] = Counter()
    for slot in slots:
        for program in crowds:
            program.stdin.write(slot.isoformat() + "\n")
            program.stdin.flush()
        answers = [json.loads(program.stdout.readline()) for program in crowds]
        won = [number for answer in answers for number in answer["won"]]
        assert len(won) == 1, f"{slot}: {won}"
        winners += won
        for answer in answers:
            told.update(answer["told"])
    print(f"\n{told.total()} attempts on {SLOTS} slots: {dict(told)}")
    assert told == {"booked": SLOTS, "kiosk": SLOTS * (ATTEMPTS - 1)}
    check_what_is_held(either_ground.url, slots, winners)


def check_what_is_held(url: str, slots: list[datetime], winners: list[int]) -> None:
    """Assert that no slot asked for is free, and each is held by its one winner."""
    database = Database(url)
    with database.read() as session:
        appointments = session.scalars(select(Appointment).order_by(Appointment.id))
        made = {each.id: (each.starts_at, each.ends_at) for each in appointments}
        assert made == {
            winner: (slot, slot + timedelta(minutes=30))
            for winner, slot in zip(winners, slots, strict=True)
        }
        expected = {
            (winner, slot)
            for winner, (starts_at, ends_at) in made.items()
            for slot in slots_touched(starts_at, ends_at)
        }
        for table in (KioskSlot, CounterSlot):
            held = session.execute(select(table.appointment_id, table.starts_at))
            assert {tuple(row) for row in held} == expected
    database.dispose()

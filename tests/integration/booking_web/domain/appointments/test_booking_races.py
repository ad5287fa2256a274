# SPDX-License-Identifier: AGPL-3.0-or-later
"""Two secretaries book the same kiosk and hour at once, forty times."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from booking_web.domain.places.grid import slots_touched
from booking_web.tables.appointment import Appointment, CounterSlot, KioskSlot
from provisioning.database.engine import Database
from tests.factories.interpreters import INTERPRETERS, let_interpret

RACER = Path(__file__).with_name("racer.py")
RACES = 40
# Between 9:00 and 17:00 on the wall of Paris at any time of the year.
HOURS = range(8, 15)


def hours_to_race_for() -> list[datetime]:
    """Give hours of working days, from tomorrow on."""
    day = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    hours: list[datetime] = []
    while len(hours) < RACES:
        day += timedelta(days=1)
        if day.weekday() < 5:
            hours.extend(day.replace(hour=hour) for hour in HOURS)
    return hours[:RACES]


@pytest.fixture
def race(either_ground) -> Iterator[Callable[[list[str]], list[dict]]]:
    """Give a function that hands each of two processes its form at the same moment."""
    racers = [
        subprocess.Popen(
            [sys.executable, str(RACER), either_ground.url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]

    def run(forms: list[str]) -> list[dict]:
        for racer, form in zip(racers, forms, strict=True):
            racer.stdin.write(form + "\n")
        for racer in racers:
            racer.stdin.flush()
        return [json.loads(racer.stdout.readline()) for racer in racers]

    yield run
    for racer in racers:
        racer.stdin.close()
        racer.wait(20)
        racer.stdout.close()


@pytest.mark.parametrize(
    ("relays", "taken"),
    [(("wassigny", "wassigny"), "kiosk"), (("wassigny", "guise"), "counter")],
)
def test_exactly_one_of_two_wins_and_the_other_is_told_the_free_hour(
    race, either_ground, relays, taken
) -> None:
    wins: Counter[int] = Counter()
    for hour in hours_to_race_for():
        answers = race(
            [
                f"{number} {relay} {hour.isoformat()}"
                for number, relay in enumerate(relays)
            ]
        )
        [loser] = [answer for answer in answers if "booked" not in answer]
        assert loser["taken"] == taken
        free = datetime.fromisoformat(loser["next"])
        assert free == hour + timedelta(minutes=30)
        wins[next(i for i, each in enumerate(answers) if "booked" in each)] += 1
    assert wins.total() == RACES
    check_what_is_held(either_ground.url)


def test_one_interpreter_is_given_to_one_of_two_organisations(
    race, either_ground
) -> None:
    database = Database(either_ground.url)
    let_interpret(database)
    database.dispose()
    forms = [("wassigny", "msa"), ("guise", "sous-prefecture-vervins")]
    for hour in hours_to_race_for():
        answers = race(
            [
                f"{relay} {relay} {hour.isoformat()} {organisation} {INTERPRETERS}"
                for relay, organisation in forms
            ]
        )
        [loser] = [answer for answer in answers if "booked" not in answer]
        assert loser["taken"] == "interpreter"
        free = datetime.fromisoformat(loser["next"])
        assert free == hour + timedelta(minutes=30)
    check_what_is_held(either_ground.url)


def test_a_double_click_is_one_appointment(race, either_ground) -> None:
    for hour in hours_to_race_for():
        first, second = race([f"same wassigny {hour.isoformat()}"] * 2)
        assert first.keys() == second.keys() == {"booked"}
        assert first["booked"] == second["booked"]
    check_what_is_held(either_ground.url)


def check_what_is_held(url: str) -> None:
    """Assert that each appointment holds its slots and nothing else is held."""
    database = Database(url)
    with database.read() as session:
        appointments = session.scalars(select(Appointment)).all()
        assert len({each.starts_at for each in appointments}) == RACES
        expected = {
            (each.id, slot)
            for each in appointments
            for slot in slots_touched(each.starts_at, each.ends_at)
        }
        for slots in (KioskSlot, CounterSlot):
            held = session.execute(select(slots.appointment_id, slots.starts_at))
            assert {tuple(row) for row in held} == expected
    database.dispose()

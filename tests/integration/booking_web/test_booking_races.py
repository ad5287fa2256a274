# SPDX-License-Identifier: AGPL-3.0-or-later
"""Two secretaries book the same kiosk and hour at once, a hundred times."""

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from booking_web.models import Appointment, CounterSlot, KioskSlot
from booking_web.slots import slots_touched
from provisioning.database import Database

RACER = Path(__file__).with_name("racer.py")
RACES = 100
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


def test_exactly_one_of_two_wins_and_the_other_is_told_the_free_hour(
    either_ground,
) -> None:
    racers = [
        subprocess.Popen(
            [sys.executable, str(RACER), either_ground.url, user_id, organisation],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for user_id, organisation in (("1", "msa"), ("2", "sous-prefecture-vervins"))
    ]
    try:
        wins = Counter()
        for hour in hours_to_race_for():
            for racer in racers:
                racer.stdin.write(hour.isoformat() + "\n")
            for racer in racers:
                racer.stdin.flush()
            answers = [json.loads(racer.stdout.readline()) for racer in racers]
            [loser] = [answer for answer in answers if "booked" not in answer]
            assert loser["taken"] == "kiosk"
            free = datetime.fromisoformat(loser["next"])
            assert free == hour + timedelta(minutes=30)
            wins[next(i for i, each in enumerate(answers) if "booked" in each)] += 1
    finally:
        for racer in racers:
            racer.stdin.close()
            racer.wait(20)
            racer.stdout.close()
    assert wins.total() == RACES
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

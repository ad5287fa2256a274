# SPDX-License-Identifier: AGPL-3.0-or-later
"""A crowd of a race, in a process of its own: many secretaries want one slot at once.

Usage: crowd.py DATABASE_URL NAME SIZE. Each line of stdin is an ISO instant, which SIZE
threads then ask for at the same moment. Each line is answered with one line of JSON: who
won, and how many were told what.
"""

import json
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from booking_web.base.transactions import DatabaseBusy, in_transaction
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.orders import BookingOrder
from booking_web.domain.appointments.refusals import PlaceTaken
from booking_web.domain.appointments.rules import Hours
from provisioning.database.engine import Database


def main() -> None:
    """Take part until stdin ends."""
    url, name, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=sys.stderr))
    database = Database(url)
    start = threading.Barrier(size)

    def attempt(number: int, starts_at: datetime) -> tuple[str, int]:
        request = BookingOrder(
            token=f"{name}-{number}",
            user_id=1,
            relay="wassigny",
            organisation="msa",
            resident_name="M. Dupont",
            starts_at=starts_at,
            hours=Hours.AGREED,
        )
        start.wait()
        while True:
            try:
                booking = in_transaction(
                    database, lambda session: book(session, request, datetime.now(UTC))
                )
                return "booked", booking.appointment.id
            except PlaceTaken as error:
                return error.taken, 0
            except (DatabaseBusy, NoConnectionFree):
                # The page asks the person to send the form once more, so they do.
                continue

    with ThreadPoolExecutor(size) as pool:
        for line in sys.stdin:
            wanted = [datetime.fromisoformat(line.strip())] * size
            answers = list(pool.map(attempt, range(size), wanted))
            told = Counter(answer for answer, _ in answers)
            won = [appointment for answer, appointment in answers if answer == "booked"]
            print(json.dumps({"won": won, "told": told}), flush=True)
    database.dispose()


main()

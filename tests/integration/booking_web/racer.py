# SPDX-License-Identifier: AGPL-3.0-or-later
"""One secretary of a race, in a process of their own: books each hour read from stdin.

Usage: racer.py DATABASE_URL. Each line of stdin is a form: its token,
a relay and an ISO instant. Each is answered with one line of JSON.
"""

import json
import sys
from datetime import UTC, datetime

import structlog

from booking_web.base.transactions import in_transaction
from booking_web.domain.appointments.booking import BookingRequest, PlaceTaken, book
from provisioning.database.engine import Database


def main() -> None:
    """Take part until stdin ends."""
    [url] = sys.argv[1:]
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=sys.stderr))
    database = Database(url)
    for line in sys.stdin:
        token, relay, starts_at = line.split()
        request = BookingRequest(
            token=token,
            user_id=1,
            relay=relay,
            organisation="msa",
            resident_name="M. Dupont",
            reason="",
            starts_at=datetime.fromisoformat(starts_at),
        )
        try:
            booking = in_transaction(
                database, lambda session: book(session, request, datetime.now(UTC))
            )
            told = {"booked": booking.appointment.id}
        except PlaceTaken as error:
            told = {"taken": error.taken, "next": error.next_start.isoformat()}
        print(json.dumps(told), flush=True)


main()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""One secretary of a race, in a process of their own: books each hour read from stdin.

Usage: racer.py DATABASE_URL. Each line of stdin is a form: its token,
a relay and an ISO instant; then, where it is not the MSA alone, an organisation and who
interprets. Each is answered with one line of JSON.
"""

import json
import sys
from datetime import UTC, datetime

import structlog

from booking_web.base.transactions import in_transaction
from booking_web.domain.appointments.asked import asked_for
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.orders import BookingOrder
from booking_web.domain.appointments.refusals import PlaceTaken
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.places.next_start import next_start
from provisioning.database.engine import Database


def main() -> None:
    """Take part until stdin ends."""
    [url] = sys.argv[1:]
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=sys.stderr))
    database = Database(url)
    for line in sys.stdin:
        token, relay, starts_at, *more = line.split()
        organisation, interpreter = more or ("msa", None)
        request = BookingOrder(
            token=token,
            user_id=1,
            relay=relay,
            organisation=organisation,
            interpreter=interpreter,
            resident_name="M. Dupont",
            starts_at=datetime.fromisoformat(starts_at),
            hours=Hours.AGREED,
        )
        try:
            booking = in_transaction(
                database, lambda session: book(session, request, datetime.now(UTC))
            )
            told = {"booked": booking.appointment.id}
        except PlaceTaken as error:
            told = {"taken": error.taken, "next": next_hour(database, request)}
        print(json.dumps(told), flush=True)


def next_hour(database: Database, request: BookingOrder) -> str | None:
    """Give the next free hour, as a page that was refused looks for it."""
    with database.read() as session:
        asked = asked_for(session, request)
        starts_at = next_start(
            session,
            organisation_id=asked.organisation_id,
            relay_id=asked.relay_id,
            length=asked.length,
            after=request.starts_at,
            now=datetime.now(UTC),
            interpreter_id=asked.interpreter_id,
        )
    return starts_at and starts_at.isoformat()


main()

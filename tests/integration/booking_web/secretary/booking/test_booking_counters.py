# SPDX-License-Identifier: AGPL-3.0-or-later
"""Relays that want the same hour of an organisation at once each get a counter of it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.base.transactions import in_transaction
from booking_web.domain.appointments.booking import book
from booking_web.tables.appointment import Appointment
from provisioning.database.engine import Database
from provisioning.database.models import Counter, Kiosk, Organisation, Relay
from tests.factories.orders import an_order

RELAYS = 12


@pytest.fixture
def town_halls(either_ground):
    """Give a database with a dozen relays, and as many counters of the MSA."""
    database = Database(either_ground.url)
    with database.write() as session:
        msa = session.scalars(select(Organisation).where(Organisation.slug == "msa"))
        organisation_id = msa.one().id
        for number in range(RELAYS):
            slug = f"relay-{number}"
            relay = Relay(slug=slug, name=slug, commune=slug)
            session.add(relay)
            session.flush()
            session.add(
                Kiosk(slug=f"k-{number}", relay_id=relay.id, token_digest=f"d-{number}")
            )
            if number:
                session.add(
                    Counter(
                        slug=f"msa-more-{number}",
                        name=f"{number}",
                        organisation_id=organisation_id,
                    )
                )
    yield database
    database.dispose()


def test_everybody_gets_a_counter_while_there_are_enough(town_halls) -> None:
    tomorrow = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    tomorrow += timedelta(days=1)
    start = threading.Barrier(RELAYS)

    def want(number: int, hour: datetime) -> int:
        request = an_order(token=f"{number}", relay=f"relay-{number}", starts_at=hour)
        start.wait()
        booking = in_transaction(
            town_halls, lambda session: book(session, request, datetime.now(UTC))
        )
        return booking.appointment.counter_id

    with ThreadPoolExecutor(RELAYS) as pool:
        for each in range(5):
            hours = [tomorrow + each * timedelta(hours=1)] * RELAYS
            counters = list(pool.map(want, range(RELAYS), hours))
            assert len(set(counters)) == RELAYS
    with town_halls.read() as session:
        assert len(session.scalars(select(Appointment)).all()) == 5 * RELAYS

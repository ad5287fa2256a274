# SPDX-License-Identifier: AGPL-3.0-or-later
"""Several dispatchers on PostgreSQL: each due appointment is claimed by exactly one, and
no kiosk is called for two at once.
"""

import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from booking_web.dispatcher.call_id import parse_call
from booking_web.dispatcher.following.call_events import CallFact
from booking_web.dispatcher.following.facts import apply
from booking_web.dispatcher.placing.claims import Claim, take_claims
from booking_web.tables.states import AppointmentState as S
from provisioning.database.engine import Database
from provisioning.database.schema import upgrade
from stage.appointments import AppointmentBook, put_directory
from stage.postgresql import PrivatePostgres
from stage.waiting import wait_for

SETUP = Path(__file__).parents[4] / ".setup" / "postgresql.json"
DISPATCHERS = 4
KIOSKS = 40
ROUNDS = 5


@pytest.fixture
def url() -> Iterator[str]:
    """Give a migrated database with its directory on a PostgreSQL of the test's own."""
    if not SETUP.exists():
        pytest.skip("no PostgreSQL here: run script/setup --test")
    directory = Path(tempfile.mkdtemp(prefix="guichet-test-"))
    server = PrivatePostgres(directory, SETUP)
    try:
        server.start()
        url = server.new_database("guichet")
        upgrade(url)
        database = Database(url)
        with database.write() as session:
            put_directory(session, kiosks=KIOSKS)
        database.dispose()
        yield url
    finally:
        server.stop()
        shutil.rmtree(directory)


class Rival(threading.Thread):
    """A dispatcher that claims until it finds nothing more, beginning with the others."""

    def __init__(self, url: str, together: threading.Barrier, now: datetime) -> None:
        super().__init__()
        self.claims: list[Claim] = []
        self._database = Database(url)
        self._together = together
        self._now = now

    def run(self) -> None:
        self._together.wait()
        while True:
            # Whatever it met (another's lock, another's row) would end it, and the test.
            with self._database.write() as session:
                claims = take_claims(session, self._now)
            if not claims:
                break
            self.claims += claims
        self._database.dispose()


def test_rival_dispatchers_share_the_work_and_never_a_kiosk(url: str) -> None:
    database = Database(url)
    book = AppointmentBook(database)
    now = datetime.now(UTC)
    for number in range(ROUNDS):
        book.close_all()
        # Two at each kiosk: whoever takes the first must keep the other away.
        due = [
            book.put(f"kiosk-{kiosk}", "msa", starts_at=now - timedelta(minutes=ago))
            for kiosk in range(1, KIOSKS + 1)
            for ago in (2, 1)
        ]
        together = threading.Barrier(DISPATCHERS)
        rivals = [Rival(url, together, now) for _ in range(DISPATCHERS)]
        for rival in rivals:
            rival.start()
        for rival in rivals:
            rival.join()
        claims = [claim for rival in rivals for claim in rival.claims]
        by_kiosk = Counter(claim.kiosk for claim in claims)
        assert by_kiosk == Counter(f"kiosk-{k}" for k in range(1, KIOSKS + 1))
        assert len({claim.call for claim in claims}) == KIOSKS
        assert sum(book.told(id_)[0] == S.CALLING for id_ in due) == KIOSKS
    database.dispose()


def test_who_claims_lets_the_others_wait_and_they_find_nothing(url: str) -> None:
    database = Database(url)
    book = AppointmentBook(database)
    now = datetime.now(UTC)
    for ago in (2, 1):
        book.put("kiosk-1", "msa", starts_at=now - timedelta(minutes=ago))
    rival = Rival(url, threading.Barrier(1), now)
    with database.write() as session:
        (claim,) = take_claims(session, now)
        rival.start()
        wait_for(lambda: _waiting_for_a_turn(database), "the rival waits its turn")
    rival.join()
    # The other appointment is of the same kiosk: chosen at the same time it would have
    # been refused by the database, or two of them would have waited for each other.
    assert rival.claims == []
    assert book.told(claim.appointment_id)[0] == S.CALLING
    database.dispose()


def _waiting_for_a_turn(database: Database) -> bool:
    with database.read() as session:
        return bool(
            session.scalar(
                text(
                    "SELECT count(*) FROM pg_locks WHERE locktype='advisory' AND NOT granted"
                )
            )
        )


def test_the_same_events_heard_by_all_are_written_once(url: str) -> None:
    database = Database(url)
    book = AppointmentBook(database)
    now = datetime.now(UTC)
    number = book.put("kiosk-1", "msa", starts_at=now)
    with database.write() as session:
        (claim,) = take_claims(session, now)
    call = parse_call(claim.call)
    assert call is not None
    story = [
        (CallFact(call, S.QUEUED), now),
        (CallFact(call, S.IN_CALL, counsellor="counsellor-msa-1"), now),
        (CallFact(call, S.DONE), now),
    ]
    together = threading.Barrier(DISPATCHERS)

    def hear() -> None:
        rival = Database(url)
        together.wait()
        for fact in story:
            with rival.write() as session:
                apply(session, [fact])
        rival.dispose()

    rivals = [threading.Thread(target=hear) for _ in range(DISPATCHERS)]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()
    assert book.told(number) == ("done", "")
    assert [period.kind for period in book.periods(number)] == [
        "waiting",
        "ringing",
        "queued",
        "in_call",
    ]
    database.dispose()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Somebody with the database works on the journal: the chain tells what, and where."""

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from booking_web.base.clock import utc_now
from booking_web.commands.main import main as guichet_web
from booking_web.domain.fleet.alerts.findings import LOOKED_AT_WITHIN, find
from booking_web.domain.journal.chaining import Chain, Head, head_of
from booking_web.domain.journal.entries import write_down
from booking_web.domain.journal.forgetting import forget_readings
from booking_web.domain.journal.verifying import Finding, Verified, Wrong, verify
from booking_web.tables.alerts import AlertKind
from booking_web.tables.appointment import JournalEntry
from booking_web.tables.journal_acts import Act
from booking_web.tables.journal_links import JournalLink
from provisioning.database.engine import Database
from stage.waiting import wait_for
from tests.integration.booking_web.conftest import SECRET_KEY, Ground

LINES = 6
WRITERS = 8


class Journal:
    """A journal of a few lines, linked, and who works on it past its triggers."""

    def __init__(self, ground: Ground) -> None:
        self.database = Database(ground.url, signing_key=SECRET_KEY)
        self.chain = Chain(self.database, utc_now)
        for number in range(LINES):
            self.write(f"lines of {number}")
        self.chain.catch_up()

    def write(
        self, detail: str, act: Act = Act.LIST_PRINTED, at: datetime | None = None
    ) -> None:
        with self.database.write() as session:
            write_down(session, act, actor="user:1", at=at or utc_now(), detail=detail)

    def head(self) -> Head:
        with self.database.read() as session:
            return head_of(session)

    def ids(self) -> list[int]:
        with self.database.read() as session:
            return list(
                session.scalars(select(JournalEntry.id).order_by(JournalEntry.id))
            )

    def tamper(self, *changes: str) -> None:
        """Do what the triggers refuse, as whoever owns the database may."""
        with self.database.write() as session:
            for table in ("journal", "journal_link"):
                if session.get_bind().dialect.name == "postgresql":
                    session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
                    continue
                names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
                for name in session.scalars(
                    text(f"{names} AND tbl_name = :table"), {"table": table}
                ).all():
                    session.execute(text(f"DROP TRIGGER {name}"))
            for change in changes:
                session.execute(text(change))

    def verified(self, *kept: Head, key: str = SECRET_KEY) -> Verified:
        with self.database.read() as session:
            return verify(session, [key], utc_now(), kept)


@pytest.fixture
def journal(either_ground: Ground):
    made = Journal(either_ground)
    yield made
    made.database.dispose()


def first_wrong(verified: Verified) -> tuple[Wrong, int | None, int]:
    """Give what is wrong first, where, and the last place before it that is sound."""
    assert verified.first is not None
    return verified.first.wrong, verified.first.position, verified.last_sound


def test_a_journal_that_nobody_touched_is_sound(journal: Journal) -> None:
    verified = journal.verified(journal.head(), Head(0, "0" * 64))
    assert (verified.is_sound, verified.linked, verified.waiting) == (True, LINES, 0)
    assert verified.head == journal.head()


@pytest.mark.parametrize(
    "change",
    ["actor = 'user:2'", "detail = 'lines'", "at = '2026-01-01 00:00:00.000000'"],
)
def test_an_altered_line_is_found(journal: Journal, change: str) -> None:
    third = journal.ids()[2]
    journal.tamper(f"UPDATE journal SET {change} WHERE id = {third}")
    verified = journal.verified()
    assert first_wrong(verified) == (Wrong.ALTERED, 3, 2)
    assert verified.findings == [Finding(Wrong.ALTERED, 3, third)]


def test_a_removed_line_is_found_with_and_without_its_link(journal: Journal) -> None:
    second, _, fourth = journal.ids()[1:4]
    journal.tamper(f"DELETE FROM journal WHERE id = {fourth}")
    assert first_wrong(journal.verified()) == (Wrong.REMOVED, 4, 3)
    journal.tamper(
        f"DELETE FROM journal WHERE id = {second}",
        "DELETE FROM journal_link WHERE position = 2",
    )
    assert first_wrong(journal.verified()) == (Wrong.REMOVED, 2, 1)


def test_a_line_that_was_inserted_by_hand_is_found(journal: Journal) -> None:
    columns = "at, actor, act, appointment_id, resident_id, origin, detail"
    journal.tamper(
        f"INSERT INTO journal ({columns}, seal) SELECT {columns}, '{'0' * 80}'"
        f" FROM journal WHERE id = {journal.ids()[0]}"
    )
    assert journal.verified().findings == [
        Finding(Wrong.INSERTED, None, journal.ids()[-1])
    ]
    journal.chain.catch_up()
    assert first_wrong(journal.verified()) == (Wrong.INSERTED, LINES + 1, LINES)


def test_a_copy_of_a_line_seal_and_all_is_found(journal: Journal) -> None:
    columns = "at, actor, act, appointment_id, resident_id, origin, detail, seal"
    journal.tamper(
        f"INSERT INTO journal ({columns}) SELECT {columns}"
        f" FROM journal WHERE id = {journal.ids()[0]}"
    )
    journal.chain.catch_up()
    assert first_wrong(journal.verified()) == (Wrong.INSERTED, LINES + 1, LINES)


def test_an_altered_link_is_found(journal: Journal) -> None:
    journal.tamper("UPDATE journal_link SET term = NULL WHERE position = 5")
    assert first_wrong(journal.verified()) == (Wrong.LINK_ALTERED, 5, 4)


def test_who_has_another_key_makes_no_line_that_holds(journal: Journal) -> None:
    forged = Database(
        journal.database.url.render_as_string(hide_password=False), signing_key="other"
    )
    with forged.write() as session:
        write_down(session, Act.VIEWED, actor="user:3", at=utc_now())
    forged.dispose()
    journal.chain.catch_up()
    assert first_wrong(journal.verified()) == (Wrong.INSERTED, LINES + 1, LINES)


def test_a_database_of_yesterday_does_not_reach_the_kept_head(journal: Journal) -> None:
    yesterday = journal.head()
    journal.write("of today")
    journal.chain.catch_up()
    kept = journal.head()
    last = journal.ids()[-1]
    journal.tamper(
        f"DELETE FROM journal WHERE id = {last}",
        f"DELETE FROM journal_link WHERE position = {LINES + 1}",
    )
    assert journal.head() == yesterday
    assert journal.verified(yesterday).is_sound
    assert first_wrong(journal.verified(kept)) == (Wrong.OLDER, LINES + 1, LINES)
    # It goes on from there: as long as it was, and another one.
    journal.write("of a day that there was before")
    journal.chain.catch_up()
    assert journal.verified().is_sound
    assert first_wrong(journal.verified(kept))[0] is Wrong.REWRITTEN


def test_nobody_links_for_a_while_and_then_somebody_does(journal: Journal) -> None:
    journal.write("not linked", at=utc_now() - timedelta(minutes=20))
    verified = journal.verified()
    assert verified.findings == [Finding(Wrong.NOT_LINKED, None, journal.ids()[-1])]
    assert (verified.waiting, verified.last_sound) == (1, LINES)
    # Whoever takes over knows nothing of who was killed.
    assert Chain(journal.database, utc_now).catch_up() == 1
    assert journal.verified().is_sound


def test_lines_of_before_the_seals_come_first_and_later_none_is_believed(
    either_ground: Ground,
) -> None:
    database = Database(either_ground.url, signing_key=SECRET_KEY)
    bare = (
        "INSERT INTO journal (at, actor, act, detail) VALUES"
        " ('2026-01-01 00:00:00.000000', 'user:1', 'booked', '')"
    )
    with database.write() as session:
        session.execute(text(bare))
        session.execute(text(bare))
    journal = Journal(either_ground)
    assert journal.verified().is_sound
    assert journal.verified().unsealed == 2
    journal.tamper(bare)
    journal.chain.catch_up()
    assert first_wrong(journal.verified())[:2] == (Wrong.INSERTED, LINES + 3)
    journal.database.dispose()
    database.dispose()


def test_eight_who_write_leave_no_gap(journal: Journal) -> None:
    stop = threading.Event()
    linking = [
        threading.Thread(target=Chain(journal.database, utc_now).keep_up, args=(stop,))
        for _ in range(2)
    ]

    def write(writer: int) -> None:
        for number in range(25):
            journal.write(f"{number} of {writer}", Act.SLIP_MADE)

    writing = [threading.Thread(target=write, args=(each,)) for each in range(WRITERS)]
    for thread in (*linking, *writing):
        thread.start()
    for thread in writing:
        thread.join()
    wanted = LINES + WRITERS * 25
    wait_for(lambda: journal.head().position == wanted, "the lines linked", 60)
    stop.set()
    for thread in linking:
        thread.join()
    with journal.database.read() as session:
        order = select(JournalLink.position).order_by(JournalLink.position)
        assert list(session.scalars(order)) == list(range(1, wanted + 1))
        linked = set(session.scalars(select(JournalLink.entry_id)))
    assert linked == set(journal.ids())
    assert journal.verified().is_sound


def test_who_read_what_is_forgotten_after_a_year_and_the_chain_holds(
    journal: Journal,
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=366)
    journal.write("read long ago", Act.VIEWED, long_ago)
    journal.write("done long ago", Act.SLIP_MADE, long_ago)
    with pytest.raises(DatabaseError), journal.database.write() as session:
        # It has no link yet.
        session.execute(text("DELETE FROM journal WHERE detail = 'read long ago'"))
    journal.chain.catch_up()
    for kept in ("done long ago", "lines of 1"):
        with pytest.raises(DatabaseError), journal.database.write() as session:
            session.execute(text(f"DELETE FROM journal WHERE detail = '{kept}'"))
    with journal.database.write() as session:
        assert forget_readings(session, "prune", utc_now(), dry_run=True) == 1
        assert forget_readings(session, "prune", utc_now()) == 1
    with journal.database.read() as session:
        details = list(session.scalars(select(JournalEntry.detail)))
    assert "read long ago" not in details
    assert {"done long ago", "lines of 1", "1 lines"} <= set(details)
    journal.chain.catch_up()
    verified = journal.verified()
    assert (verified.is_sound, verified.forgotten) == (True, 1)
    with journal.database.write() as session:
        assert forget_readings(session, "prune", utc_now()) == 0


def run(ground: Ground, *arguments: str, key: str = SECRET_KEY) -> Result:
    """Run the command."""
    return CliRunner().invoke(
        guichet_web,
        ["verify-journal", *arguments],
        env={"GUICHET_DATABASE_URL": ground.url, "GUICHET_SECRET_KEY": key},
    )


def test_the_command_says_what_is_wrong_and_keeps_the_head(
    journal: Journal, either_ground: Ground, tmp_path: Path
) -> None:
    file = tmp_path / "head"
    sound = run(either_ground, "--head-file", str(file))
    assert (sound.exit_code, file.read_text()) == (0, f"{journal.head()}\n")
    assert f"sound; the head is {journal.head()}" in sound.stdout
    assert told_of(journal) == []
    [late] = told_of(journal, LOOKED_AT_WITHIN + timedelta(hours=1))
    assert late.startswith("0 - ")
    journal.tamper(f"UPDATE journal SET detail = '' WHERE id = {journal.ids()[1]}")
    told = run(either_ground, "--json", "--head-file", str(file))
    assert told.exit_code == 1
    first = {"wrong": "altered", "position": 2, "entry_id": journal.ids()[1]}
    described = json.loads(told.stdout)
    assert (described["first_wrong"], described["last_sound"]) == (first, 1)
    assert "was altered" in run(either_ground).stdout
    later = run(either_ground, "--head", f"99:{'0' * 64}")
    assert "an older copy of the database came back" in later.stdout
    assert run(either_ground, "--head", "99").exit_code == 2
    at = told_of(journal)[0].rpartition(" ")[2]
    assert told_of(journal) == [f"1 1 {at}"]


def told_of(journal: Journal, later: timedelta = timedelta()) -> list[str]:
    """Give what the watch over the machines finds of the journal, so much later."""
    with journal.database.read() as session:
        found = find(session, (), timedelta(hours=72), datetime.now(UTC) + later)
    return [
        each.detail for each in found if each.subject.kind is AlertKind.JOURNAL_BROKEN
    ]


def test_lines_of_a_former_key_hold_with_that_key(
    journal: Journal, either_ground: Ground, tmp_path: Path
) -> None:
    assert run(either_ground, key="a new key").exit_code == 1
    former = tmp_path / "former-key"
    former.write_text(f"{SECRET_KEY}\n")
    again = run(either_ground, "--former-key-file", str(former), key="a new key")
    assert again.exit_code == 0, again.stdout

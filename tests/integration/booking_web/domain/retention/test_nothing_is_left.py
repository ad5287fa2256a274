# SPDX-License-Identifier: AGPL-3.0-or-later
"""A rare name stood everywhere a name can stand; once erased, it is found nowhere."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from booking_web.base.sms_spool import SmsSpool, SpoolUnreachable
from booking_web.base.transactions import in_transaction
from booking_web.domain.documents.expiry import expire_documents, expire_originals
from booking_web.domain.documents.keeping import Keeper
from booking_web.domain.documents.store import DocumentStore
from booking_web.domain.journal.sms_files import remove_old_sms_files
from booking_web.domain.retention.erasing import erase_resident
from booking_web.domain.retention.pruning import prune
from booking_web.tables.appointment import Appointment
from stage.kiosk_ground import archive_of
from tests.factories.rare_name import RARE, TELEPHONE, Rare, lay_sms, seed_rare

NOW = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)


@pytest.fixture
def archive(database, ground, tmp_path):
    return archive_of(database, ground.url, tmp_path)


@pytest.fixture
def spool(tmp_path) -> SmsSpool:
    (tmp_path / "sms").mkdir()
    return SmsSpool(tmp_path / "sms")


@pytest.fixture
def rare(database, archive, spool) -> Rare:
    rare = seed_rare(database, archive, NOW)
    lay_sms(database, rare, spool)
    return rare


def by_the_officer(database, archive, spool, rare) -> None:
    erase_resident(
        database, archive, spool, rare.resident, actor="user:1", now=NOW, cancels=False
    )


def by_the_term(database, archive, spool, rare) -> None:
    later = NOW + timedelta(days=400)
    in_transaction(database, lambda session: prune(session, 365, later))
    expire_documents(database, archive, 365, later)
    expire_originals(database, Keeper(database, archive, lambda: later), later)
    with database.read() as session:
        remove_old_sms_files(session, spool, later)


@pytest.mark.parametrize("erase", [by_the_officer, by_the_term])
def test_a_rare_name_is_found_nowhere_any_more(
    erase, database, archive, spool, rare, tmp_path, caplog, capfd
) -> None:
    # What is looked for does stand there, or nothing below would mean much.
    seen = set(found_in_rows(tmp_path / "guichet.db"))
    assert len(seen) >= 12, seen
    assert all(map(is_kept(archive.store), rare.contents))
    assert list(readable_in_files(tmp_path / "sms")) != []
    erase(database, archive, spool, rare)
    assert list((tmp_path / "sms").iterdir()) == []
    assert list(found_in_rows(tmp_path / "guichet.db")) == []
    assert not any(map(is_kept(archive.store), rare.contents))
    assert list(readable_in_files(tmp_path / "documents")) == []
    told = caplog.text + "".join(capfd.readouterr())
    assert RARE.lower() not in told.lower()
    # The file of the database itself: what was erased is written over, not just let go.
    database.dispose()
    connection = sqlite3.connect(tmp_path / "guichet.db")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    left = [
        path.name
        for path in tmp_path.glob("guichet.db*")
        if RARE.encode() in path.read_bytes()
    ]
    assert left == []


def test_an_erasure_that_is_killed_half_way_is_run_again_to_the_same_end(
    database, archive, spool, rare, tmp_path, monkeypatch
) -> None:
    removed = archive.store.remove

    def killed(sha256: str) -> None:
        removed(sha256)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(archive.store, "remove", killed)
        by_the_officer(database, archive, spool, rare)
    # All rows still stand there: the officer finds the resident, and erases again.
    assert "resident.name" in set(found_in_rows(tmp_path / "guichet.db"))
    by_the_officer(database, archive, spool, rare)
    assert list(found_in_rows(tmp_path / "guichet.db")) == []
    assert not any(map(is_kept(archive.store), rare.contents))


def test_a_purge_that_is_killed_half_way_is_run_again_to_the_same_end(
    database, archive, spool, rare, tmp_path, monkeypatch
) -> None:
    removed = archive.store.remove

    def killed(sha256: str) -> None:
        removed(sha256)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(archive.store, "remove", killed)
        by_the_term(database, archive, spool, rare)
    by_the_term(database, archive, spool, rare)
    assert list(found_in_rows(tmp_path / "guichet.db")) == []
    assert not any(map(is_kept(archive.store), rare.contents))


def test_an_sms_stays_as_long_as_it_may_still_be_of_use(
    database, archive, spool, rare
) -> None:
    with database.write() as session:
        session.get_one(Appointment, rare.appointment).ends_at = NOW + timedelta(days=9)
    with database.read() as session:
        assert remove_old_sms_files(session, spool, NOW) == 0
        assert len(spool.waiting()) == 1
        later = NOW + timedelta(days=10)
        assert remove_old_sms_files(session, spool, later, dry_run=True) == 1
        assert remove_old_sms_files(session, spool, later) == 1
    assert spool.waiting() == {}


def test_nothing_is_erased_while_the_modems_directory_cannot_be_looked_at(
    database, archive, rare, tmp_path
) -> None:
    (tmp_path / "no directory").touch()
    with pytest.raises(SpoolUnreachable):
        by_the_officer(database, archive, SmsSpool(tmp_path / "no directory"), rare)
    assert "resident.name" in set(found_in_rows(tmp_path / "guichet.db"))
    assert all(map(is_kept(archive.store), rare.contents))


def found_in_rows(file: Path) -> Iterator[str]:
    """Name each column of each table that holds the name, or the telephone."""
    connection = sqlite3.connect(file)
    try:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
        for (table,) in tables.fetchall():
            rows = connection.execute(f'SELECT * FROM "{table}"')
            columns = [each[0] for each in rows.description]
            for row in rows:
                for column, value in zip(columns, row, strict=True):
                    if is_theirs(value):
                        yield f"{table}.{column}"
    finally:
        connection.close()


def is_theirs(value: object) -> bool:
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return RARE.lower() in text.lower() or TELEPHONE.lstrip("+") in text


def is_kept(store: DocumentStore):
    def ask(sha256: str) -> bool:
        return any(store._folder.glob(f"*/*/{sha256}*"))

    return ask


def readable_in_files(folder: Path) -> Iterator[str]:
    """Name each file that tells the name or the telephone."""
    for path in folder.rglob("*"):
        if path.is_file() and is_theirs(path.read_bytes()):
            yield str(path)

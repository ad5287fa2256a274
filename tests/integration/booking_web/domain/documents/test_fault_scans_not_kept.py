# SPDX-License-Identifier: AGPL-3.0-or-later
"""What keeps an arranged scan from being kept leaves the document as it was, and is told."""

import os
import signal
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.base.transactions import in_transaction
from booking_web.domain.documents import arranging, examiner, keepings
from booking_web.domain.documents.archive import MEGABYTE
from booking_web.domain.documents.arranging import Change, lay, read_table
from booking_web.domain.documents.errors import (
    ContentMissing,
    DocumentRefused,
    Refusal,
    StoreFull,
    StoreUnavailable,
)
from booking_web.domain.documents.expiry import expire_originals
from booking_web.domain.documents.keeping import (
    DocumentGone,
    Keeper,
    NoOriginal,
    SourceGone,
    Then,
)
from booking_web.domain.documents.keepings import Keepings, begin_keeping
from booking_web.domain.documents.laid_pages import (
    Crop,
    TooManyPages,
    Turn,
    crop_page,
    drop_page,
    turn_page,
)
from booking_web.domain.documents.table_lines import BeingKept, ChangedMeanwhile
from booking_web.tables.appointment import Appointment
from booking_web.tables.arrangements import Arrangement, DocumentOriginal
from booking_web.tables.documents import Document
from stage.kiosk_ground import (
    S,
    acts_of,
    add_document,
    archive_of,
    bring_to,
    in_call,
)
from stage.waiting import wait_for
from tests.factories.scan_table import tops
from tests.factories.scanned_pages import scan_of, scan_of_colours, scanned_page

WHO = "user:1"
LOCKED_SECONDS = 3.0


class Scan:
    """One scanned document and its table."""

    def __init__(self, database, archive, content: bytes) -> None:
        self.database = database
        self.archive = archive
        self.keeper = Keeper(database, archive, utc_now)
        self.appointment = in_call(database)
        self.id = add_document(archive, self.appointment, content).id
        self.before = self.pdf()

    def document(self) -> Document:
        with self.database.read() as session:
            return session.get_one(Document, self.id)

    def pdf(self) -> bytes:
        return b"".join(self.archive.read(self.document()))

    def table(self, now=None):
        with self.database.read() as session:
            document = session.get_one(Document, self.id)
            return read_table(session, document, now or utc_now())

    def change(self, work, revision=None, actor=WHO) -> None:
        seen = self.table().revision if revision is None else revision

        def in_one(session) -> None:
            work(
                Change(
                    session=session,
                    appointment=session.get_one(Appointment, self.appointment),
                    document=session.get_one(Document, self.id),
                    revision=seen,
                    actor=actor,
                    now=utc_now(),
                )
            )

        in_transaction(self.database, in_one)

    def crop(self, *keys: int) -> None:
        for key in keys:
            box = Crop(0.1, 0.1, 0.9, 0.4)
            self.change(
                lambda change, key=key: lay(
                    change, lambda pages: crop_page(pages, key, box)
                )
            )

    def keep(self) -> None:
        self.keeper.keep(self.id, self.table().revision, WHO)

    def keep_aside(self, keepings_of: Keepings | None = None) -> threading.Event:
        revision = self.table().revision
        self.change(begin_keeping)
        found = keepings_of or Keepings(self.database, self.keeper, utc_now)
        return found.start(self.id, revision, WHO, _nothing)

    def is_as_it_was(self) -> bool:
        with self.database.read() as session:
            originals = session.scalars(select(DocumentOriginal)).all()
        return self.pdf() == self.before and not originals


_nothing: Then = lambda session, appointment, document, pages: None  # noqa: E731


@pytest.fixture
def archive(database, ground, tmp_path):
    return archive_of(database, ground.url, tmp_path)


@pytest.fixture
def scan(database, archive):
    return Scan(database, archive, scan_of_colours("red", "green", "blue"))


def stored(tmp_path) -> int:
    folder = tmp_path / "documents"
    return sum(
        path.is_file()
        for part in ("content", "writing")
        for path in (folder / part).rglob("*")
    )


def test_a_full_disk_leaves_the_document_as_it_was(scan, monkeypatch, tmp_path):
    scan.crop(1)

    def full(_content):
        raise StoreFull("no room")

    monkeypatch.setattr(scan.archive.store, "put", full)
    with pytest.raises(StoreFull):
        scan.keep()
    wait_for(scan.keep_aside().is_set, "it was tried aside")
    assert scan.table().trouble == keepings.FULL
    assert scan.table().kept is None
    assert scan.is_as_it_was() and stored(tmp_path) == 1
    monkeypatch.undo()
    scan.keep()
    assert tops(scan.pdf()) == ["red", "green", "blue"]
    assert scan.pdf() != scan.before and stored(tmp_path) == 2


def test_a_store_whose_folder_is_away_leaves_the_table_as_it_was(scan, tmp_path):
    scan.crop(2)
    laid = scan.table().pages
    folder = tmp_path / "documents"
    (folder / "content").rename(folder / "away")
    with pytest.raises(ContentMissing):
        scan.keep()
    wait_for(scan.keep_aside().is_set, "it was tried aside")
    assert scan.table().trouble == keepings.UNAVAILABLE
    (folder / "content").rmdir() if (folder / "content").exists() else None
    (folder / "away").rename(folder / "content")
    assert scan.is_as_it_was() and scan.table().pages == laid
    scan.keep()
    assert scan.document().pages == 3


def test_what_is_written_and_not_committed_is_taken_away_again(
    scan, monkeypatch, tmp_path
):
    scan.change(lambda change: lay(change, lambda pages: drop_page(pages, 1)))

    def broken(*_arguments, **_options):
        raise RuntimeError("the database went away")

    monkeypatch.setattr("booking_web.domain.documents.keeping.tell", broken)
    with pytest.raises(RuntimeError):
        scan.keep()
    assert scan.is_as_it_was() and stored(tmp_path) == 1
    wait_for(scan.keep_aside().is_set, "it was tried aside")
    assert scan.table().trouble == keepings.FAILED


@pytest.mark.parametrize("how", ["killed", "hung"])
def test_a_process_that_is_killed_or_hangs_is_told(scan, monkeypatch, how, tmp_path):
    scan.crop(1)
    if how == "hung":
        monkeypatch.setattr(examiner, "TIMEOUT_SECONDS", 1.0)
    number = signal.SIGKILL if how == "killed" else signal.SIGSTOP
    scan.archive.examiner.get_ready()
    waiting = scan.archive.examiner.waiting_pid
    assert waiting is not None
    # It takes the order and never answers; or it is gone once it has taken it.
    os.kill(waiting, signal.SIGSTOP)
    killer = threading.Timer(0.5, os.kill, (waiting, number))
    killer.start()
    with pytest.raises(DocumentRefused) as refused:
        scan.keep()
    killer.join()
    assert refused.value.reason is Refusal.BOMB
    assert scan.is_as_it_was() and stored(tmp_path) == 1
    monkeypatch.undo()
    scan.keep()
    assert scan.document().pages == 3


def test_a_document_that_is_removed_meanwhile_stays_removed(
    scan, monkeypatch, tmp_path
):
    scan.crop(1)
    original = scan.archive.store.put

    def removed_first(content):
        sha256 = original(content)
        # Another process removes it at this very moment.
        in_transaction(
            scan.database,
            lambda session: scan.archive.strike_out(session, scan.id, "gone", WHO),
        )
        return sha256

    monkeypatch.setattr(scan.archive.store, "put", removed_first)
    with pytest.raises(DocumentGone):
        scan.keep()
    assert scan.document().removed_at is not None
    with scan.database.read() as session:
        assert session.scalars(select(Arrangement)).all() == []
    with pytest.raises(DocumentGone):
        scan.keeper.keep(scan.id, 1, WHO)


def test_a_joined_document_that_is_removed_or_arranged_is_told(scan, archive):
    other = add_document(archive, scan.appointment, scan_of_colours("white"))
    scan.change(
        lambda change: arranging.join_document(change, other.number, max_pages=200)
    )
    archive.remove(other.id, "unreadable", WHO)
    with pytest.raises(SourceGone):
        scan.keep()
    assert scan.is_as_it_was()
    scan.change(lambda change: lay(change, lambda pages: drop_page(pages, 4)))
    scan.change(lambda change: lay(change, lambda pages: drop_page(pages, 1)))
    scan.keep()
    assert tops(scan.pdf()) == ["green", "blue"]


def test_two_who_change_one_table_the_second_is_told_who_was_quicker(scan):
    turn = lambda pages: turn_page(pages, 1, Turn.LEFT)  # noqa: E731
    scan.change(lambda change: lay(change, turn), revision=0, actor="user:2")
    with pytest.raises(ChangedMeanwhile) as late:
        scan.change(lambda change: lay(change, turn), revision=0)
    assert late.value.by == "user:2"
    assert scan.table().pages[0].turn == 270
    with pytest.raises(ChangedMeanwhile):
        scan.keeper.keep(scan.id, 0, WHO)
    assert scan.is_as_it_was()


def test_while_it_is_kept_nobody_changes_it_and_two_keep_it_once(scan, tmp_path):
    scan.crop(1)
    revision = scan.table().revision
    scan.change(begin_keeping)
    with pytest.raises(BeingKept):
        scan.crop(2)
    with pytest.raises(BeingKept):
        scan.change(begin_keeping)
    assert scan.table().kept == (0, 3)
    scan.keeper.keep(scan.id, revision, WHO)
    with pytest.raises(ChangedMeanwhile):
        scan.keeper.keep(scan.id, revision, WHO)
    assert stored(tmp_path) == 2
    acts = [act for _, act, _ in acts_of(scan.database, scan.appointment)]
    assert acts.count("document_arranged") == 1


def test_who_dies_while_keeping_it_is_told_and_it_can_be_kept_again(scan):
    scan.crop(1)
    scan.change(begin_keeping)
    later = utc_now() + timedelta(seconds=80)
    table = scan.table(later)
    assert (table.kept, table.trouble) == (None, arranging.INTERRUPTED)
    assert scan.is_as_it_was()
    scan.keep()
    assert scan.table().trouble == ""


def test_a_hundred_pages_are_kept_and_how_far_it_is_is_told(database, archive):
    page = scanned_page("page", "red")
    other = scanned_page("page", "blue")
    scan = Scan(database, archive, scan_of(*[page] * 99, other))
    scan.change(lambda change: lay(change, lambda pages: list(reversed(pages))))
    scan.crop(1, 50, 99, 100)
    told: list[tuple[int, int]] = []
    scan.keeper.keep(
        scan.id,
        scan.table().revision,
        WHO,
        tell_progress=lambda done, pages: told.append((done, pages)),
    )
    kept = tops(scan.pdf())
    assert (kept[0], len(kept), set(kept[1:])) == ("blue", 100, {"red"})
    assert told[0] == (3, 100) and told[-1] == (100, 100)


def test_more_pages_than_a_document_may_have_are_not_joined(scan, archive):
    other = add_document(archive, scan.appointment, scan_of_colours("white"))
    with pytest.raises(TooManyPages):
        scan.change(
            lambda change: arranging.join_document(change, other.number, max_pages=3)
        )
    with pytest.raises(arranging.NoSuchScan):
        scan.change(lambda change: arranging.join_document(change, 99, max_pages=200))
    assert len(scan.table().pages) == 3


def test_what_would_be_too_large_is_refused(scan, tmp_path):
    scan.change(lambda change: lay(change, lambda pages: drop_page(pages, 1)))
    scan.archive.max_bytes = 1000
    with pytest.raises(DocumentRefused) as refused:
        scan.keep()
    assert refused.value.reason is Refusal.TOO_LARGE
    assert scan.is_as_it_was() and stored(tmp_path) == 1
    wait_for(scan.keep_aside().is_set, "it was tried aside")
    assert scan.table().trouble == "too_large"
    scan.archive.max_bytes = 25 * MEGABYTE


def test_a_database_that_is_locked_for_a_while_loses_nothing(scan):
    scan.crop(1)
    locked, begins, is_over = threading.Event(), threading.Event(), threading.Event()

    def lock() -> None:
        with scan.database.write() as session:
            session.get_one(Document, scan.id)
            locked.set()
            begins.wait()
            # The fault itself, well within the five seconds for which SQLite is asked again.
            time.sleep(LOCKED_SECONDS)
            is_over.set()

    holder = threading.Thread(target=lock)
    revision = scan.table().revision
    scan.change(begin_keeping)
    holder.start()
    wait_for(locked.is_set, "the database is locked")
    keeping = Keepings(scan.database, scan.keeper, utc_now)
    ended = keeping.start(scan.id, revision, WHO, _nothing)
    begins.set()
    wait_for(ended.is_set, "it is kept")
    # Told before the database was free: nothing was kept before.
    assert is_over.is_set()
    holder.join()
    table = scan.table()
    assert (table.kept, table.trouble, table.is_changed) == (None, "", False)
    assert scan.pdf() != scan.before


def test_the_original_can_come_back_for_a_day_and_is_erased_after_it(scan, tmp_path):
    scan.change(lambda change: lay(change, lambda pages: drop_page(pages, 1)))
    scan.keep()
    kept = scan.pdf()
    later = utc_now() + timedelta(hours=25)
    late = Keeper(scan.database, scan.archive, lambda: later)
    # The call goes on: it still could.
    assert expire_originals(scan.database, scan.keeper, later) == 0
    bring_to(scan.database, scan.appointment, S.DONE)
    assert expire_originals(scan.database, scan.keeper, utc_now()) == 0
    with pytest.raises(NoOriginal):
        late.set_back(scan.id, WHO)
    assert scan.pdf() == kept and stored(tmp_path) == 2
    dry = expire_originals(scan.database, late, later, dry_run=True)
    assert (dry, stored(tmp_path)) == (1, 2)
    assert expire_originals(scan.database, late, later) == 1
    assert scan.pdf() == kept and stored(tmp_path) == 1
    with pytest.raises(NoOriginal):
        scan.keeper.set_back(scan.id, WHO)
    assert ("prune", "original_erased", "document 1") in acts_of(
        scan.database, scan.appointment
    )


def test_setting_back_fails_whole_where_the_store_is_away(scan, monkeypatch):
    scan.change(lambda change: lay(change, lambda pages: drop_page(pages, 1)))
    scan.keep()
    kept = scan.pdf()

    def away():
        raise StoreUnavailable("away")

    monkeypatch.setattr(scan.archive.store, "exclusively", away)
    with pytest.raises(StoreUnavailable):
        scan.keeper.set_back(scan.id, WHO)
    assert scan.pdf() == kept
    monkeypatch.undo()
    scan.keeper.set_back(scan.id, WHO)
    assert scan.is_as_it_was()

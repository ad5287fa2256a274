# SPDX-License-Identifier: AGPL-3.0-or-later
"""The reader of scans is killed, hangs, or has nowhere to keep; nothing is lost by it."""

from datetime import timedelta
from unittest.mock import create_autospec

import pytest
from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.domain.documents.errors import StoreFull
from booking_web.domain.forms.errors import EngineUnavailable, FormRefusal, FormRefused
from booking_web.domain.forms.printed.claims import (
    CLAIM_LASTS,
    GIVEN_UP,
    claim_scan,
    read_again,
)
from booking_web.domain.forms.printed.reading import ScanReader
from booking_web.domain.forms.return_reader import ReturnReader
from booking_web.tables.documents import Document
from booking_web.tables.printed_forms import PrintedForm, ReadingState, ScanReading
from stage import scanned_sheets as scans
from tests.factories.drafts import ANNE
from tests.factories.printed_forms import BOX, Paper, document_of


@pytest.fixture
def paper(either_database, archive) -> Paper:
    return Paper.on(either_database, archive)


@pytest.fixture
def scanned(paper, sent) -> tuple[Paper, int]:
    """Give an appointment with a printed form, of which an unread scan has come."""
    appointment, draft = paper.begin(sent())
    paper.print(appointment, draft)
    first, second = paper.sheets(appointment, 1)
    pages = [first, scans.signed(second, BOX)]
    paper.scan(appointment, pages, then=lambda: None)
    return paper, appointment


def _reading(paper: Paper) -> ScanReading:
    with paper.database.read() as session:
        return session.scalars(select(ScanReading)).one()


def _broken(error: Exception) -> ReturnReader:
    reader = create_autospec(ReturnReader, instance=True)
    reader.look_at.side_effect = error
    return reader


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        # Killed by its limits, or no answer within its time.
        (FormRefused(FormRefusal.ENDLESS), "endless"),
        (FormRefused(FormRefusal.DAMAGED), "damaged"),
        (EngineUnavailable("no process"), "no_process"),
        (RuntimeError("of a library"), "failed"),
    ],
)
def test_a_reading_that_fails_is_told_and_tried_again(scanned, error, reason) -> None:
    paper, appointment = scanned
    broken = ScanReader(paper.database, paper.archive, _broken(error), utc_now)
    assert broken.read_all(appointment) == 1
    told = _reading(paper)
    assert (told.state, told.reason, told.claimed_at) == ("failed", reason, None)
    assert [each.reason for each in paper.seen(appointment).readings] == [reason]
    # It is not tried again by itself: whoever reads next does nothing.
    assert paper.reader.read_all(appointment) == 0
    document = document_of(paper.database, appointment, 2)
    with paper.database.write() as session:
        read_again(session, document)
    assert paper.reader.read_all(appointment) == 1
    seen = paper.seen(appointment)
    assert seen.forms[0].standing.is_complete and seen.readings == ()


def test_a_reader_that_died_leaves_a_claim_that_runs_out(scanned) -> None:
    paper, appointment = scanned
    now = utc_now()
    with paper.database.write() as session:
        assert claim_scan(session, appointment, now) is not None
    assert paper.reader.read_all(appointment) == 0
    later = ScanReader(
        paper.database, paper.archive, ReturnReader(), lambda: now + 2 * CLAIM_LASTS
    )
    assert later.read_all(appointment) == 1
    assert paper.seen(appointment).forms[0].standing.is_complete


def test_a_scan_that_ends_its_readers_is_left_to_a_person(scanned) -> None:
    paper, appointment = scanned
    now = utc_now()
    for claimed in (now, now + 2 * CLAIM_LASTS):
        with paper.database.write() as session:
            assert claim_scan(session, appointment, claimed) is not None
    with paper.database.write() as session:
        assert claim_scan(session, appointment, now + 4 * CLAIM_LASTS) is None
    told = _reading(paper)
    assert (told.state, told.reason) == (ReadingState.FAILED, GIVEN_UP)


def test_two_readers_share_no_scan(scanned) -> None:
    paper, appointment = scanned
    now = utc_now()
    with paper.database.write() as session:
        first = claim_scan(session, appointment, now)
    with paper.database.write() as session:
        second = claim_scan(session, appointment, now + timedelta(seconds=1))
    assert first is not None and second is None


def test_a_full_disk_leaves_no_printed_form_behind(paper, sent, monkeypatch) -> None:
    appointment, draft = paper.begin(sent())
    looked = paper.printed.look_over(appointment, draft)

    def full(_pdf: object) -> str:
        raise StoreFull("no room")

    with monkeypatch.context() as patch:
        patch.setattr(paper.archive.store, "put", full)
        with pytest.raises(StoreFull):
            paper.printed.keep(looked, "Déclaration", ANNE)
    with paper.database.read() as session:
        assert session.scalars(select(PrintedForm)).all() == []
        assert session.scalars(select(Document)).all() == []
    assert paper.printed.keep(looked, "Déclaration", ANNE).document == 1


def test_a_full_disk_leaves_the_form_complete_and_unkept(scanned, monkeypatch) -> None:
    paper, appointment = scanned
    paper.reader.read_all(appointment)
    (form,) = paper.seen(appointment).forms

    def full(_pdf: object) -> str:
        raise StoreFull("no room")

    with monkeypatch.context() as patch:
        patch.setattr(paper.archive.store, "put", full)
        with pytest.raises(StoreFull):
            paper.signed.put_together(appointment, form.id, "signé", ANNE)
    (form,) = paper.seen(appointment).forms
    assert form.standing.is_complete and form.signed is None
    assert paper.signed.put_together(appointment, form.id, "signé", ANNE) == 3


def test_a_scan_laid_anew_is_read_anew(scanned) -> None:
    paper, appointment = scanned
    paper.reader.read_all(appointment)
    document = document_of(paper.database, appointment, 2)
    printed = document_of(paper.database, appointment, 1)
    # Of its pages the second alone is left, as the counsellor's table does it.
    with paper.database.write() as session:
        kept = session.get_one(Document, document.id)
        kept.sha256, kept.pages = printed.sha256, printed.pages
    assert paper.seen(appointment).forms[0].standing.came_back == 0
    assert paper.reader.read_all(appointment) == 1
    standing = paper.seen(appointment).forms[0].standing
    assert (standing.came_back, standing.empty) == (2, (2,))

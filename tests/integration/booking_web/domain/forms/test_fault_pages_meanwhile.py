# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages come, go and are named while others work on the same printed form."""

from dataclasses import replace

import pytest

from booking_web.base.clock import utc_now
from booking_web.domain.forms.printed.correcting import (
    confirm_same_person,
    name_page,
    set_page_aside,
)
from booking_web.domain.forms.printed.errors import NotComplete, PrintedFormGone
from booking_web.domain.forms.return_reader import ReturnReader
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.printed_forms import ReturnedKind
from stage import scanned_sheets as scans
from tests.factories.drafts import ANNE, BRUNO, appointment_of, resident_in
from tests.factories.orders import add_resident
from tests.factories.printed_forms import BOX, Paper, document_of


@pytest.fixture
def either_ground(ground):
    """Check on one database alone."""
    return ground


@pytest.fixture
def paper(either_database, archive) -> Paper:
    return Paper.on(either_database, archive)


@pytest.fixture
def printed(paper, sent) -> tuple[int, int, int]:
    """Give an appointment of a known resident, the draft and its printed form."""
    resident = resident_in(paper.database)
    appointment, draft = paper.begin(sent(), appointment_of(paper.database, resident))
    paper.print(appointment, draft)
    (form,) = paper.seen(appointment).forms
    return appointment, draft, form.id


def sheets_of(paper: Paper, appointment: int, number: int = 1) -> list:
    first, second = paper.sheets(appointment, number)
    return [first, scans.signed(second, BOX)]


def work(paper: Paper, appointment: int, act, *given) -> None:
    with paper.database.write() as session:
        mine = session.get_one(Appointment, appointment)
        act(session, mine, *given, utc_now())


def test_a_page_set_aside_while_they_are_put_together_is_in_no_document(
    paper, printed, monkeypatch
) -> None:
    appointment, _, form = printed
    paper.scan(appointment, sheets_of(paper, appointment))
    page = paper.seen(appointment).forms[0].standing.pages[0].counted
    assemble = ReturnReader.assemble

    def meanwhile(reader, sources, pages):
        work(paper, appointment, set_page_aside, page.id, BRUNO)
        return assemble(reader, sources, pages)

    monkeypatch.setattr(ReturnReader, "assemble", meanwhile)
    with pytest.raises(NotComplete):
        paper.signed.put_together(appointment, form, "signé", ANNE)
    seen = paper.seen(appointment)
    assert (seen.forms[0].signed, seen.forms[0].standing.missing) == (None, (1,))


def test_a_scan_that_comes_while_pages_are_named_takes_nothing_back(
    paper, printed
) -> None:
    appointment, _, form = printed
    first, second = sheets_of(paper, appointment)
    cut_off = second.crop((0, 0, second.width, round(second.height * 0.87)))
    paper.scan(appointment, [cut_off])
    (stray,) = paper.seen(appointment).strays
    paper.scan(
        appointment,
        [first],
        then=lambda: work(paper, appointment, name_page, stray.id, form, 2, 0, ANNE),
    )
    assert paper.reader.read_all(appointment) == 1
    assert paper.seen(appointment).forms[0].standing.missing == ()
    # The last of two who name it is right; what the first said is in the journal.
    work(paper, appointment, name_page, stray.id, form, 1, 0, BRUNO)
    standing = paper.seen(appointment).forms[0].standing
    assert (standing.missing, standing.twice) == ((2,), (1,))


def test_a_confirmation_while_another_scan_is_read_counts_for_it(
    paper, printed, monkeypatch
) -> None:
    before, _, form = printed
    with paper.database.write() as session:
        mine = session.get_one(Appointment, before).resident_id
        born = session.get_one(Resident, mine).birth_date
        # The same person, written down at another relay.
        twin = add_resident(session, utc_now(), "guise", birth_date=born).id
    here = appointment_of(paper.database, twin)
    first, second = sheets_of(paper, before)
    paper.scan(here, [first])
    assert len(paper.seen(here).questions) == 1
    look = ReturnReader.look_at

    def meanwhile(reader, scan, pages, tell):
        work(paper, here, confirm_same_person, form, ANNE)
        return look(reader, scan, pages, tell)

    monkeypatch.setattr(ReturnReader, "look_at", meanwhile)
    paper.scan(here, [second])
    seen = paper.seen(here)
    assert seen.questions == () and seen.forms[0].standing.is_complete


def test_an_old_print_s_page_counts_for_the_old_print_alone(paper, printed) -> None:
    appointment, draft, _ = printed
    old = sheets_of(paper, appointment)
    paper.fill_in(draft, "Durand-Petit")
    assert paper.print(appointment, draft).document == 2
    paper.scan(appointment, old)
    first, second = paper.seen(appointment).forms
    assert (first.is_older, first.standing.is_complete) == (True, True)
    assert second.standing.came_back == 0


def test_marks_that_nobody_printed_are_no_pages(paper, printed, monkeypatch) -> None:
    """A mark sealed with our key for a revision or an appointment that never was."""
    appointment, _, form = printed
    sealed_for = ReturnReader.with_marks

    def forge(reader, pdf, description, printing, key):
        never = replace(printing, digest=b"\0\0\0\0")
        return sealed_for(reader, pdf, description, never, key)

    monkeypatch.setattr(ReturnReader, "with_marks", forge)
    _, draft, _ = printed
    paper.fill_in(draft, "Autre")
    paper.print(appointment, draft)
    paper.scan(appointment, sheets_of(paper, appointment, 2))
    seen = paper.seen(appointment)
    assert [each.kind for each in seen.strays] == [ReturnedKind.OTHER_PRINTING] * 2
    assert [each.standing.came_back for each in seen.forms] == [0, 0]
    with pytest.raises(PrintedFormGone):
        work(paper, appointment_of(paper.database), confirm_same_person, form, ANNE)


def test_the_same_page_in_two_appointments_counts_once(paper, printed) -> None:
    before, _, form = printed
    with paper.database.read() as session:
        resident = session.get_one(Appointment, before).resident_id
    later = appointment_of(paper.database, resident)
    pages = sheets_of(paper, before)
    paper.scan(before, pages)
    paper.scan(later, pages)
    (seen,) = paper.seen(later).forms
    assert (seen.standing.came_back, seen.standing.twice) == (2, (1, 2))
    number = paper.signed.put_together(later, form, "signé", ANNE)
    assert document_of(paper.database, later, number).pages == 2

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A draft is printed, signed, scanned and put together, on either database."""

from hashlib import sha256

import pytest

from booking_web.base.clock import utc_now
from booking_web.domain.forms.printed.correcting import (
    accept_signatures,
    name_page,
    set_page_aside,
)
from booking_web.domain.forms.printed.errors import NotComplete
from booking_web.domain.forms.printed.rows import find_printed
from booking_web.tables.appointment import Appointment
from booking_web.tables.printed_forms import ReturnedKind
from stage import scanned_sheets as scans
from stage.kiosk_ground import acts_of
from tests.factories.drafts import ANNE
from tests.factories.printed_forms import BOX, Paper, document_of


@pytest.fixture
def paper(either_database, archive) -> Paper:
    return Paper.on(either_database, archive)


def test_the_whole_story(paper, sent, either_database) -> None:
    appointment, draft = paper.begin(sent())
    printed = paper.print(appointment, draft)
    assert (printed.document, printed.is_new, printed.unmarked) == (1, True, ())
    first, second = paper.sheets(appointment, 1)
    askew = scans.laid_on(first, scans.Glass(turned=186, noise=6))
    assert paper.scan(appointment, [second, askew]) == 2
    (form,) = paper.seen(appointment).forms
    assert (form.title, form.document, form.is_older) == ("Déclaration", 1, False)
    assert (form.standing.came_back, form.standing.missing) == (2, ())
    assert (form.standing.empty, form.standing.wanted) == ((2,), (2,))
    with pytest.raises(NotComplete):
        paper.signed.put_together(appointment, form.id, "signé", ANNE)
    # The page that was not signed comes once more, in a scan of its own.
    paper.scan(appointment, [scans.signed(second, BOX)])
    (form,) = paper.seen(appointment).forms
    assert form.standing.is_complete and form.standing.twice == (2,)
    number = paper.signed.put_together(appointment, form.id, "signé", ANNE)
    assert number == 4
    assert paper.signed.put_together(appointment, form.id, "signé", ANNE) == 4
    (form,) = paper.seen(appointment).forms
    content = paper.content(appointment, 4)
    assert (form.signed, form.sha256) == (4, sha256(content).hexdigest())
    assert len(scans.drawn_pages(content, 50)) == 2
    assert [
        (actor, act) for actor, act, _ in acts_of(either_database, appointment)
    ] == [
        (ANNE, "draft_begun"),
        (ANNE, "form_printed"),
        (ANNE, "document_added"),
        ("kiosk:wassigny", "scanned"),
        ("reader", "scan_read"),
        ("kiosk:wassigny", "scanned"),
        ("reader", "scan_read"),
        (ANNE, "form_returned"),
        (ANNE, "document_added"),
    ]


def test_a_revision_is_one_document_and_a_change_another(paper, sent) -> None:
    appointment, draft = paper.begin(sent())
    assert paper.print(appointment, draft).document == 1
    again = paper.print(appointment, draft)
    assert (again.document, again.is_new) == (1, False)
    before = paper.printed.look_over(appointment, draft)
    paper.fill_in(draft, "Durand-Petit")
    assert [each.is_older for each in paper.seen(appointment).forms] == [True]
    assert paper.print(appointment, draft).document == 2
    # What was looked over before the change is what is there already.
    assert paper.printed.keep(before, "Déclaration", ANNE).document == 1
    assert [each.is_older for each in paper.seen(appointment).forms] == [True, False]


def test_what_would_print_badly_is_told_before(paper, sent) -> None:
    appointment, draft = paper.begin(sent())
    assert paper.printed.look_over(appointment, draft).doubts == ()
    paper.fill_in(draft, "محمد")
    (doubt,) = paper.printed.look_over(appointment, draft).doubts
    assert (doubt.key, doubt.label, doubt.page) == ("nom", "Nom", 1)
    assert [each.kind for each in doubt.remarks] == ["strangers"]
    paper.fill_in(draft, "")
    (doubt,) = paper.printed.look_over(appointment, draft).doubts
    assert doubt.is_empty


def test_a_part_is_printed_again_once(paper, sent, either_database) -> None:
    appointment, draft = paper.begin(sent())
    paper.print(appointment, draft)
    paper.scan(appointment, paper.sheets(appointment, 1))
    (form,) = paper.seen(appointment).forms
    with either_database.read() as session:
        row = find_printed(session, appointment, form.id)
    part = paper.printed.keep_part(
        row, appointment, form.standing.wanted, "page 2", ANNE
    )
    assert part == paper.printed.keep_part(row, appointment, (2,), "page 2", ANNE) == 3
    assert paper.printed.keep_part(row, appointment, (1, 2), "all", ANNE) == 1
    (sheet,) = paper.sheets(appointment, part)
    paper.scan(appointment, [scans.signed(sheet, BOX)])
    assert paper.seen(appointment).forms[0].standing.is_complete


def test_strays_are_named_for_what_they_are(paper, sent, either_database) -> None:
    appointment, draft = paper.begin(sent())
    other, theirs = paper.begin(sent())
    paper.print(appointment, draft)
    paper.print(other, theirs)
    first, second = paper.sheets(appointment, 1)
    stranger = paper.sheets(other, 1)[0]
    blank = scans.laid_on(first.point(lambda shade: 255), scans.Glass(noise=8))
    cut_off = second.crop((0, 0, second.width, round(second.height * 0.8)))
    paper.scan(appointment, [first, blank, stranger, cut_off])
    seen = paper.seen(appointment)
    assert [(each.scanned, each.kind) for each in seen.strays] == [
        (3, ReturnedKind.OTHER_APPOINTMENT),
        (4, ReturnedKind.NO_MARK),
    ]
    assert seen.forms[0].standing.missing == (2,)
    # A person knows the page whose mark was cut off, and sees that it is signed.
    page = seen.strays[1].id
    with either_database.write() as session:
        mine = session.get_one(Appointment, appointment)
        name_page(session, mine, page, seen.forms[0].id, 2, 0, ANNE, utc_now())
    (form,) = paper.seen(appointment).forms
    assert form.standing.doubtful == (2,)
    with either_database.write() as session:
        mine = session.get_one(Appointment, appointment)
        accept_signatures(session, mine, page, ANNE, utc_now())
    assert paper.seen(appointment).forms[0].standing.is_complete
    with either_database.write() as session:
        mine = session.get_one(Appointment, appointment)
        set_page_aside(session, mine, page, ANNE, utc_now())
    assert paper.seen(appointment).forms[0].standing.missing == (2,)


def test_a_removed_scan_counts_no_more(paper, sent, either_database) -> None:
    appointment, draft = paper.begin(sent())
    paper.print(appointment, draft)
    number = paper.scan(appointment, paper.sheets(appointment, 1))
    assert paper.seen(appointment).forms[0].standing.came_back == 2
    document = document_of(either_database, appointment, number)
    paper.archive.remove(document.id, "unreadable", ANNE)
    assert paper.seen(appointment).forms[0].standing.came_back == 0


def test_what_was_there_before_is_not_looked_through(paper, sent) -> None:
    appointment, draft = paper.begin(sent())
    blank = scans.drawn_pages(paper.printed.look_over(appointment, draft).pdf)
    paper.scan(appointment, blank)
    paper.print(appointment, draft)
    assert paper.reader.read_all(appointment) == 0

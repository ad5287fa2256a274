# SPDX-License-Identifier: AGPL-3.0-or-later
"""A form is printed in one appointment, signed at home, and brought to another."""

from datetime import date

import pytest
from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.domain.forms.printed.correcting import (
    confirm_same_person,
    name_page,
    set_page_aside,
)
from booking_web.domain.forms.printed.errors import KeptElsewhere, PrintedFormGone
from booking_web.domain.forms.printed.rows import find_printed
from booking_web.domain.residents.sameness import Sameness
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.printed_forms import ReturnedKind, ReturnedPage
from stage import scanned_sheets as scans
from stage.kiosk_ground import acts_of
from tests.factories.drafts import ANNE, appointment_of, resident_in
from tests.factories.orders import add_resident
from tests.factories.printed_forms import BOX, Paper, document_of

BORN = date(1948, 3, 7)


@pytest.fixture
def paper(either_database, archive) -> Paper:
    return Paper.on(either_database, archive)


@pytest.fixture
def printed(paper, sent, either_database) -> tuple[int, int]:
    """Give the appointment in which a form was printed, and its resident."""
    resident = resident_in(either_database)
    appointment, draft = paper.begin(sent(), appointment_of(either_database, resident))
    paper.print(appointment, draft)
    return appointment, resident


@pytest.fixture
def later(either_database, printed) -> int:
    """Give a later appointment of the same resident."""
    return appointment_of(either_database, printed[1])


def signed_sheets(paper: Paper, appointment: int) -> list:
    first, second = paper.sheets(appointment, 1)
    return [first, scans.signed(second, BOX)]


def another_resident(database, **values) -> int:
    """Write down somebody at another relay."""
    with database.write() as session:
        return add_resident(session, utc_now(), "guise", **values).id


def confirm(paper: Paper, appointment: int, printed: int) -> None:
    with paper.database.write() as session:
        mine = session.get_one(Appointment, appointment)
        confirm_same_person(session, mine, printed, ANNE, utc_now())


def acts(paper: Paper, appointment: int) -> list[tuple[str, str]]:
    told = [(who, act) for who, act, _ in acts_of(paper.database, appointment)]
    return [each for each in told if each[1].startswith("form_")]


def test_it_is_taken_and_kept_in_the_appointment_to_which_it_is_brought(
    paper, printed, later
) -> None:
    before, _ = printed
    (awaited,) = paper.seen(later).awaited
    assert (awaited.title, awaited.printed_in) == ("Déclaration", before)
    assert paper.seen(before).awaited == ()
    paper.scan(later, signed_sheets(paper, before))
    seen = paper.seen(later)
    (form,) = seen.forms
    assert (seen.strays, seen.questions, seen.awaited) == ((), (), ())
    assert (form.printed_in, form.came_back_in) == (before, (later,))
    assert form.standing.is_complete
    number = paper.signed.put_together(later, form.id, "signé", ANNE)
    assert number == 2
    assert len(scans.drawn_pages(paper.content(later, 2), 50)) == 2
    assert paper.signed.put_together(later, form.id, "signé", ANNE) == 2
    # The earlier appointment says where it is, and does not keep it a second time.
    (form,) = paper.seen(before).forms
    assert (form.signed_in, form.signed, form.came_back_in) == (later, 2, (later,))
    with pytest.raises(KeptElsewhere):
        paper.signed.put_together(before, form.id, "signé", ANNE)
    assert acts(paper, later) == [
        ("reader", "form_brought_back"),
        (ANNE, "form_returned"),
    ]
    assert acts(paper, before) == [
        (ANNE, "form_printed"),
        ("reader", "form_brought_back"),
    ]


def test_its_pages_may_come_back_in_both(paper, printed, later) -> None:
    before, _ = printed
    first, second = signed_sheets(paper, before)
    paper.scan(before, [first])
    paper.scan(later, [second])
    for where in (before, later):
        (form,) = paper.seen(where).forms
        assert form.standing.is_complete and form.came_back_in == (before, later)
    number = paper.signed.put_together(later, form.id, "signé", ANNE)
    assert len(scans.drawn_pages(paper.content(later, number), 50)) == 2


def test_what_is_missing_is_printed_again_where_the_resident_is(
    paper, printed, later
) -> None:
    before, _ = printed
    paper.scan(later, paper.sheets(before, 1))
    (form,) = paper.seen(later).forms
    assert form.standing.wanted == (2,)
    with paper.database.read() as session:
        row = find_printed(session, later, form.id)
    part = paper.printed.keep_part(row, later, (2,), "page 2", ANNE)
    assert document_of(paper.database, later, part).title == "page 2"
    whole = paper.printed.keep_part(row, later, (1, 2), "all", ANNE)
    assert document_of(paper.database, later, whole).pages == 2
    (sheet,) = paper.sheets(later, part)
    paper.scan(later, [scans.signed(sheet, BOX)])
    assert paper.seen(later).forms[0].standing.is_complete


@pytest.mark.parametrize(
    ("who", "how"),
    [
        ({"birth_date": BORN, "telephone": ""}, Sameness.BY_BIRTH_DATE),
        ({"name": "LEFEVRE Zoe", "birth_date": None}, Sameness.BY_TELEPHONE),
    ],
)
def test_where_it_is_only_likely_the_counsellor_says_so_once(
    paper, printed, who, how
) -> None:
    before, _ = printed
    here = appointment_of(paper.database, another_resident(paper.database, **who))
    first, second = signed_sheets(paper, before)
    paper.scan(here, [first])
    seen = paper.seen(here)
    assert (seen.forms, seen.strays, seen.awaited) == ((), (), ())
    (question,) = seen.questions
    assert (question.title, question.pages, question.sameness) == (
        "Déclaration",
        1,
        how,
    )
    # Nothing of it counts before; the earlier appointment hears nothing.
    assert paper.seen(before).forms[0].standing.came_back == 0
    with paper.database.read() as session, pytest.raises(PrintedFormGone):
        find_printed(session, here, question.printed)
    confirm(paper, here, question.printed)
    confirm(paper, here, question.printed)
    assert paper.seen(here).questions == ()
    assert acts(paper, here) == [(ANNE, "form_brought_back")]
    # What comes now is not asked about again.
    paper.scan(here, [second])
    (form,) = paper.seen(here).forms
    assert form.standing.is_complete and paper.seen(here).questions == ()
    assert paper.signed.put_together(here, form.id, "signé", ANNE) == 3


@pytest.mark.parametrize(
    "who",
    [
        {"birth_date": date(1975, 1, 2)},
        {"name": "M. Paul Martin", "birth_date": BORN},
        {"telephone": "+33199000199"},
    ],
)
def test_another_residents_is_refused_without_a_name(paper, printed, sent, who) -> None:
    before, _ = printed
    here = appointment_of(paper.database, another_resident(paper.database, **who))
    _, draft = paper.begin(sent(), here)
    paper.print(here, draft)
    paper.scan(here, signed_sheets(paper, before))
    seen = paper.seen(here)
    assert [each.kind for each in seen.strays] == [ReturnedKind.OTHER_APPOINTMENT] * 2
    assert (seen.questions, seen.forms[0].standing.came_back) == ((), 0)
    with paper.database.read() as session:
        (theirs,) = {each.id for each in paper.seen(before).forms}
        mine = session.get_one(Appointment, here)
        page = seen.strays[0].id
    with paper.database.write() as session:
        mine = session.get_one(Appointment, here)
        with pytest.raises(PrintedFormGone):
            confirm_same_person(session, mine, theirs, ANNE, utc_now())
        with pytest.raises(PrintedFormGone):
            name_page(session, mine, page, theirs, 1, 0, ANNE, utc_now())
    assert paper.seen(before).forms[0].standing.came_back == 0


def test_another_organisations_is_refused(paper, printed, sent) -> None:
    before, resident = printed
    here = appointment_of(
        paper.database, resident, organisation="sous-prefecture-vervins"
    )
    assert paper.seen(here).awaited == ()
    paper.scan(here, signed_sheets(paper, before))
    assert paper.seen(here).forms == ()
    with paper.database.read() as session:
        assert session.scalars(select(ReturnedPage)).all() == []


def test_a_resident_who_is_not_known_is_nobody(paper, sent) -> None:
    before, draft = paper.begin(sent())
    paper.print(before, draft)
    here = appointment_of(paper.database)
    paper.scan(here, signed_sheets(paper, before))
    seen = paper.seen(here)
    assert (seen.forms, seen.questions, seen.awaited) == ((), (), ())


def test_once_merged_two_are_one(paper, printed) -> None:
    before, resident = printed
    double = another_resident(paper.database)
    here = appointment_of(paper.database, double)
    with paper.database.write() as session:
        session.get_one(Resident, double).merged_into_id = resident
    paper.scan(here, signed_sheets(paper, before))
    assert paper.seen(here).forms[0].standing.is_complete


def test_a_print_that_is_not_kept_any_more_comes_back_no_more(
    paper, printed, later
) -> None:
    before, _ = printed
    sheets = signed_sheets(paper, before)
    paper.scan(later, sheets)
    document = document_of(paper.database, before, 1)
    paper.archive.remove(document.id, "expired", "prune")
    seen = paper.seen(later)
    assert (seen.forms, seen.awaited) == ((), ())
    kinds = [each.kind for each in seen.strays]
    assert kinds == [ReturnedKind.OTHER_PRINTING] * 2
    with paper.database.read() as session, pytest.raises(PrintedFormGone):
        find_printed(session, later, 1)


def test_a_page_whose_mark_is_cut_off_is_named_in_the_later_appointment(
    paper, printed, later
) -> None:
    before, _ = printed
    first, second = signed_sheets(paper, before)
    cut_off = second.crop((0, 0, second.width, round(second.height * 0.8)))
    paper.scan(later, [cut_off])
    (stray,) = paper.seen(later).strays
    assert stray.kind is ReturnedKind.NO_MARK
    (theirs,) = {each.id for each in paper.seen(before).forms}
    with paper.database.write() as session:
        mine = session.get_one(Appointment, later)
        name_page(session, mine, stray.id, theirs, 2, 0, ANNE, utc_now())
    (form,) = paper.seen(later).forms
    assert form.standing.missing == (1,)
    with paper.database.write() as session:
        mine = session.get_one(Appointment, later)
        set_page_aside(session, mine, stray.id, ANNE, utc_now())
    assert paper.seen(later).forms == () and len(paper.seen(later).awaited) == 1

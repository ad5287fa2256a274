# SPDX-License-Identifier: AGPL-3.0-or-later
"""A page without a mark is named by a person, and then looked at like any other."""

from collections.abc import Callable

import pytest
from PIL import Image
from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.domain.forms.errors import EngineUnavailable
from booking_web.domain.forms.printed.correcting import accept_signatures, name_page
from booking_web.tables.appointment import Appointment
from booking_web.tables.printed_forms import ReturnedPage, ZoneState
from stage import scanned_sheets as scans
from tests.factories.drafts import ANNE, BRUNO
from tests.factories.printed_forms import BOX, Paper

Sheet = Image.Image


@pytest.fixture
def paper(database, archive) -> Paper:
    return Paper.on(database, archive)


@pytest.fixture
def either_ground(ground):
    """Check on one database alone: what is checked is pictures."""
    return ground


@pytest.fixture
def database(either_database):
    return either_database


def cut_off(page: Sheet) -> Sheet:
    return page.crop((0, 0, page.width, round(page.height * 0.87)))


def as_signed(page: Sheet) -> Sheet:
    return scans.signed(page, BOX)


def askew(page: Sheet) -> Sheet:
    return scans.laid_on(as_signed(page), scans.Glass(turned=4, noise=8))


def letter(page: Sheet) -> Sheet:
    blank = page.point(lambda shade: 255)
    return scans.signed(scans.signed(blank, (60, 60, 400, 300)), BOX)


@pytest.fixture
def named(paper, sent) -> Callable[..., ReturnedPage]:
    """Give a function that scans the second page without its mark, and names it."""
    appointment, draft = paper.begin(sent())
    paper.print(appointment, draft)
    _, second = paper.sheets(appointment, 1)
    (form,) = paper.seen(appointment).forms

    def name(made: Callable[[Sheet], Sheet], page: int = 2, turned: int = 0):
        paper.scan(appointment, [cut_off(made(second)).rotate(turned)])
        (stray,) = paper.seen(appointment).strays
        say(paper, appointment, stray.id, form.id, page)
        return appointment, stray.id

    return name


def say(paper, appointment, returned, printed, page, actor=ANNE) -> None:
    with paper.database.write() as session:
        mine = session.get_one(Appointment, appointment)
        name_page(session, mine, returned, printed, page, 0, actor, utc_now())


def row_of(paper: Paper) -> ReturnedPage:
    with paper.database.read() as session:
        return session.scalars(select(ReturnedPage)).one()


@pytest.mark.parametrize(
    ("made", "state"),
    [(as_signed, ZoneState.SIGNED), (askew, ZoneState.SIGNED), (Sheet.copy, "empty")],
)
def test_its_signature_is_seen(paper, named, made, state) -> None:
    appointment, returned = named(made)
    assert list(row_of(paper).zones.values()) == [ZoneState.UNCERTAIN]
    assert paper.named.check(appointment, returned) == [state]
    assert list(row_of(paper).zones.values()) == [state]
    (form,) = paper.seen(appointment).forms
    assert form.standing.empty == ((2,) if state == "empty" else ())


def test_it_is_turned_though_nobody_said_so(paper, named) -> None:
    appointment, returned = named(as_signed, turned=180)
    assert paper.named.check(appointment, returned) == [ZoneState.SIGNED]
    assert (row_of(paper).turn, abs(row_of(paper).askew) < 0.4) == (180, True)


def test_a_page_that_is_another_is_left_to_a_person(paper, named) -> None:
    appointment, returned = named(letter)
    assert paper.named.check(appointment, returned) == [ZoneState.UNCERTAIN]
    assert row_of(paper).turn == 0


def test_a_page_without_a_zone_needs_no_look(paper, named) -> None:
    appointment, returned = named(as_signed, page=1)
    assert paper.named.check(appointment, returned) == []


def test_what_a_person_said_of_the_signature_stays(paper, named) -> None:
    appointment, returned = named(Sheet.copy)
    with paper.database.write() as session:
        mine = session.get_one(Appointment, appointment)
        accept_signatures(session, mine, returned, ANNE, utc_now())
    assert paper.named.check(appointment, returned) == [ZoneState.ACCEPTED]


def test_where_a_colleague_says_otherwise_meanwhile_theirs_counts(
    paper, named, monkeypatch
) -> None:
    appointment, returned = named(as_signed)
    look = paper.named._reader.named_page

    def slowly(*given):
        seen = look(*given)
        say(paper, appointment, returned, row_of(paper).printed_form_id, 1, BRUNO)
        return seen

    monkeypatch.setattr(paper.named._reader, "named_page", slowly)
    assert paper.named.check(appointment, returned) == []
    row = row_of(paper)
    assert (row.page, row.zones, row.said_by) == (1, {}, BRUNO)


def test_where_the_reader_is_gone_the_page_is_to_be_looked_at(
    paper, named, monkeypatch
) -> None:
    appointment, returned = named(as_signed)

    def gone(*_given):
        raise EngineUnavailable("no process")

    monkeypatch.setattr(paper.named._reader, "named_page", gone)
    assert paper.named.check(appointment, returned) == [ZoneState.UNCERTAIN]
    (form,) = paper.seen(appointment).forms
    assert form.standing.doubtful == (2,)
    monkeypatch.undo()
    assert paper.named.check(appointment, returned) == [ZoneState.SIGNED]

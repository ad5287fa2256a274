# SPDX-License-Identifier: AGPL-3.0-or-later
"""A form of lines and boxes gets fields, and is then a form like any other."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from booking_web.domain.forms.description import FieldKind, LabelSource, Rectangle
from booking_web.domain.forms.engine import FormEngine
from booking_web.domain.forms.errors import FormRefused
from booking_web.domain.forms.geometry import sheet
from booking_web.domain.forms.guides import Comb, Guides, Line, guides_of, snapped
from booking_web.domain.forms.layout import PageLayout
from booking_web.domain.forms.placed import PlacedField
from booking_web.domain.forms.reader import FormRead, FormReader
from tests.factories import pdf_forms
from tests.factories.forms_read import (
    difference,
    draft_of,
    ink,
    page_drawn,
    part,
    picture,
    read_form,
    some_values,
)


@pytest.fixture(scope="module")
def flat() -> FormRead:
    return read_form(pdf_forms.flat().saved())


@pytest.fixture(scope="module")
def layout(flat) -> PageLayout:
    [layout] = FormReader().lay_out(flat.pdf)
    return layout


@pytest.fixture(scope="module")
def engine() -> Iterator[FormEngine]:
    engine = FormEngine()
    yield engine
    engine.close()


def test_lines_frames_and_cells_are_found_where_they_are_drawn(layout) -> None:
    guides = layout.guides
    assert Line(86, 90, 300) in guides.lying
    assert guides.combs == (Comb(Rectangle(130, 130, 80, 16), 5),)
    assert guides.frames == (
        Rectangle(50, 172, 10, 10),
        Rectangle(150, 172, 10, 10),
        Rectangle(50, 222, 495, 120),
    )


def test_fields_are_proposed_with_what_is_printed_beside(layout) -> None:
    fields = [each.field for each in layout.proposed]
    assert [(each.kind, each.label, each.cells) for each in fields] == [
        (FieldKind.TEXT, "Nom", 0),
        (FieldKind.TEXT, "Prénom", 0),
        (FieldKind.COMB, "Code postal", 5),
        (FieldKind.RADIO, "Oui / Non", 0),
        (FieldKind.RADIO, "Oui / Non", 0),
        (FieldKind.MULTILINE, "Votre demande", 0),
    ]
    assert all(each.is_sure for each in layout.proposed)


def test_a_page_that_is_a_picture_has_lines_and_cells_too() -> None:
    form = read_form(pdf_forms.scanned(pdf_forms.flat().saved()).saved())
    [seen] = FormReader().lay_out(form.pdf)
    assert form.description.is_flat
    fields = [each.field for each in seen.proposed]
    assert [(each.kind, each.cells) for each in fields] == [(FieldKind.COMB, 5)]
    lines = [round(each.at) for each in seen.guides.lying if each.length > 200]
    assert lines == pytest.approx([86, 222, 342], abs=1)
    [frame] = seen.guides.frames
    assert (frame.x, frame.y, frame.width, frame.height) == pytest.approx(
        (50, 222, 495, 120), abs=1
    )


@pytest.mark.parametrize(
    "wanted, aligned",
    [
        (Rectangle(92, 70, 205, 14.5), Rectangle(90, 70, 210, 16)),
        (Rectangle(48, 225, 200, 60), Rectangle(50, 222, 198, 63)),
        (Rectangle(400, 400, 50, 12), Rectangle(400, 400, 50, 12)),
    ],
)
def test_what_is_placed_roughly_is_aligned_to_lines(wanted, aligned) -> None:
    guides = guides_of(
        [Line(86, 90, 300)],
        [Line(90, 60, 90), Line(300, 60, 90)],
        [Rectangle(50, 222, 495, 120)],
    )
    assert snapped(wanted, guides) == aligned


def test_a_dashed_line_is_one_and_strokes_part_it_into_cells() -> None:
    dashes = [Line(100, 20 + 6 * each, 24 + 6 * each) for each in range(20)]
    strokes = [Line(x, 94, 100) for x in (20, 32, 44, 60, 72, 84, 96, 108)]
    guides = guides_of(dashes, strokes, [])
    assert guides.lying == (Line(100, 20, 138),)
    assert [(each.rectangle.x, each.cells) for each in guides.combs] == [
        (20, 2),
        (60, 4),
    ]


def test_a_page_without_lines_has_no_guides() -> None:
    assert guides_of([], [], []) == Guides()


PLACED = (
    PlacedField(
        "nom", FieldKind.TEXT, 1, Rectangle(90, 72, 210, 14), "Nom", 0, "", True
    ),
    PlacedField("cp", FieldKind.COMB, 1, Rectangle(130, 130, 80, 16), "Code postal", 5),
    PlacedField("né.le", FieldKind.DATE, 1, Rectangle(400, 72, 90, 14), "Date"),
    PlacedField("oui", FieldKind.RADIO, 1, Rectangle(50, 172, 10, 10), "Oui", 0, "oui"),
    PlacedField(
        "oui", FieldKind.RADIO, 1, Rectangle(150, 172, 10, 10), "Non", 0, "non"
    ),
    PlacedField("vu", FieldKind.BOX, 1, Rectangle(300, 172, 10, 10), "Vu", 0, "Oui"),
    PlacedField(
        "demande", FieldKind.MULTILINE, 1, Rectangle(52, 240, 490, 98), "Demande"
    ),
    PlacedField(
        "visa", FieldKind.SIGNATURE, 1, Rectangle(300, 700, 200, 60), "Signature"
    ),
)


def test_a_form_with_placed_fields_is_read_as_any_other(flat) -> None:
    form = FormReader().with_fields(flat, PLACED)
    told = {each.key: each for each in form.description.fields}
    assert {key: each.kind for key, each in told.items()} == {
        "nom": FieldKind.TEXT,
        "cp": FieldKind.COMB,
        "né-le": FieldKind.DATE,
        "oui": FieldKind.RADIO,
        "vu": FieldKind.BOX,
        "demande": FieldKind.MULTILINE,
        "visa": FieldKind.SIGNATURE,
    }
    assert told["nom"].places[0].rectangle == PLACED[0].rectangle
    assert told["nom"].is_required and told["nom"].label_source is LabelSource.TOOLTIP
    assert told["cp"].max_length == 5
    assert [(each.value, each.text) for each in told["oui"].options] == [
        ("oui", "Oui"),
        ("non", "Non"),
    ]


def test_what_is_filled_in_there_is_shown_and_printed_alike(flat, engine) -> None:
    form = FormReader().with_fields(flat, PLACED)
    values = some_values(form.description, "Œuvré") | {"cp": "02120", "oui": "oui"}
    draft = draft_of(form, values)
    empty = draft_of(form, {}, key="empty")
    final = FormReader().finish(form.pdf, form.description, values)
    page = page_drawn(final.pdf, 1, 1080)
    for place in ("nom", "cp", "né-le", "oui", "vu", "demande"):
        shown = engine.show(draft, place)
        drawn = picture(shown.png)
        assert ink(drawn) > ink(picture(engine.show(empty, place).png))
        assert difference(drawn, part(page, shown.rectangle, 595)) < 0.01
    assert final.remarks == {}


def test_fields_are_placed_anew_and_the_old_ones_are_gone(flat) -> None:
    once = FormReader().with_fields(flat, PLACED)
    again = FormReader().with_fields(once, PLACED[:1])
    assert [each.key for each in again.description.fields] == ["nom"]


def test_fields_are_placed_beside_those_of_the_pdf() -> None:
    own = read_form(pdf_forms.request_for_a_home().saved())
    kept = [each for each in own.description.fields if each.key != "nom"]
    place = replace(PLACED[0], key="employeur", label="Employeur")
    form = FormReader().with_fields(own, [place], kept)
    told = {each.key: each for each in form.description.fields}
    assert set(told) == {"employeur", *(each.key for each in kept)}
    assert [each.key for each in form.description.placed] == ["employeur"]
    for each in kept:
        was, now = replace(each, places=()), replace(told[each.key], places=())
        assert now == was
    again = FormReader().with_fields(form, [], form.description.own)
    assert [each.key for each in again.description.fields] == [
        each.key for each in kept
    ]
    assert not again.description.placed


def test_a_page_is_turned_and_what_was_placed_on_it_stands_upright(
    flat, engine
) -> None:
    form = FormReader().with_fields(flat, PLACED)
    turned = FormReader().turned(form, 1, 90)
    [page] = turned.description.pages
    assert (page.width, page.height) == (842, 595)
    assert {each.key: each.kind for each in turned.description.fields} == {
        each.key: each.kind for each in form.description.fields
    }
    name = next(each for each in turned.description.fields if each.key == "nom")
    was = PLACED[0].rectangle
    place = name.places[0].rectangle
    assert (place.width, place.height) == (was.height, was.width)
    # It is read from left to right there, and finds too little room.
    assert engine.show(draft_of(turned, {"nom": "Œuvré"}), "nom").png
    back = FormReader().turned(turned, 1, 270)
    # Of the annotations of a page the order alone is another.
    assert back.description.pages == form.description.pages
    for now, was in zip(back.description.fields, form.description.fields, strict=True):
        assert replace(now, places=()) == replace(was, places=())
        assert [each.rectangle for each in now.places] == [
            each.rectangle for each in was.places
        ]


def test_what_is_printed_beside_a_field_is_its_label_on_a_turned_page_too() -> None:
    own = read_form(pdf_forms.request_for_a_home().saved())
    turned = FormReader().turned(own, 1, 90)
    assert {
        each.key: (each.label, each.label_source) for each in own.description.fields
    } == {
        each.key: (each.label, each.label_source) for each in turned.description.fields
    }


def test_a_field_on_a_page_that_is_not_there_is_refused(flat) -> None:
    with pytest.raises(FormRefused):
        FormReader().with_fields(flat, [replace(PLACED[0], page=2)])


def test_proposals_can_be_kept_as_they_are(flat, layout, engine) -> None:
    form = FormReader().with_fields(flat, [each.field for each in layout.proposed])
    assert len(form.description.fields) == 5
    assert PageLayout.from_json(layout.to_json()) == layout


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_place_is_the_same_seen_and_in_the_pdf(turned) -> None:
    page = sheet([0, 0, 595, 842], [10, 20, 585, 800], turned)
    seen = Rectangle(100, 150, 60, 20)
    assert page.seen(page.in_pdf(seen)) == seen


@pytest.mark.parametrize("turned", [90, 270])
def test_on_a_turned_page_fields_are_written_upright(engine, turned) -> None:
    made = pdf_forms.PdfForm(has_fields=False)
    made.pdf.pages[0].obj.Rotate = turned
    place = PlacedField("nom", FieldKind.TEXT, 1, Rectangle(100, 100, 300, 20), "Nom")
    form = FormReader().with_fields(read_form(made.saved()), [place])
    [field] = form.description.fields
    assert field.places[0].rectangle == place.rectangle
    drawn = picture(engine.show(draft_of(form, {"nom": "lllllllllll"}), "nom").png)
    left, right = (
        ink(drawn.crop((start, 0, start + drawn.width // 2, drawn.height)))
        for start in (0, drawn.width // 2)
    )
    assert left > 0.01 and right == 0

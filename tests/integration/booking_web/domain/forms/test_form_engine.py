# SPDX-License-Identifier: AGPL-3.0-or-later
"""A draft is drawn as it is filled in, field by field, by a process that may die."""

import threading
from collections.abc import Iterator

import pytest
from PIL import Image

from booking_web.domain.forms.engine import FormEngine
from booking_web.domain.forms.errors import UnknownField
from booking_web.domain.forms.light_picture import light_picture, media_type
from booking_web.domain.forms.reader import FormRead
from booking_web.domain.forms.remarks import Remark, RemarkKind
from tests.factories import pdf_forms
from tests.factories.forms_read import (
    difference,
    draft_of,
    ink,
    part,
    picture,
    read_form,
    some_values,
)


@pytest.fixture(scope="module")
def home() -> FormRead:
    return read_form(pdf_forms.request_for_a_home().saved())


@pytest.fixture(scope="module")
def engine() -> Iterator[FormEngine]:
    engine = FormEngine()
    yield engine
    engine.close()


def inked(engine: FormEngine, form: FormRead, place: str, **values: str) -> float:
    return ink(picture(engine.show(draft_of(form, values), place).png))


@pytest.mark.parametrize(
    "place, values",
    [
        ("nom", {"nom": "Œuvré"}),
        ("cp", {"cp": "02120"}),
        ("dateNaissance", {"dateNaissance": "12/03/1950"}),
        ("demande", {"demande": "Un logement\nà Guise"}),
        ("sexe", {"sexe": "F"}),
        ("sexe#2", {"sexe": "M"}),
        ("accord", {"accord": "Oui"}),
        ("commune", {"commune": "02"}),
        ("reference", {"reference": "A-12"}),
        ("reference#2", {"reference": "A-12"}),
    ],
)
def test_what_is_filled_in_is_seen_and_what_is_taken_back_is_gone(
    engine, home, place, values
) -> None:
    before = inked(engine, home, place)
    assert inked(engine, home, place, **values) > before + 0.003
    assert inked(engine, home, place) == before


def test_a_field_that_nobody_may_type_into_is_drawn_with_its_value(engine) -> None:
    form = pdf_forms.request_for_a_home()
    form.field("dossier", [400, 780, 550, 798], Ff=pdf_forms.READ_ONLY)
    read = read_form(form.saved())
    assert next(each for each in read.description.fields if each.is_read_only)
    before = inked(engine, read, "dossier")
    assert inked(engine, read, "dossier", dossier="A-12") > before + 0.003


def test_one_radio_unticks_the_other(engine, home) -> None:
    empty = inked(engine, home, "sexe")
    inked(engine, home, "sexe", sexe="F")
    assert inked(engine, home, "sexe", sexe="M") == empty


def test_a_field_is_drawn_where_the_page_has_it(engine, home) -> None:
    draft = draft_of(home, some_values(home.description, "Éloïse"))
    page = picture(engine.page(draft, 1, 1080))
    assert page.size == (1080, 1528)
    for place in ("nom", "cp", "demande", "sexe#2", "commune"):
        shown = engine.show(draft, place, 1080)
        assert shown.page == 1 and shown.remarks == (
            (Remark(RemarkKind.TOO_LONG, "1"),) if place == "cp" else ()
        )
        cut = part(page, shown.rectangle, home.description.pages[0].width)
        assert cut.size == picture(shown.png).size
        assert difference(cut, picture(shown.png)) < 0.01


def test_a_page_for_a_thin_line_looks_the_same_and_is_light(engine, home) -> None:
    draft = draft_of(home, some_values(home.description, "Éloïse"))
    usual, light = engine.page(draft, 1), engine.page(draft, 1, is_light=True)
    assert difference(picture(usual), picture(light)) < 0.01
    assert len(light) < len(usual) / 2
    assert (media_type(usual), media_type(light)) == ("image/jpeg", "image/png")


def test_a_scanned_page_for_a_thin_line_is_no_heavier_than_a_photograph() -> None:
    grain = Image.effect_noise((1080, 1528), 60).convert("RGB")
    light = light_picture(grain)
    assert media_type(light) == "image/jpeg"
    assert difference(grain, picture(light)) < 0.1


def test_a_value_that_does_not_fit_is_told(engine, home) -> None:
    def remarks(place: str, value: str) -> tuple[Remark, ...]:
        return engine.show(draft_of(home, {place: value}), place).remarks

    assert remarks("cp", "0212012") == (Remark(RemarkKind.TOO_LONG, "2"),)
    assert remarks("nom", "باب 😀 Łukasz") == (Remark(RemarkKind.STRANGERS, "با😀"),)
    assert remarks("sexe", "X") == (Remark(RemarkKind.NO_SUCH_CHOICE),)
    assert remarks("demande", "Une ligne.\n" * 60) == (Remark(RemarkKind.OVERFLOWS),)
    assert remarks("demande", "Une ligne.\n" * 4) == ()
    assert remarks("nom", "n" * 70) == (Remark(RemarkKind.TINY),)
    assert remarks("nom", "n" * 200) == (Remark(RemarkKind.OVERFLOWS),)


def test_accents_that_come_apart_are_drawn_as_one_letter(engine, home) -> None:
    whole = engine.show(draft_of(home, {"nom": "Élodie"}), "nom")
    apart = engine.show(draft_of(home, {"nom": "E\u0301lodie"}), "nom")
    assert apart.png == whole.png and apart.remarks == ()


def test_a_field_that_is_not_there_is_named(engine, home) -> None:
    with pytest.raises(UnknownField, match="prénom"):
        engine.show(draft_of(home, {}), "prénom")
    with pytest.raises(UnknownField, match="page 9"):
        engine.page(draft_of(home, {}), 9)


def test_values_of_fields_that_a_newer_edition_lost_are_left_alone(
    engine, home
) -> None:
    assert inked(engine, home, "nom", gone="x") == inked(engine, home, "nom")


def test_twenty_drafts_take_turns_and_none_sees_another(engine, home) -> None:
    alone = {
        name: engine.show(draft_of(home, {"nom": name}, key=name), "nom").png
        for name in (f"Nom {number}" for number in range(20))
    }
    assert len(set(alone.values())) == 20
    for name, png in alone.items():
        assert engine.show(draft_of(home, {"nom": name}, key=name), "nom").png == png


def test_many_threads_are_served_each_with_its_own(engine, home) -> None:
    names = [f"Personne {number}" for number in range(8)]
    expected = {
        name: engine.show(draft_of(home, {"nom": name}, key=name), "nom").png
        for name in names
    }
    wrong: list[str] = []

    def write(name: str) -> None:
        for _ in range(20):
            draft = draft_of(home, {"nom": name}, key=name)
            if engine.show(draft, "nom").png != expected[name]:
                wrong.append(name)

    threads = [threading.Thread(target=write, args=(name,)) for name in names]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert wrong == []


def test_a_form_on_which_pages_are_turned_is_drawn_as_it_is_seen(engine) -> None:
    form = pdf_forms.PdfForm()
    form.field("nom", [110, 700, 310, 716])
    form.pdf.pages[0].obj.Rotate = 90
    turned = read_form(form.saved())
    assert inked(engine, turned, "nom", nom="Éloïse") > inked(engine, turned, "nom")


def test_a_box_without_a_look_can_be_ticked(engine) -> None:
    form = pdf_forms.PdfForm()
    form.field("accord", [100, 700, 112, 712], kind="/Btn")
    bare = read_form(form.saved())
    [field] = bare.description.fields
    ticked = {"accord": field.options[0].value}
    assert inked(engine, bare, "accord", **ticked) > inked(engine, bare, "accord")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""On the second screen each field is read with its label from two metres: capitals of 8 mm."""

from collections.abc import Iterator

import pytest
from pikepdf import String
from playwright.sync_api import Page, expect

from booking_web.domain.forms.description import FieldKind, Rectangle
from booking_web.domain.forms.engine import FormEngine
from booking_web.domain.forms.reader import FormReader
from booking_web.pages.kiosk.sheets import corners, letters_of
from booking_web.telling.our_forms.catalogue import OUR_FORMS
from booking_web.telling.our_forms.making import make
from stage.chromium import check_page
from stage.kiosk_ground import archive_of
from stage.waiting import wait_for
from tests.factories.followed import Followed, follow_a_draft
from tests.factories.forms_read import draft_of
from tests.factories.pdf_forms import PdfForm

pytestmark = pytest.mark.real

SCREEN = {"width": 1920, "height": 1080}
# 8 mm of a screen of 24 inches, and how high a capital is in the size of the forms' letters.
CAPITALS, OF_SIZE = 29, 0.716
A4 = [595, 842]
# How large the page is shown, what is framed on it, and whether large letters stand above.
SHOWN = """all => all.map(([size, frame, letters]) => {
  const view = { width: window.innerWidth, height: window.innerHeight };
  return [mirrorZoom(view, size, frame, letters), mirrorIsTooSmall(view, size, frame, letters)];
})"""
LETTERS = """each => {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = getComputedStyle(each).font;
  return pen.measureText("H").actualBoundingBoxAscent;
}"""


def our_fields() -> Iterator[tuple[list[float], list[float], float]]:
    """Give each place of each field of the forms that we make, with its label as it is framed."""
    reader, engine = FormReader(), FormEngine()
    for form in OUR_FORMS.values():
        read = make(form, reader)
        draft = draft_of(read, {})
        for field in read.description.fields:
            for place in field.places:
                page = read.description.pages[place.page - 1]
                framed = engine.show(draft, place.key).framed
                assert has_its_label(framed, place.rectangle, field.kind), field.key
                size = [page.width, page.height]
                yield size, corners(framed), letters_of(field, place)
    engine.close()


def has_its_label(framed: Rectangle, place: Rectangle, kind: FieldKind) -> bool:
    """Tell whether the label above a field, or beside a box, is framed with it."""
    if kind in (FieldKind.BOX, FieldKind.RADIO):
        return framed.right > place.right + 20
    return framed.y < place.y - 8 and framed.bottom <= place.bottom + 1


def generated() -> Iterator[tuple[list[float], list[float], float]]:
    """Give frames of all widths and heights, with letters of all sizes, on several pages."""
    for size in (A4, A4[::-1], [842, 1191], [420, 595]):
        for width in (8, 40, 150, 300, 450, 540):
            for height in (6, 12, 30, 90, 400):
                for letters in (4, 6, 8, 10, 12, 20):
                    if width < size[0] and height < size[1]:
                        yield size, [20, 8, min(width, size[0] - 20), height], letters


@pytest.fixture
def followed(server, ground, database) -> Followed:
    form = PdfForm()
    form.field("adresse", (20, 100, 575, 113), TU=String("Adresse"))
    form.field("nom", (20, 600, 220, 620), TU=String("Nom"))
    # As many forms have it: the label before a line that is as wide as the page.
    form.words("Prénom(s) :", 30, 505)
    form.field("prenoms", (90, 500, 565, 518), TU=String("Prénoms"))
    archive = archive_of(database, ground.url, server.front_folder.parent)
    return follow_a_draft(database, archive, form)


@pytest.fixture
def screen(new_page, ground, followed) -> Page:
    screen = new_page(viewport=SCREEN)
    screen.goto(ground.screen_address("kiosk-wassigny"))
    screen.wait_for_url("**/borne")
    followed.show(1, "adresse")
    expect(screen.locator("#mirror")).to_be_visible()
    return screen


def test_each_field_of_our_forms_and_of_any_is_legible(screen) -> None:
    ours = list(our_fields())
    assert len(ours) > 30
    large = 0
    fields = [*ours, *generated()]
    shown = screen.evaluate(SHOWN, fields)
    for (size, frame, letters), (zoom, is_large) in zip(fields, shown, strict=True):
        told = f"{size} {frame} {letters}"
        # Legible on the page, or else in the large letters above it, and seen as a whole.
        assert is_large or OF_SIZE * letters * zoom >= CAPITALS - 0.1, told
        assert frame[2] * zoom <= SCREEN["width"], told
        assert frame[3] * zoom <= SCREEN["height"], told
        large += is_large
    assert 0 < large < len(fields)


def test_what_is_too_wide_for_the_page_stands_in_large_letters_with_its_label(
    screen, followed
) -> None:
    address = (
        "Lieu-dit Le Moulin de l'Épine, 12 bis chemin de la Grande Prairie à Guise"
    )
    label, value = screen.locator(".mirror-label"), screen.locator(".mirror-value")
    expect(label).to_have_text("Adresse")
    expect(value).to_be_hidden()
    followed.write("adresse", address)
    expect(value).to_have_text(address)
    for each in (label, value):
        assert each.evaluate(LETTERS) >= CAPITALS
    check_page(screen, "kiosk-mirror-large")
    followed.write("adresse", address * 9 + " fin")
    expect(value).to_contain_text("fin")
    left = "each => each.scrollHeight - each.scrollTop - each.clientHeight"
    assert value.evaluate(left) < 2
    frame, view = (
        screen.locator(each).bounding_box()
        for each in (".mirror-frame", ".mirror-view")
    )
    assert frame["x"] >= 0 and frame["x"] + frame["width"] <= SCREEN["width"]
    assert view["y"] <= frame["y"]
    assert frame["y"] + frame["height"] <= SCREEN["height"]
    # What the help key answers stands above it, and covers none of it.
    screen.locator("#help-unsent").evaluate("each => { each.hidden = false; }")
    told, first = (
        screen.locator(each).bounding_box()
        for each in ("#help-unsent", ".mirror-label")
    )
    assert first["y"] >= told["y"] + told["height"]
    screen.locator("#help-unsent").evaluate("each => { each.hidden = true; }")
    followed.write("nom", "Lefèvre")
    expect(label).to_be_hidden()
    assert value.evaluate("each => each.textContent") == ""


def test_the_label_that_is_printed_before_a_wide_field_is_not_cut(
    screen, followed
) -> None:
    followed.show(1, "prenoms")
    wait_for(lambda: label_in_sight(screen), "the whole label, framed")
    for value in ("Lefèvre", "Anne Marie Lucie Geneviève Élisabeth Lefèvre"):
        followed.write("prenoms", value)
        wait_for(lambda: label_in_sight(screen), "the whole label, framed")
    check_page(screen, "kiosk-mirror-label")


def label_in_sight(screen: Page) -> bool:
    """Tell whether all of the label's letters are in sight and within the frame."""
    sheet, frame, view = (
        screen.locator(each).bounding_box()
        for each in ("canvas", ".mirror-frame", ".mirror-view")
    )
    points = sheet["width"] / A4[0]
    left, bottom = sheet["x"] + 30 * points, sheet["y"] + (A4[1] - 505) * points
    right = sheet["x"] + 565 * points
    ends = frame["x"] + frame["width"]
    return (
        view["x"] <= frame["x"] <= left
        and right <= ends <= view["x"] + view["width"]
        and frame["y"] <= bottom - 7 * points
        and bottom <= frame["y"] + frame["height"]
    )

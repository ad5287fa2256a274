# SPDX-License-Identifier: AGPL-3.0-or-later
"""Scans on their table in a real browser: mouse, keyboard, two windows, without scripts."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell_pages
from booking_web.tables.appointment import Appointment
from booking_web.tables.arrangements import Arrangement
from stage.chromium import check_page
from stage.kiosk_ground import in_call
from tests.factories.scanned_pages import scan_of_colours

pytestmark = pytest.mark.real

MSA = "conseiller@msa.example"
SMALL_LAPTOP = {"width": 1366, "height": 768}
# As a page is seen at 200 % on the same screen.
TWICE = {"width": 683, "height": 384}


@pytest.fixture
def appointment(database) -> int:
    return in_call(database)


def open_table(page: Page, appointment: int) -> None:
    page.goto(f"/rendez-vous/{appointment}")
    content = scan_of_colours("red", "green", "blue")
    page.set_input_files(
        "#file",
        {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": content},
    )
    page.fill("#title", "Carte de M. Dupont")
    page.get_by_role("button", name="Ajouter").click()
    page.locator("#arranger-1").click()
    expect(page.locator("[data-laid]")).to_have_count(3)


@pytest.fixture
def table(signed_in, appointment) -> Page:
    """Give the table of a scan of three pages, on a small laptop."""
    page = signed_in(MSA, viewport=SMALL_LAPTOP)
    open_table(page, appointment)
    expect(page.locator("#live-link")).to_contain_text("Mise à jour en direct")
    return page


def order(page: Page) -> list[str]:
    return page.eval_on_selector_all("[data-laid]", "all => all.map(each => each.id)")


def to_console(page: Page, appointment: int) -> None:
    """Wait until the document is kept, however long this machine takes, and go back."""
    words = page.get_by_text("est enregistré")
    page.wait_for_load_state()
    while not words.first.is_visible():
        page.goto(f"/rendez-vous/{appointment}/documents/1/arranger")
    page.goto(f"/rendez-vous/{appointment}")


def test_pages_are_arranged_by_the_keyboard_alone(table, appointment) -> None:
    check_page(table, "scans-table")
    table.focus("#voir-1")
    table.keyboard.press("d")
    expect(table.locator("#page-1")).to_contain_text("tournée à droite")
    # The page that was worked on has the keyboard again.
    expect(table.locator("#voir-1")).to_be_focused()
    table.keyboard.press("Control+ArrowRight")
    expect(table.locator("#page-1 .number")).to_have_text("2")
    expect(table.locator("#voir-1")).to_be_focused()
    assert order(table) == ["page-2", "page-1", "page-3"]
    table.keyboard.press("ArrowRight")
    expect(table.locator("#voir-3")).to_be_focused()
    table.keyboard.press("Delete")
    expect(table.locator("[data-laid]")).to_have_count(2)
    table.focus("#annuler")
    table.keyboard.press("Enter")
    expect(table.locator("[data-laid]")).to_have_count(3)
    table.focus("#voir-3")
    table.keyboard.press("Delete")
    expect(table.locator("[data-laid]")).to_have_count(2)
    check_page(table, "scans-arranged")
    table.select_option("#nature", "identity")
    table.focus("#titre")
    table.keyboard.press("Enter")
    to_console(table, appointment)
    expect(table.locator("#document-1")).to_contain_text("2 pages")
    expect(table.locator("#document-1")).to_contain_text("Pièce d'identité")
    check_page(table, "scans-console")
    table.locator("#arranger-1").click()
    table.get_by_role("button", name="Revenir à la numérisation d'origine").click()
    expect(table.locator("[data-laid]")).to_have_count(3)
    check_page(table, "scans-set-back")


def test_a_page_is_cropped_with_the_mouse_and_by_its_fields(table) -> None:
    table.locator("#voir-2").click()
    expect(table.locator(".crop-sheet img")).to_be_visible()
    table.wait_for_function(
        "document.querySelector('.crop-sheet img').naturalWidth > 9"
    )
    box = table.locator(".crop-sheet img").bounding_box()
    assert box is not None
    table.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.1)
    table.mouse.down()
    table.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.4)
    table.mouse.up()
    expect(table.locator("#gauche")).to_have_value("25")
    expect(table.locator("#haut")).to_have_value("10")
    expect(table.locator("#bas")).to_have_value("60")
    table.focus("#droite")
    table.keyboard.press("ArrowUp")
    expect(table.locator("#droite")).to_have_value("25.5")
    check_page(table, "scans-page")
    table.get_by_role("link", name="Proposer un cadre").click()
    expect(table.locator("#haut")).to_have_value("0")
    table.go_back()
    for side, value in {"gauche": "25", "haut": "10", "droite": "25.5"}.items():
        table.fill(f"#{side}", value)
    table.fill("#bas", "60")
    table.get_by_role("button", name="Recadrer").click()
    expect(table.locator("#page-2")).to_contain_text("recadrée")
    check_page(table, "scans-cropped")
    table.locator("#voir-2").click()
    expect(table.locator("#gauche")).to_have_value("25")
    table.get_by_role("button", name="Page entière").click()
    expect(table.locator("#gauche")).to_have_value("0")


def test_a_colleague_s_change_is_seen_at_once_and_a_late_gesture_is_told(
    table, signed_in, appointment
) -> None:
    colleague = signed_in(MSA, viewport=SMALL_LAPTOP)
    colleague.goto(f"/rendez-vous/{appointment}/documents/1/arranger")
    expect(colleague.locator("[data-laid]")).to_have_count(3)
    revision = colleague.locator(".table-form [name=revision]")
    table.locator("#retirer-1").click()
    expect(table.locator("[data-laid]")).to_have_count(2)
    expect(colleague.locator("[data-laid]")).to_have_count(2)
    # As if the news had not come yet.
    revision.evaluate("field => { field.value = '0'; }")
    colleague.locator("#retirer-2").click()
    expect(colleague.locator(".notice-warning")).to_contain_text("n'a pas été fait")
    expect(colleague.locator("[data-laid]")).to_have_count(2)
    check_page(colleague, "scans-changed-meanwhile")


def test_all_of_it_is_done_without_scripts_at_200_percent(
    signed_in, appointment
) -> None:
    page = signed_in(MSA, without_scripts=True, viewport=TWICE)
    open_table(page, appointment)
    check_page(page, "plain-scans-table")
    page.locator("#demi-tour-1").click()
    expect(page.locator("#page-1")).to_contain_text("renversée")
    page.locator("#voir-1").click()
    page.fill("#haut", "25")
    check_page(page, "plain-scans-page")
    page.get_by_role("button", name="Recadrer").click()
    expect(page.locator("#page-1")).to_contain_text("recadrée")
    page.locator("#apres-1").click()
    page.locator("#retirer-3").click()
    expect(page.locator("[data-laid]")).to_have_count(2)
    page.get_by_role("button", name="Écrire cette mention").click()
    expect(page.locator("#mark-hint")).to_contain_text("sera écrit sur chaque page")
    page.get_by_role("button", name="Enregistrer les pages ainsi").click()
    to_console(page, appointment)
    expect(page.locator("#document-1")).to_contain_text("2 pages")


def test_how_far_it_is_is_seen_live_and_so_is_what_went_wrong(
    table, database, appointment
) -> None:
    def tell(**told: object) -> None:
        with database.write() as session:
            line = session.scalars(select(Arrangement)).one()
            for name, value in told.items():
                setattr(line, name, value)
            kept = session.get_one(Appointment, appointment)
            tell_pages(session, News.PAGES_LAID, kept, utc_now())

    table.locator("#gauche-1").click()
    expect(table.locator("#page-1")).to_contain_text("tournée à gauche")
    expect(table.locator("#live-link")).to_contain_text("Mise à jour en direct")
    # As another worker tells it, of a document of a hundred pages.
    tell(keeping_at=utc_now(), pages_kept=42, pages_to_keep=100)
    expect(table.locator("progress")).to_have_attribute("value", "42")
    expect(table.locator("#droite-1")).to_be_disabled()
    check_page(table, "scans-being-kept")
    tell(keeping_at=None, trouble="full")
    expect(table.locator(".notice-warning")).to_contain_text("disque")
    expect(table.locator("#page-1")).to_contain_text("tournée à gauche")
    check_page(table, "scans-not-kept")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A document on the second screen is looked at closely: the counsellor says where and how."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.domain.kiosks.looking_closely import opened
from booking_web.domain.kiosks.screen_content import WHOLE, Closer
from booking_web.domain.kiosks.second_screen import show_page
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from stage.chromium import check_page
from stage.kiosk_ground import add_document, archive_of, in_call
from stage.waiting import wait_for
from tests.factories.pdf_forms import PdfForm

pytestmark = pytest.mark.real

MSA = "conseiller@msa.example"
SCREEN = {"width": 1920, "height": 1080}
# Capitals of 8 mm on a screen of 24 inches, of letters of 10 points on an A4 page.
CAPITALS, LETTERS, A4_HIGH = 29, 0.716 * 10, 842


def turn_to(database, page: int, closer: Closer = WHOLE) -> None:
    """Have the screen show this page of a document."""
    with database.write() as session:
        document = session.scalars(select(Document)).one()
        appointment = session.get_one(Appointment, document.appointment_id)
        show_page(session, appointment, document, page, "kiosk:k", utc_now(), closer)


@pytest.fixture
def shown(server, ground, database) -> str:
    """Have the screen show a page of letters; give the address where it is pointed at."""
    form = PdfForm(2)
    for line in range(38):
        for page in (1, 2):
            words = f"Ligne {line + 1} de la lettre, votre dossier et votre demande."
            form.words(words, 70, 780 - 19 * line, page)
    archive = archive_of(database, ground.url, server.front_folder.parent)
    appointment_id = in_call(database)
    number = add_document(archive, appointment_id, form.saved()).number
    turn_to(database, 1)
    return f"/rendez-vous/{appointment_id}/documents/{number}/montrer"


@pytest.fixture
def screen(new_page, ground, shown) -> Page:
    page = new_page(viewport=SCREEN)
    page.goto(ground.screen_address("kiosk-wassigny"))
    page.wait_for_url("**/borne")
    expect(page.locator(".paper img")).to_be_visible()
    return page


def lie(screen: Page) -> dict[str, float]:
    """Give where the page lies on the screen once it stands still."""
    picture, before = screen.locator(".paper img"), None
    while before != (before := picture.bounding_box()):
        screen.wait_for_timeout(120)
    assert before is not None
    return before


def is_zoomed(screen: Page, times: float) -> None:
    high = SCREEN["height"] * times
    wait_for(
        lambda: abs(screen.locator(".paper img").bounding_box()["height"] - high) < 3,
        f"a page {times} times as high as the screen",
    )


def test_the_counsellor_goes_closer_and_the_resident_sees_it_with_the_pointer(
    screen, signed_in, shown, database
) -> None:
    desk = signed_in(MSA, viewport={"width": 1366, "height": 768})
    desk.goto(shown)
    page = desk.locator(".pointed")
    box = page.bounding_box()
    page.click(position={"x": box["width"] / 2, "y": box["height"] * 0.6})
    is_zoomed(screen, 2)
    found = lie(screen)
    assert abs(found["y"] + 0.6 * found["height"] - SCREEN["height"] / 2) < 6
    expect(
        desk.get_by_text("Au second écran : la page agrandie 2 fois.")
    ).to_be_visible()
    page.focus()
    desk.keyboard.press("+")
    desk.keyboard.press("+")
    is_zoomed(screen, 4)
    desk.keyboard.press("-")
    is_zoomed(screen, 3)
    assert LETTERS * lie(screen)["height"] / A4_HIGH >= CAPITALS - 2
    # A picture that is sharp at that size came instead.
    wait_for(
        lambda: (
            screen.locator(".paper img").evaluate("each => each.naturalHeight") > 3200
        ),
        "the large picture",
    )
    check_page(screen, "kiosk-closer")
    desk.keyboard.press("Control+ArrowDown")
    desk.keyboard.press("Control+ArrowDown")
    desk.keyboard.press("Control+ArrowDown")
    wait_for(
        lambda: abs(lie(screen)["y"] + lie(screen)["height"] - SCREEN["height"]) < 3,
        "the end of the page",
    )
    check_page(desk, "console-closer")
    # The ring is where the mouse is, also where that part was out of sight.
    for down in (0.9, 0.1):
        page.hover(position={"x": box["width"] * 0.4, "y": box["height"] * down})
        wait_for(lambda down=down: ring_is_at(screen, 0.4, down), "the ring")
    turn_to(database, 2)
    is_whole(screen)
    expect(desk.get_by_text("Au second écran : la page entière.")).to_be_visible()
    desk.get_by_role("button", name="Agrandir").click()
    is_zoomed(screen, 1.5)
    desk.locator(".pointed").focus()
    desk.keyboard.press("0")
    is_whole(screen)


def is_whole(screen: Page) -> None:
    expect(screen.locator("body")).not_to_have_class("is-closer")
    wait_for(lambda: lie(screen)["height"] <= SCREEN["height"], "the whole page")


def ring_is_at(screen: Page, across: float, down: float) -> bool:
    ring, paper = screen.locator("#pointer").bounding_box(), lie(screen)
    if ring is None:
        return False
    x, y = ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2
    is_there = (
        abs(x - paper["x"] - across * paper["width"]) < 25
        and abs(y - paper["y"] - down * paper["height"]) < 25
    )
    return is_there and 0 <= x <= SCREEN["width"] and 0 <= y <= SCREEN["height"]


def test_a_page_is_legible_as_it_opens_with_its_lines_whole_and_its_first_at_the_top(
    screen, signed_in, shown, database
) -> None:
    desk = signed_in(MSA)
    turn_to(database, 2, opened(595, A4_HIGH))
    is_zoomed(screen, 3)
    paper = lie(screen)
    points = paper["height"] / A4_HIGH
    assert LETTERS * points >= CAPITALS - 2
    assert abs(paper["y"]) < 3
    # The lines begin 70 points from the page's side.
    assert paper["x"] + 70 * points > 0
    assert paper["x"] + (595 - 70) * points < SCREEN["width"]
    check_page(screen, "kiosk-document-opened")
    desk.goto(shown)
    expect(
        desk.get_by_text("Au second écran : la page agrandie 3 fois.")
    ).to_be_visible()
    desk.get_by_role("button", name="Page entière").click()
    is_whole(screen)


def test_without_scripts_buttons_do(screen, signed_in, shown) -> None:
    desk = signed_in(MSA, without_scripts=True)
    desk.goto(shown)
    desk.get_by_role("button", name="Agrandir").click()
    is_zoomed(screen, 1.5)
    desk.get_by_role("button", name="Vers le bas").click()
    wait_for(
        lambda: abs(lie(screen)["y"] + lie(screen)["height"] - SCREEN["height"]) < 3,
        "the end of the page",
    )
    check_page(desk, "console-closer-without-scripts")
    desk.get_by_role("button", name="Page entière").click()
    is_whole(screen)

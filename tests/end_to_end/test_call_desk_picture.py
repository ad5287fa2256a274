# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk's picture at the counsellor's desk, enlarged and kept, in a real call."""

import io
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from booking_web.tables.appointment import JournalEntry
from booking_web.tables.documents import Document
from stage.browser_account import open_desk
from stage.browser_desk import (
    LAPTOP,
    BrowserDesks,
    expect_state,
    pictures_seen,
    take_calls,
)
from stage.chromium import check_page
from stage.kiosk_screen import screen_address
from stage.stack import Stage
from stage.story import KIOSK
from stage.waiting import PATIENCE, wait_for
from tests.end_to_end.desk_ground import ACCOUNT, CALLS_IN_A_BROWSER, call_for, press

pytestmark = CALLS_IN_A_BROWSER

PATIENT_MS = 30_000 * PATIENCE


@pytest.fixture
def page(browser_stage: Stage, desks: BrowserDesks) -> Page:
    """Give the desk in a call whose picture has come; the call ends with the test."""
    page = open_desk(browser_stage, desks, ACCOUNT)
    # A busy machine takes its time, and what was kept must not slip out of reach meanwhile.
    page.locator("#call-desk").evaluate("desk => { desk.dataset.undoSeconds = 300; }")
    take_calls(page)
    call_for(browser_stage)
    expect_state(page, "ringing")
    page.keyboard.press("Alt+Shift+KeyR")
    expect_state(page, "in_call")
    wait_for(lambda: pictures_seen(page) > 5, "the kiosk's picture", 30, 0.1)
    return page


def seen_in_database(browser_stage: Stage, query: Any) -> list[Any]:
    database = browser_stage.database()
    try:
        with database.read() as session:
            return list(session.scalars(query))
    finally:
        database.dispose()


def stills(browser_stage: Stage) -> list[Document]:
    return seen_in_database(
        browser_stage,
        select(Document).where(Document.source == "still").order_by(Document.id),
    )


def picture_size(page: Page, still: Document) -> tuple[int, int]:
    """Give how many pixels the picture in the PDF has, as the counsellor downloads it."""
    address = f"/rendez-vous/{still.appointment_id}/documents/{still.number}.pdf"
    content = page.request.get(address).body()
    with pypdfium2.PdfDocument(io.BytesIO(content)) as pdf:
        [picture] = pdf[0].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])
        size: tuple[int, int] = picture.get_px_size()
        return size


def transform(page: Page) -> str:
    found: str = page.locator("#far-picture").evaluate("each => each.style.transform")
    return found


def camera_size(page: Page) -> tuple[int, int]:
    width, height = page.locator("#far-picture").evaluate(
        "each => [each.videoWidth, each.videoHeight]"
    )
    return width, height


def test_one_press_keeps_the_picture_and_another_takes_it_back(
    browser_stage: Stage, page: Page
) -> None:
    browser = page.context.browser
    assert browser is not None
    screen = browser.new_page(viewport={"width": 1920, "height": 1080}, locale="fr-FR")
    screen.goto(screen_address(browser_stage, KIOSK))
    expect(screen.get_by_text("Le conseiller est là.")).to_be_visible()

    page.keyboard.press("Alt+Shift+KeyG")
    told = page.locator("[data-place=still]")
    # Whether the telephone rings is said beside the call alone, whatever is open in the frame.
    bar = page.locator("#duty")
    expect(bar).to_contain_text("En communication", timeout=PATIENT_MS)
    expect(page.frame_locator("iframe").locator("#duty")).to_have_count(0)
    expect(told).to_contain_text("Image gardée", timeout=PATIENT_MS)
    expect(page.locator("[data-act=undo_still]")).to_be_visible()
    for size in (LAPTOP, {"width": 683, "height": 384}, {"width": 320, "height": 640}):
        page.set_viewport_size(size)
        check_page(page, "call-desk-still")
    page.set_viewport_size(LAPTOP)
    [kept] = stills(browser_stage)
    assert kept.title.startswith("Image de l'appel")
    # Whoever sits there reads it, without anybody asking for it.
    expect(screen.locator(".still-told")).to_be_visible(timeout=PATIENT_MS)
    check_page(screen, "kiosk-still")
    # It stands in the file beside the call, which nobody touched.
    card = page.frame_locator("iframe").locator(f"#document-{kept.number}")
    expect(card).to_contain_text("image de l'appel", timeout=PATIENT_MS)
    # A second one, taken back while it is offered.
    press(page, "still")
    expect(told).to_contain_text(f"document {kept.number + 1}", timeout=PATIENT_MS)
    press(page, "undo_still")
    expect(told).to_contain_text("rien n'est gardé", timeout=PATIENT_MS)
    expect(page.locator("[data-act=undo_still]")).to_be_hidden()
    first, second = stills(browser_stage)
    assert first.removed_at is None
    assert (second.removal_reason, second.title) == ("undone", "")
    assert picture_size(page, first) == camera_size(page)
    acts = seen_in_database(
        browser_stage, select(JournalEntry.act).where(JournalEntry.act == "still_kept")
    )
    assert len(acts) == 2
    expect(screen.locator(".still-told")).to_have_count(0, timeout=3 * PATIENT_MS)
    screen.close()


def test_the_picture_is_enlarged_by_keys_wheel_and_buttons_and_kept_as_it_is_seen(
    browser_stage: Stage, page: Page
) -> None:
    said = page.locator("[data-place=said]")
    picture = page.locator("#desk-pictures")
    picture.focus()
    for times in ("1,5", "2"):
        page.keyboard.press("+")
        expect(said).to_have_text(f"Agrandi {times} fois")
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowUp")
    # The upper left quarter, and nothing beside the picture.
    assert transform(page) == "translate(0%, 0%) scale(2)"
    for size in (LAPTOP, {"width": 683, "height": 384}, {"width": 320, "height": 640}):
        page.set_viewport_size(size)
        check_page(page, "call-desk-zoomed")
    page.set_viewport_size(LAPTOP)
    # The line is taken up anew in the call: what was looked at stays.
    press(page, "hold")
    expect_state(page, "held")
    press(page, "hold")
    expect_state(page, "in_call")
    assert transform(page) == "translate(0%, 0%) scale(2)"

    known = len(stills(browser_stage))
    press(page, "still")
    expect(page.locator("[data-place=still]")).to_contain_text(
        "Image gardée", timeout=PATIENT_MS
    )
    kept = stills(browser_stage)[known]
    width, height = camera_size(page)
    assert picture_size(page, kept)[0] == width // 2
    assert picture_size(page, kept)[1] <= height

    picture.hover()
    page.mouse.wheel(0, -100)
    expect(said).to_have_text("Agrandi 3 fois")
    press(page, "whole")
    expect(said).to_have_text("Image entière")
    assert transform(page) == ""
    press(page, "larger")
    expect(said).to_have_text("Agrandi 1,5 fois")
    press(page, "leave")
    press(page, "now")
    expect_state(page, "waiting")
    assert transform(page) == ""


def test_a_pause_is_asked_for_beside_the_call_while_a_cv_is_written(
    browser_stage: Stage, page: Page
) -> None:
    frame = page.frame(name="dossier")
    assert frame is not None
    frame.goto(frame.url.partition("?")[0] + "/cv")
    bar = page.locator("#duty")
    bar.locator("select").select_option("meeting")
    bar.locator("#duty-pause").click()
    expect(bar.locator("#duty-available")).to_be_visible(timeout=PATIENT_MS)
    expect(bar).to_contain_text("réunion", timeout=PATIENT_MS)
    expect_state(page, "in_call")
    assert frame.url.endswith("/cv")
    for size in (LAPTOP, {"width": 683, "height": 384}, {"width": 320, "height": 640}):
        page.set_viewport_size(size)
        check_page(page, "call-desk-pause-asked")
    page.set_viewport_size(LAPTOP)
    bar.locator("#duty-available").click()
    expect(bar.locator("#duty-pause")).to_be_visible(timeout=PATIENT_MS)
    expect_state(page, "in_call")

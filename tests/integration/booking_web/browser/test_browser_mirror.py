# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second screen in a real browser: follows each key, legible, empty after the call."""

import re
import time
from collections.abc import Callable

import psutil
import pytest
from playwright.sync_api import Page, expect

from booking_web.base.clock import utc_now
from booking_web.domain.appointments.lifecycle import move
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState as State
from stage.chromium import check_page
from stage.kiosk_ground import archive_of
from stage.waiting import PATIENCE, wait_for
from tests.factories.drafts import ANNE
from tests.factories.followed import Followed, follow_a_draft

pytestmark = pytest.mark.real

MSA = "conseiller@msa.example"
SCREEN = {"width": 1920, "height": 1080}
# Where the screen asks what it is to show.
MIRROR = "/borne/miroir"
# Where fields of the form stand, in points.
NAME, AGREED, REQUEST = (100, 68, 200, 18), (50, 310, 12, 12), (50, 158, 500, 84)
# How wide each is with the label that is printed beside or above it.
WITH_LABEL = {NAME: 250, AGREED: 121.29, REQUEST: 500}
# How dark a part of the canvas is, in hundredths; -1 where there is none.
INK = """([x, y, width, height]) => {
  const canvas = document.querySelector("#mirror canvas");
  if (document.getElementById("mirror").hidden) { return -1; }
  const scale = canvas.width / 595;
  const part = canvas.getContext("2d").getImageData(
    (x + 1) * scale, (y + 1) * scale, (width - 2) * scale, (height - 2) * scale).data;
  let dark = 0;
  for (let at = 0; at < part.length; at += 4) { dark += part[at] < 128 ? 1 : 0; }
  return 400 * dark / part.length;
}"""

# How high a capital of an element's own letters is, in pixels.
CAPITALS = """each => {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = getComputedStyle(each).font;
  return pen.measureText("H").actualBoundingBoxAscent;
}"""


@pytest.fixture
def followed(server, ground, database) -> Followed:
    archive = archive_of(database, ground.url, server.front_folder.parent)
    return follow_a_draft(database, archive)


@pytest.fixture
def screen(new_page, ground, followed) -> Page:
    page = new_page(viewport=SCREEN)
    page.goto(ground.screen_address("kiosk-wassigny"))
    page.wait_for_url("**/borne")
    followed.show(1, "nom")
    expect(page.locator("#mirror")).to_be_visible()
    return page


def ink(screen: Page, part) -> float:
    return float(screen.evaluate(INK, list(part)))


def becomes(what: Callable[[], bool]) -> None:
    wait_for(what, "what is on the second screen")


def box_of(screen: Page, name: str) -> dict[str, float]:
    found = screen.locator(name).bounding_box()
    assert found is not None
    return found


def framed(screen: Page) -> None:
    """Wait until the page stands still."""
    before = None
    while before != (before := box_of(screen, ".mirror-frame")):
        time.sleep(0.1)


def legible_from_two_metres(screen: Page, capitals: float, value: str) -> None:
    """Hold the page's letters, or else those above it, to 8 mm: capitals of 29 pixels."""
    large = screen.locator(".mirror-value")
    if capitals < 28.9:
        expect(large).to_have_text(value)
    if large.is_visible():
        for name in (".mirror-label", ".mirror-value"):
            letters = screen.locator(name).evaluate(CAPITALS)
            assert letters >= 29


def test_each_key_is_seen_framed_and_legible_from_two_metres(screen, followed) -> None:
    check_page(screen, "kiosk-mirror")
    for field, value, part in (
        ("nom", "Lefèvre", NAME),
        ("accord", "Oui", AGREED),
        ("demande", "Un logement près de la gare.", REQUEST),
    ):
        followed.write(field, value)
        becomes(lambda part=part: ink(screen, part) > 0.5)
        framed(screen)
        frame, sheet = box_of(screen, ".mirror-frame"), box_of(screen, "canvas")
        points = sheet["width"] / 595
        assert abs(frame["width"] - (WITH_LABEL[part] * points + 16)) < 3
        assert frame["x"] >= 0 and frame["x"] + frame["width"] <= SCREEN["width"]
        view = box_of(screen, ".mirror-view")
        middle = frame["y"] + frame["height"] / 2
        assert abs(middle - view["y"] - view["height"] / 2) < 3
        legible_from_two_metres(screen, 0.716 * 12 * points, value)
    check_page(screen, "kiosk-mirror-filled")


def test_a_reload_and_a_screen_that_was_off_show_where_it_is(screen, followed) -> None:
    followed.write("nom", "Lefèvre")
    becomes(lambda: ink(screen, NAME) > 0.5)
    screen.reload()
    becomes(lambda: ink(screen, NAME) > 0.5)
    screen.goto("about:blank")
    followed.write("accord", "Oui")
    screen.goto("/borne")
    becomes(lambda: ink(screen, AGREED) > 0.5 and ink(screen, NAME) > 0.5)


def test_a_line_that_is_cut_in_the_middle_of_a_field_loses_nothing(
    screen, followed
) -> None:
    followed.write("nom", "Lef")
    becomes(lambda: ink(screen, NAME) > 0.2)
    before = ink(screen, NAME)
    screen.context.set_offline(True)
    followed.write("nom", "Lefèvre-Œuvrard")
    # It hears of it or looks by itself, and asks again after having asked in vain.
    for _ in range(2):
        screen.wait_for_event("requestfailed", lambda each: MIRROR in each.url)
    assert ink(screen, NAME) == before
    screen.context.set_offline(False)
    becomes(lambda: ink(screen, NAME) > 1.5 * before)


def test_news_that_nobody_heard_are_found_all_the_same(
    new_page, ground, followed
) -> None:
    page = new_page(viewport=SCREEN)
    page.route("**/borne/direct*", lambda route: route.abort())
    page.goto(ground.screen_address("kiosk-wassigny"))
    page.wait_for_url("**/borne")
    followed.show(1, "nom")
    followed.write("nom", "Lefèvre")
    becomes(lambda: ink(page, NAME) > 0.5)


def test_a_killed_worker_and_a_killed_engine_are_not_noticed(
    screen, followed, server
) -> None:
    followed.write("nom", "Lefèvre")
    becomes(lambda: ink(screen, NAME) > 0.5)
    [worker] = psutil.Process(server.program.pid).children()
    engines = [
        each
        for each in worker.children(recursive=True)
        if "engine_process" in " ".join(each.cmdline())
    ]
    assert engines
    for each in engines:
        each.kill()
    followed.write("accord", "Oui")
    becomes(lambda: ink(screen, AGREED) > 0.5)
    worker.kill()
    followed.write("demande", "Un logement près de la gare.")
    becomes(lambda: ink(screen, REQUEST) > 0.2)
    assert ink(screen, NAME) > 0.5


def test_the_screen_is_empty_within_a_moment_of_the_calls_end(
    screen, followed, database
) -> None:
    followed.write("nom", "Lefèvre")
    becomes(lambda: ink(screen, NAME) > 0.5)
    with database.write() as session:
        appointment = session.get_one(Appointment, followed.appointment_id)
        move(session, appointment, State.DONE, actor="d", at=utc_now())
    expect(screen.locator("#mirror")).to_be_hidden(timeout=10_000 * PATIENCE)
    assert screen.evaluate("document.querySelector('#mirror canvas').width") == 0
    assert screen.request.get("/borne/miroir").status == 404
    expect(screen.get_by_role("heading")).to_contain_text("Merci, au revoir.")


def test_what_is_written_appears_letter_by_letter_with_the_newest_in_sight(
    screen, signed_in, followed
) -> None:
    desk = signed_in(MSA)
    desk.goto(f"/rendez-vous/{followed.appointment_id}")
    words = screen.locator("#words p")
    desk.locator("#words").press_sequentially("Bonj")
    expect(words).to_have_text("Bonj")
    check_page(screen, "kiosk-words")
    desk.locator("#words").fill("مرحبا بك، سأكتب لك. 🙂 " * 20 + "fin")
    expect(words).to_contain_text("fin")
    direction = words.evaluate("each => getComputedStyle(each).direction")
    assert direction == "rtl"
    size = words.evaluate("each => parseFloat(getComputedStyle(each).fontSize)")
    assert size >= 90
    end = screen.evaluate(
        "() => { const each = document.getElementById('words');"
        " return each.scrollHeight - each.scrollTop - each.clientHeight; }"
    )
    assert end < 2
    check_page(desk, "console-second-screen")
    desk.get_by_role("button", name="Effacer", exact=True).last.click()
    expect(screen.locator("#words")).to_be_hidden()


def test_the_mouse_on_the_form_is_a_ring_on_the_screen(
    screen, signed_in, followed
) -> None:
    followed.drafts.let_go(followed.draft_id, ANNE)
    desk = signed_in(MSA)
    desk.goto(f"/rendez-vous/{followed.appointment_id}/brouillons/{followed.draft_id}")
    expect(desk.get_by_text("L'usager voit ce formulaire.")).to_be_visible()
    paper = desk.locator(".sheet-page").first
    paper.hover(position={"x": 100, "y": 100})
    ring = screen.locator("#pointer")
    expect(ring).to_be_visible()
    box, canvas = box_of(desk, ".sheet-page >> nth=0"), box_of(screen, "canvas")
    wanted = canvas["x"] + 100 / box["width"] * canvas["width"]

    def is_there() -> bool:
        found = box_of(screen, "#pointer")
        return abs(found["x"] + found["width"] / 2 - wanted) < 8

    becomes(is_there)
    desk.mouse.move(2, 2)
    expect(ring).to_be_hidden()
    desk.locator("#sheet").focus()
    desk.keyboard.press("Shift+ArrowDown")
    expect(ring).to_be_visible()
    desk.keyboard.press("Escape")
    expect(ring).to_be_hidden()


def test_one_key_has_the_kiosk_read_aloud_and_another_stops_it(
    screen, signed_in, followed
) -> None:
    followed.drafts.let_go(followed.draft_id, ANNE)
    desk = signed_in(MSA)
    desk.goto(f"/rendez-vous/{followed.appointment_id}/brouillons/{followed.draft_id}")
    expect(desk.get_by_text("L'usager voit ce formulaire.")).to_be_visible()
    for key in ("F9", "Shift+F9"):
        with screen.expect_response(re.compile(r"/lecture/\d+\.opus$")) as sound:
            desk.keyboard.press(key)
        assert sound.value.status in (200, 206)
    desk.keyboard.press("F4")
    expect(desk.locator(".quiet-told").first).to_be_empty()


def test_a_form_that_is_erased_or_hidden_leaves_the_screen_at_once(
    screen, followed
) -> None:
    followed.drafts.erase(followed.draft_id, ANNE)
    expect(screen.locator("#mirror")).to_be_hidden(timeout=10_000 * PATIENCE)
    expect(screen.get_by_role("heading")).to_contain_text("Le conseiller est là.")


# Lays something over all of a screen; only the sheet's own script can know of it.
COVER = """() => {
  const cover = document.createElement("p");
  cover.id = "cover";
  cover.style.cssText = "position: fixed; inset: 0; z-index: 9; background: #fff";
  document.body.append(cover);
}"""


def test_what_the_counsellor_reads_is_what_the_screen_says_people_see(
    screen, signed_in, followed
) -> None:
    followed.drafts.let_go(followed.draft_id, ANNE)
    desk = signed_in(MSA)
    desk.goto(f"/rendez-vous/{followed.appointment_id}/brouillons/{followed.draft_id}")
    seen = desk.get_by_text("L'usager voit ce formulaire.")
    lost = desk.get_by_text("L'usager ne le voit plus")
    expect(seen).to_be_visible()
    # Something lies over it.
    screen.evaluate(COVER)
    expect(lost).to_be_visible()
    check_page(desk, "filling-not-seen")
    screen.evaluate("() => document.getElementById('cover').remove()")
    expect(seen).to_be_visible()
    # The server draws nothing more of it: what stands there may be old.
    screen.route(f"**{MIRROR}?**", lambda route: route.fulfill(status=503))
    expect(lost).to_be_visible()
    screen.unroute(f"**{MIRROR}?**")
    expect(seen).to_be_visible()
    # Its line is cut, and is back.
    screen.context.set_offline(True)
    expect(lost).to_be_visible()
    screen.context.set_offline(False)
    expect(seen).to_be_visible()
    # Closed, and opened again.
    screen.goto("about:blank")
    expect(lost).to_be_visible()
    desk.goto(f"/rendez-vous/{followed.appointment_id}")
    expect(desk.get_by_text("Le second écran ne répond pas")).to_be_visible()
    expect(desk.get_by_text("Formulaire envoyé, pas affiché")).to_be_visible()
    check_page(desk, "console-screen-silent")
    screen.goto("/borne")
    expect(desk.get_by_text("Formulaire montré : ")).to_be_visible()
    expect(desk.get_by_text("Le second écran ne répond pas")).to_have_count(0)


def test_the_language_that_the_screen_is_in_still_is_told(
    screen, signed_in, followed
) -> None:
    desk = signed_in(MSA)
    desk.goto(f"/rendez-vous/{followed.appointment_id}")
    expect(desk.get_by_text("Formulaire montré : ")).to_be_visible()
    # The screen hears of the language, and does not get its words.
    screen.route("**/borne/changements**", lambda route: route.abort())
    desk.locator("#langue-en").click()
    still = desk.get_by_text("Le second écran est encore en français.")
    expect(still).to_be_visible()
    screen.unroute("**/borne/changements**")
    expect(still).to_have_count(0)
    expect(screen.locator("#screen .scene")).to_have_attribute("lang", "en")

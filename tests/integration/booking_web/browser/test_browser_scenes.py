# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every scene of the second screen, in each language and contrast, before real eyes' measures.

Drawn by the application, under its security headers, in one page of one browser.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect

from booking_web.base.languages import LANGUAGES
from booking_web.domain.kiosks.scenes import WITHOUT_DRAWING, Scene
from booking_web.shell.site.security_headers import headers_of_every_answer
from booking_web.words.scenes import WORDS
from stage.chromium import check_page
from tests.factories.every_scene import html_of

SCENES = [scene for scene in Scene if scene not in WITHOUT_DRAWING]
# On 24 inches with 1920 x 1080 pixels; what is measured is the height of a capital.
PIXEL_MM = 24 * 25.4 / (1920**2 + 1080**2) ** 0.5
HEADLINE_MM, LEAST_MM, LEAST_CONTRAST = 19.0, 9.0, 7.0
# Of each element that writes something: its tag, capitals in pixels, contrast, whether all of
# it is on the screen and none of it below the line of the help key.
MEASURE = """(where) => {
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => v / 255)
      .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const ground = (node) => {
    for (let at = node; at !== null; at = at.parentElement) {
      const found = parts(getComputedStyle(at).backgroundColor);
      if (found.length < 4 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const pen = document.createElement("canvas").getContext("2d");
  const key = document.querySelector(".help-key").getBoundingClientRect();
  const found = [];
  const isUnseen = (node) => node.closest(".unseen, [hidden]") !== null
    || node.getClientRects().length === 0;
  for (const node of document.querySelectorAll(where)) {
    const writes = [...node.childNodes].some((c) => c.nodeType === 3 && c.data.trim());
    if (!writes || isUnseen(node) || node.closest("svg")) continue;
    const style = getComputedStyle(node);
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const box = node.getBoundingClientRect();
    const pair = [light(parts(style.color)), light(ground(node))].sort((a, b) => b - a);
    found.push({
      text: node.textContent.trim(), tag: node.localName,
      capital: pen.measureText("H").actualBoundingBoxAscent,
      contrast: (pair[0] + 0.05) / (pair[1] + 0.05),
      fits: box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight
        && node.scrollWidth <= node.clientWidth + 1
        && (node.closest(".help-key") !== null || box.bottom <= key.top || box.right <= key.left),
    });
  }
  return found;
}"""


# Puts the scene of a page that was drawn into the page that is open, as its live line does.
PUT = """([html, isStrong]) => {
  const came = new DOMParser().parseFromString(html, "text/html");
  for (const id of ["screen", "line-cut", "help-key"]) {
    document.getElementById(id).replaceWith(document.importNode(came.getElementById(id), true));
  }
  document.documentElement.classList.toggle("strong-contrast", isStrong);
  document.documentElement.lang = came.documentElement.lang;
}"""


# The same of what is shown while the key is held down, and how far that is.
PUT_WARNING = """(html) => {
  const came = new DOMParser().parseFromString(html, "text/html");
  const warning = document.importNode(came.getElementById("end-call"), true);
  document.getElementById("end-call").replaceWith(warning);
  document.documentElement.lang = came.documentElement.lang;
}"""
HOLD = """(state) => {
  const warning = document.getElementById("end-call");
  warning.hidden = false;
  warning.dataset.state = state;
}"""


# The highest and the lowest edge of what is seen.
TOP, BOTTOM = (
    f"where => Math.{which}(...[...document.querySelectorAll(where)]"
    f".filter(each => each.getClientRects().length)"
    f".map(each => each.getBoundingClientRect().{side}))"
    for which, side in (("min", "top"), ("max", "bottom"))
)
# Captions as their script writes them, with the words of the page that was drawn.
WRITE_CAPTIONS = """([html, lines]) => {
  const came = new DOMParser().parseFromString(html, "text/html");
  const panel = document.getElementById("captions");
  panel.querySelector(".captions-lines").replaceChildren(...lines.map((text) => {
    const line = document.createElement("p");
    line.textContent = text;
    return line;
  }));
  panel.querySelector(".captions-note").textContent =
    came.getElementById("captions-wrong").textContent;
  panel.hidden = false;
  document.body.classList.add("is-captioned");
}"""
SPOKEN = (
    "Bonjour, vous m'entendez bien ?",
    "Je vais vous montrer le formulaire et nous le remplirons ensemble, ligne par ligne.",
)
# While somebody speaks to the resident.
WITH_CAPTIONS = SCENES[SCENES.index(Scene.IN_CALL) : SCENES.index(Scene.GOODBYE)]


class Stage:
    """One page that shows what the application drew last."""

    def __init__(self, app: Flask, page: Page) -> None:
        self.app = app
        self.page = page
        page.route("**/borne/**", lambda route: route.abort())
        page.route("**/scene", self._answer)
        page.goto("/scene")
        page.evaluate("document.fonts.ready")

    def show(
        self, scene: Scene, language: str, *, has_strong_contrast: bool = False
    ) -> None:
        """Show a scene; what the page has for itself is brought forward."""
        drawn = html_of(self.app, scene, language)
        self.page.evaluate(PUT, [drawn, has_strong_contrast])
        is_cut = scene is Scene.LINE_CUT
        self.page.evaluate(
            "isCut => { document.getElementById('line-cut').hidden = !isCut;"
            " document.querySelector('main').hidden = isCut; }",
            is_cut,
        )

    def _answer(self, route: Route) -> None:
        headers = headers_of_every_answer(is_https=False)
        drawn = html_of(self.app, Scene.FREE, "fr")
        route.fulfill(body=drawn, content_type="text/html", headers=headers)


@pytest.fixture
def stage(new_page: Callable[..., Page], new_app, ground) -> Iterator[Stage]:
    """Give the page, of the size of the kiosk's second screen."""
    page = new_page(viewport={"width": 1920, "height": 1080})
    yield Stage(new_app(ground), page)


def is_drawn_large(page: Page, scene: Scene) -> bool:
    drawing = page.locator(f".drawing-{scene}:visible")
    box = drawing.bounding_box()
    shapes = drawing.locator("path, circle, rect, ellipse").count()
    return bool(box and box["width"] > 700 and box["height"] > 500 and shapes > 4)


def colours_of(page: Page, scene: Scene) -> set[str]:
    """Give the fills and outlines of the drawing."""
    found = page.eval_on_selector_all(
        f".drawing-{scene}:not([hidden] *) *",
        "all => all.flatMap(each => [getComputedStyle(each).fill, "
        "getComputedStyle(each).stroke])",
    )
    return set(found) - {"none"}


def expect_legible(stage: Stage, scene: Scene) -> None:
    """Assert that the drawing is large, and all that is written large and clear enough."""
    assert is_drawn_large(stage.page, scene), scene
    expect_written_large(stage, "main *, #line-cut *, .help-key *", str(scene))


def expect_written_large(stage: Stage, where: str, scene: str) -> None:
    """Assert that all that is written there is large and clear enough, under one headline."""
    written = stage.page.evaluate(MEASURE, where)
    assert [each["tag"] for each in written].count("h1") == 1, scene
    for each in written:
        least = HEADLINE_MM if each["tag"] == "h1" else LEAST_MM
        assert each["capital"] * PIXEL_MM >= least, (scene, each)
        assert each["contrast"] >= LEAST_CONTRAST, (scene, each)
        assert each["fits"], (scene, each)


def test_every_scene_is_drawn_large_and_legible_in_each_language(stage: Stage) -> None:
    for language in LANGUAGES:
        for scene in SCENES:
            stage.show(scene, language)
            expect_legible(stage, scene)
            if language == "fr":
                check_page(stage.page, f"scene-{scene}")


def test_captions_are_legible_and_cover_nothing_of_a_scene(stage: Stage) -> None:
    assert len(WITH_CAPTIONS) > 10
    for language in LANGUAGES:
        for scene in WITH_CAPTIONS:
            stage.show(scene, language)
            drawn = html_of(stage.app, scene, language)
            stage.page.evaluate(WRITE_CAPTIONS, [drawn, list(SPOKEN)])
            expect_written_large(
                stage, "main *, .captions-note, .help-key button", str(scene)
            )
            (latest,) = stage.page.evaluate(MEASURE, ".captions-lines p:last-child")
            assert latest["capital"] * PIXEL_MM >= LEAST_MM
            assert latest["contrast"] >= LEAST_CONTRAST
            top = stage.page.evaluate(TOP, "#captions")
            # The newest line is whole above the note; what else is shown, above both.
            assert stage.page.evaluate(BOTTOM, ".captions-lines p:last-child") <= (
                stage.page.evaluate(TOP, ".captions-note") + 1
            )
            lowest = stage.page.evaluate(BOTTOM, "main h1, main p, main .picture")
            assert lowest <= top, (scene, lowest, top)
            if language == "fr":
                check_page(stage.page, f"captions-{scene}")


def test_the_help_key_is_seen_and_sent_again_in_every_scene_with_the_server_away(
    stage: Stage,
) -> None:
    page, asked = stage.page, []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.abort("connectionrefused")

    page.route("**/borne/aide", refuse)
    # The pauses between two tries are over when the test says so.
    page.clock.install()
    page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))
    for scene in Scene:
        stage.show(scene, "fr")
        page.evaluate("document.getElementById('help-unsent').hidden = true")
        before = len(asked)
        page.keyboard.press("F1")
        page.clock.run_for(3_100)
        expect(page.locator("#help-unsent"), scene).to_be_visible()
        assert len(asked) > before, scene


def test_what_is_shown_while_the_key_is_held_down_is_legible(stage: Stage) -> None:
    for language in LANGUAGES:
        stage.page.evaluate(PUT_WARNING, html_of(stage.app, Scene.IN_CALL, language))
        for state in ("warning", "ending"):
            stage.page.evaluate(HOLD, state)
            expect_written_large(stage, "#end-call *", state)
        check_page(stage.page, "end-call")


def test_strong_contrast_is_black_and_white_in_every_scene(stage: Stage) -> None:
    for scene in SCENES:
        stage.show(scene, "fr", has_strong_contrast=True)
        expect_legible(stage, scene)
        assert colours_of(stage.page, scene) == {"rgb(0, 0, 0)", "rgb(255, 255, 255)"}


def test_the_sentence_is_said_in_both_languages(new_app, ground) -> None:
    app = new_app(ground)
    for scene in Scene:
        french, english = (html_of(app, scene, language) for language in ("fr", "en"))
        lines = str(WORDS[scene].sentence).split("\n")
        assert all(line.replace("'", "&#39;") in french for line in lines), scene
        assert not any(line.replace("'", "&#39;") in english for line in lines), scene

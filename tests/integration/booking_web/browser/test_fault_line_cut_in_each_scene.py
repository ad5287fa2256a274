# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: the line is cut for 5 s, 60 s and a day in each scene of the second screen.

The page's clock is the test's own.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, Route

from booking_web.domain.kiosks.scenes import WITHOUT_DRAWING, Scene
from stage.waiting import wait_for
from tests.factories.every_scene import NOW, html_of
from tests.integration.booking_web.browser.test_browser_scenes import Stage

SCENES = [
    scene
    for scene in Scene
    if scene not in WITHOUT_DRAWING and scene is not Scene.LINE_CUT
]
A_DAY_MS = 24 * 3600 * 1000
# What lies above all else, at the corners of what a scene draws and in its middle.
ON_TOP = """() => [[0.05, 0.05], [0.5, 0.5], [0.95, 0.05], [0.3, 0.8]].map(([x, y]) =>
  document.elementFromPoint(x * innerWidth, y * innerHeight)?.closest("section, main")?.id
    || "main")"""


class Line:
    """The page's way to its server, which may be cut, and what the server says then."""

    def __init__(self, app: Flask, page: Page) -> None:
        self.stage = Stage(app, page)
        self.page = page
        self.is_cut = False
        self._says: Scene | None = None
        # The last one that is given counts.
        page.route("**/borne/**", self._answer)

    def cut_for(self, *, minutes: int = 0, seconds: int = 0, days: int = 0) -> None:
        """Let the time go by, in which nothing is answered."""
        self.is_cut = True
        self.pass_seconds(60 * minutes + seconds)
        if days:
            self.page.clock.fast_forward(days * A_DAY_MS)
            self.pass_seconds(10)

    def say(self, scene: Scene) -> None:
        """Answer, also again, that this scene is due; wait until the page shows it."""
        self.is_cut, self._says = False, scene
        drawing = self.page.locator(f"#screen .drawing-{scene}")
        wait_for(lambda: self._is_asked(drawing), f"{scene} is drawn")

    def _is_asked(self, drawing: Locator) -> bool:
        self.pass_seconds(1)
        return drawing.count() == 1 and self.page.locator("#line-cut").is_hidden()

    def is_told_cut(self) -> bool:
        """Tell whether the page says so, a second later."""
        self.pass_seconds(1)
        return self.page.locator("#line-cut h1").is_visible()

    def pass_seconds(self, seconds: int) -> None:
        """Let the page's time go by a second at a time, so that its questions go out."""
        for _ in range(seconds):
            self.page.clock.run_for(1000)

    def _answer(self, route: Route) -> None:
        is_question = "/borne/changements" in route.request.url
        if self.is_cut or not is_question or self._says is None:
            route.abort("connectionrefused")
        else:
            part = self._part_of(self._says)
            route.fulfill(body=part, content_type="text/html")

    def _part_of(self, scene: Scene) -> str:
        drawn = html_of(self.stage.app, scene, "fr")
        begin = drawn.index('<div id="screen"')
        inner = drawn[drawn.index(">", begin) + 1 : drawn.index("</div></main>", begin)]
        return f'<div data-part="screen" data-seen="later">{inner}</div>'


@pytest.fixture
def line(new_page: Callable[..., Page], new_app, ground) -> Iterator[Line]:
    """Give the page on its line, of the size of the kiosk's second screen."""
    page = new_page(viewport={"width": 1920, "height": 1080})
    page.clock.install(time=NOW)
    page.clock.pause_at(NOW + timedelta(seconds=1))
    yield Line(new_app(ground), page)


def test_after_a_moment_each_scene_stands_as_it_did(line: Line) -> None:
    for scene in SCENES:
        line.say(scene)
        line.cut_for(seconds=5)
        assert set(line.page.evaluate(ON_TOP)) == {"main"}, scene
        line.say(scene)


@pytest.mark.parametrize("days", [0, 1], ids=["a minute", "a day"])
def test_nothing_of_a_scene_is_seen_until_the_server_says_which_one_it_is(
    line: Line, days: int
) -> None:
    for scene in SCENES:
        later = Scene.OUT_OF_ORDER if scene is not Scene.OUT_OF_ORDER else Scene.CLOSED
        line.say(scene)
        line.cut_for(minutes=1, days=days)
        wait_for(line.is_told_cut, f"{scene}: the cut is told")
        assert set(line.page.evaluate(ON_TOP)) == {"line-cut"}, scene
        line.say(later)
        assert line.page.locator(f"#screen .drawing-{scene}").count() == 0, scene

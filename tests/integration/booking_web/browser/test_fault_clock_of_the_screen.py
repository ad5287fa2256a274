# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: the kiosk's clock is a day off; what the second screen writes stays the same."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page

from booking_web.domain.kiosks.scenes import Scene
from tests.integration.booking_web.browser.test_browser_scenes import Stage

# What runs on by itself has run by then.
TICKED_MS = 2_100


def written(stage: Stage, scene: Scene) -> str:
    """Give what is written in a scene."""
    stage.show(scene, "fr")
    stage.page.clock.run_for(TICKED_MS)
    return stage.page.locator("body").inner_text()


@pytest.mark.parametrize("days", [-1, 1])
def test_no_scene_says_something_else_where_the_clock_is_a_day_off(
    new_page: Callable[..., Page], new_app, ground, days: int
) -> None:
    app = new_app(ground)
    seen = {}
    for off in (0, days):
        page = new_page(viewport={"width": 1920, "height": 1080})
        page.clock.install(time=datetime.now(UTC) + timedelta(days=off))
        stage = Stage(app, page)
        seen[off] = {scene: written(stage, scene) for scene in Scene}
    waits = seen[days][Scene.WAITING]
    assert re.search(r"Vous attendez depuis (moins d'une|\d+) minute", waits)
    for scene in Scene:
        assert seen[days][scene] == seen[0][scene], scene

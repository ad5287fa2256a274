# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: the server is away while the second screen shows a scene; the page says so by itself."""

from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from stage.waiting import PATIENCE


def refuse(route: Route) -> None:
    route.abort("connectionrefused")


def test_a_line_that_is_cut_is_told_until_it_is_back(
    new_page: Callable[..., Page], ground
) -> None:
    page = new_page(viewport={"width": 1920, "height": 1080})
    page.goto(ground.screen_address("kiosk-wassigny"))
    page.wait_for_url("**/borne")
    cut = page.locator("#line-cut")
    expect(page.locator("#screen h1")).to_contain_text("Bienvenue")
    expect(cut).to_be_hidden()
    # Nothing is left to be fetched by then.
    page.route("**/*", refuse)
    expect(cut).to_be_visible(timeout=30_000 * PATIENCE)
    expect(cut.locator("h1")).to_contain_text("La ligne est coupée.")
    assert cut.locator("svg.drawing-line_cut path").count() > 4
    expect(page.locator(".help-key button")).to_be_in_viewport()
    # The key is answered above all else.
    page.keyboard.press("F1")
    expect(page.locator("#help-unsent")).to_be_visible()
    page.unroute("**/*")
    expect(cut).to_be_hidden(timeout=30_000 * PATIENCE)
    expect(page.locator("#screen h1")).to_contain_text("Bienvenue")
    expect(page.get_by_text("La mairie est prévenue.")).to_be_visible()

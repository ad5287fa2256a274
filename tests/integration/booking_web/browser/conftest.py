# SPDX-License-Identifier: AGPL-3.0-or-later
"""A real browser before the real server: pages opened, and signed in by their form."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from stage.chromium import CHROMIUM, HEADLESS_SHELL, start_chromium
from stage.waiting import PATIENCE
from tests.factories.filling_desk import FormsAtDesk
from tests.folders import Folders

TIMEOUT_MS = int(30_000 * PATIENCE)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give one Chromium for all tests of a file."""
    program = HEADLESS_SHELL if HEADLESS_SHELL.exists() else CHROMIUM
    if not program.exists():
        pytest.skip("no Chromium: apt-get install chromium")
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        browser = start_chromium(playwright, program)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared_server(shared_ground, serving, tmp_path_factory: Folders):
    """Give the pages, live, behind their front: one server for the tests of all files."""
    folder = tmp_path_factory.mktemp("server")
    with serving(shared_ground, folder, "--workers", "1", "--threads", "8") as server:
        yield server


@pytest.fixture
def ground(fresh_shared_ground):
    """Give the database behind the one server, as it was at first."""
    return fresh_shared_ground


@pytest.fixture
def server(ground, shared_server):
    """Give the one server; what a test before has ended is started again."""
    if not all(program.is_running for program in shared_server.programs):
        shared_server.start()
    return shared_server


@pytest.fixture
def new_page(server, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Give a function that makes a blank page; any error of a page's own fails the test.

    Addresses may be written without the server's. `without_scripts` keeps the site's scripts
    away and lets axe judge what is left, which needs a browser that has JavaScript.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def make(*, without_scripts: bool = False, **options: object) -> Page:
        # Without motion: a button whose colour still changes has too little contrast.
        usual = {"locale": "fr-FR", "reduced_motion": "reduce"}
        usual |= {"base_url": server.url, "viewport": {"width": 1280, "height": 800}}
        contexts.append(browser.new_context(**usual | options))
        if without_scripts:
            contexts[-1].route("**/static/**/*.js*", lambda route: route.abort())
        page = contexts[-1].new_page()
        page.set_default_timeout(TIMEOUT_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text)
                if "Content Security Policy" in message.text
                else None
            ),
        )
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def sign_in(ground) -> Callable[[Page, str], None]:
    """Give a function that sends the sign-in form, and does not wait for what follows."""

    def send(page: Page, email: str) -> None:
        page.goto("/connexion")
        page.fill("#email", email)
        page.fill("#password", ground.passwords[email])
        page.locator("button[type=submit]").click(no_wait_after=True)

    return send


@pytest.fixture
def signed_in(new_page, sign_in) -> Callable[..., Page]:
    """Give a function that makes a page at which somebody has signed in.

    Its scripts have run, where it may have any: a key that comes before them is not theirs.
    """

    def make(email: str, **options: object) -> Page:
        page = new_page(**options)
        sign_in(page, email)
        page.wait_for_url(lambda address: "/connexion" not in address)
        return page

    return make


@pytest.fixture
def forms(ground, server, database) -> FormsAtDesk:
    """Give the library and the drafts of the one server."""
    return FormsAtDesk(database, ground.url, server.front_folder.parent)

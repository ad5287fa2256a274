# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk's own policies in a real Chromium: our site and nothing else, whatever a page does."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Error, sync_playwright

from sip_endpoints.machine.session.policy import policy_text
from stage.chromium import CHROMIUM, CHROMIUM_ARGUMENTS

pytestmark = pytest.mark.real

# Chromium still obeys them, and says that they will go.
DEPRECATED = {"AutofillAddressEnabled", "AutofillCreditCardEnabled"}
# Whoever tests attaches by it.
NOT_IN_TESTS = "DeveloperToolsAvailability"
# Chromium's own page of what it took: it blocks that one at a kiosk too.
TAKEN = "chrome://policy"
ROWS = """() => {
  const rows = [];
  const walk = (root) => {
    for (const each of root.querySelectorAll("*")) {
      if (each.localName === "policy-row") rows.push(each.shadowRoot);
      if (each.shadowRoot) walk(each.shadowRoot);
    }
  };
  walk(document);
  const said = (row, name) => row.querySelector(name)?.textContent.trim() ?? "";
  return rows.map((row) => [said(row, ".name"), said(row, ".messages")]);
}"""
WANTED = {
    "a window": "window.opened === null ? 'refused' : 'opened'",
    "the camera": "navigator.mediaDevices.getUserMedia({ video: true })"
    ".then(() => 'seen', (error) => error.name)",
    "the microphone": "navigator.mediaDevices.getUserMedia({ audio: true })"
    ".then(() => 'heard', (error) => error.name)",
    "the place": "new Promise((tell) => navigator.geolocation.getCurrentPosition("
    "() => tell('known'), (error) => tell(error.code === 1 ? 'refused' : error.message)))",
    "notifications": "Notification.requestPermission()",
}
REFUSED = {"refused", "denied", "NotAllowedError"}


class Page(BaseHTTPRequestHandler):
    """A site of two pages: one to look at, one to keep."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        if self.path == "/kept":
            self.send_header("Content-Disposition", "attachment; filename=kept.html")
        self.end_headers()
        # Somebody who presses may have a window; a page by itself has none.
        text = (
            "<script>window.opened = window.open('/')</script><a href=/kept>Keep it</a>"
        )
        self.wfile.write(f"<!doctype html><title>Ours</title>{text}".encode())

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def chromium_of(policies: dict[str, Any], folder: Path) -> Path:
    """Give a program that is Chromium with these policies, in a view of the files of its own."""
    managed = folder / "etc/policies/managed"
    managed.mkdir(parents=True)
    (managed / "guichet-kiosk.json").write_text(json.dumps(policies))
    view = "unshare --mount" + ("" if os.geteuid() == 0 else " --map-root-user")
    program = folder / "chromium"
    program.write_text(
        f'#!/bin/sh\nexec {view} sh -c \'mount --bind "{folder}/etc" /etc/chromium'
        f' && exec {CHROMIUM} "$@"\' sh "$@"\n'
    )
    program.chmod(0o755)
    return program


@contextmanager
def kiosk_page(ours: str, folder: Path, *more_allowed: str) -> Iterator[Any]:
    """Give a page of the browser's own profile, as the kiosk's is."""
    text = policy_text(ours, folder / "start.html", None, "fr", has_captions=True)
    policies = json.loads(text)
    del policies[NOT_IN_TESTS]
    policies["URLAllowlist"] += more_allowed
    folder.mkdir()
    (folder / "start.html").write_text("<title>Waits</title>")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder / "profile",
            executable_path=chromium_of(policies, folder),
            args=[*CHROMIUM_ARGUMENTS, "--use-fake-device-for-media-stream"],
            ignore_default_args=["--disable-popup-blocking"],
            env={**os.environ, "HOME": str(folder)},
        )
        yield context.pages[0]
        context.close()


def test_chromium_knows_each_policy(tmp_path: Path) -> None:
    with site() as ours, kiosk_page(ours, tmp_path / "k", TAKEN) as page:
        page.goto(TAKEN)
        page.wait_for_function(f"({ROWS})().length > 0")
        taken = dict(page.evaluate(ROWS))
    wanted = set(json.loads(policy_text(ours, tmp_path, None, "fr", True)))
    said = {name: taken.get(name, "is not there") for name in wanted - {NOT_IN_TESTS}}
    odd = {name: text for name, text in said.items() if text != "OK"}
    assert odd == dict.fromkeys(DEPRECATED, "Deprecated")


def test_a_page_of_ours_gets_nowhere_else_and_nothing_of_the_machine(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "k"
    with site() as ours, site() as theirs, kiosk_page(ours, folder) as page:
        page.goto((folder / "start.html").as_uri())
        assert page.title() == "Waits"
        elsewhere = (
            *(f"{theirs}/", "https://guichet.example.fr/", "file:///etc/passwd"),
            *(f"view-source:{ours}/", "data:text/html,x", "chrome://settings/"),
            *("chrome://version/", "chrome-untrusted://new-tab-page/"),
            *(f"{folder.as_uri()}/", "devtools://devtools/bundled/inspector.html"),
        )
        for address in elsewhere:
            assert got_to(page.context.new_page(), address) == "", address
        page = page.context.new_page()
        page.goto(f"{ours}/")
        assert page.title() == "Ours"
        asked = {name: page.evaluate(script) for name, script in WANTED.items()}
        assert {name for name, said in asked.items() if said not in REFUSED} == set(), (
            asked
        )
        # Playwright takes downloads itself, whatever the policies say; not here.
        as_is = {"behavior": "default", "eventsEnabled": True}
        page.context.new_cdp_session(page).send("Browser.setDownloadBehavior", as_is)
        with page.expect_event("download") as kept:
            page.get_by_role("link").click()
        assert kept.value.failure() == "canceled"
    assert not [each for each in folder.rglob("*kept*") if each.is_file()]


def got_to(page: Any, address: str) -> str:
    """Give the address that the page shows after it was led there; empty where it was refused."""
    try:
        page.goto(address)
    except Error as error:
        return "" if "net::ERR_BLOCKED_BY_ADMINISTRATOR" in str(error) else str(error)
    return str(page.url)

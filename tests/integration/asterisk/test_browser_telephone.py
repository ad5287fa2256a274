# SPDX-License-Identifier: AGPL-3.0-or-later
"""A counsellor's telephone in Chromium, through the front, with a real Asterisk and kiosk.

The page is a bare one, at an address of the site: cookie, origin and secret are what the
desk's are.
"""

import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, sync_playwright

from measure.browser_kiosk import MEDIA_ARGUMENTS
from stage.appointments import put_appointment
from stage.chromium import CHROMIUM, CHROMIUM_ARGUMENTS
from stage.stack import ASTERISK_FILE, INVENTORY, Stage, StageOptions
from stage.story import COUNSELLOR, KIOSK
from stage.waiting import PATIENCE, wait_for
from tests.integration.asterisk.hostile_media import (
    Attack,
    hellos,
    hostile_packets,
)

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium"),
    pytest.mark.skipif(not ASTERISK_FILE.exists(), reason="no Asterisk"),
]

HERE = Path(__file__).parent
JSSIP = HERE.parents[2] / "booking_web/static/vendor/jssip/jssip.min.js"
FILES = {
    "/essai": HERE / "browser_telephone.html",
    "/essai/telephone.js": HERE / "browser_telephone.js",
    "/essai/jssip.js": JSSIP,
}
EMAIL, SECRETARY = "conseiller@msa.example", "mairie@wassigny.example"
PICTURES = 20
SOUNDS = 50
MEDIA_PORTS = 40


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """Give a system whose inventory says that this counsellor telephones in the browser."""
    directory = Path(tempfile.mkdtemp(prefix="guichet-test-"))
    inventory = directory / "inventory.toml"
    text = INVENTORY.read_text()
    for key, more in (
        (f'slug = "{COUNSELLOR}"', "browser = true"),
        (f'email = "{EMAIL}"', f'counsellor = "{COUNSELLOR}"'),
    ):
        assert text.count(key) == 1
        text = text.replace(key, f"{key}\n{more}")
    inventory.write_text(text)
    options = StageOptions(
        browsers=True, devices=False, inventory=inventory, provisions_in_process=True
    )
    try:
        with Stage(directory / "site", options) as stage:
            stage.prepare()
            # So few that each is met by who tries them all.
            stage.write_site(stage.ports.rtp_first + MEDIA_PORTS - 1)
            stage.start("asterisk", "web", "front", "dispatcher", KIOSK)
            yield stage
    finally:
        shutil.rmtree(directory)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*CHROMIUM_ARGUMENTS, *MEDIA_ARGUMENTS]
        )
        yield browser
        browser.close()


def signed_in(chromium: Any, stage: Stage, email: str) -> Page:
    """Give a page of this person, in a browser of their own."""
    context = chromium.new_context(permissions=["camera", "microphone"])
    page: Page = context.new_page()
    page.goto(f"{stage.url}/connexion")
    page.fill("#email", email)
    page.fill("#password", stage.passwords()[email])
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: "/connexion" not in url)

    def serve(route: Route) -> None:
        route.fulfill(path=FILES[route.request.url.removeprefix(stage.url)])

    page.route(re.compile(f"{re.escape(stage.url)}/essai.*"), serve)
    page.goto(f"{stage.url}/essai")
    return page


def said(page: Page, state: str) -> None:
    wait_for(
        lambda: page.evaluate("state") == state,
        f"the page is {state}",
        poll_seconds=0.05,
    )


def at_kiosk(stage: Stage) -> int:
    video = (stage.kiosk(KIOSK).call() or {}).get("video") or {}
    return int(video.get("frames_decoded", 0))


def wait_for_pictures(stage: Stage, page: Page) -> None:
    """Return once so many more came at each end."""
    here, there = page.evaluate("pictures()"), at_kiosk(stage)
    wait_for(
        lambda: (
            page.evaluate("pictures()") >= here + PICTURES
            and at_kiosk(stage) >= there + PICTURES
        ),
        "pictures move both ways",
        poll_seconds=0.1,
    )


def knock(stage: Stage, cookie: str = "", origin: str = "", path: str = "/ws") -> int:
    """Ask the front for a WebSocket as a browser does; give the status of its answer."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {stage.url.removeprefix('http://')}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: sip",
        *([f"Origin: {origin}"] if origin else []),
        *([f"Cookie: {cookie}"] if cookie else []),
    ]
    address = ("127.0.0.1", stage.web_port)
    with socket.create_connection(address, timeout=10 * PATIENCE) as wire:
        wire.sendall("\r\n".join([*lines, "", ""]).encode())
        return int(wire.recv(1024).split()[1])


def call(stage: Stage) -> None:
    """Have the kiosk called for a resident who is there."""
    database = stage.database()
    with database.write() as session:
        put_appointment(session, KIOSK, "msa", call_is_requested=True)
    database.dispose()


def cookie_of(page: Page) -> str:
    return "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies())


def test_a_counsellor_telephones_in_the_browser_until_they_sign_out(
    stage: Stage, chromium: Any
) -> None:
    page = signed_in(chromium, stage, EMAIL)
    first = page.evaluate("ask()")
    assert first["server"] == f"ws://{stage.url.removeprefix('http://')}/ws"
    page.evaluate("told => telephone(told)", first)
    said(page, "registered")

    call(stage)
    wait_for_pictures(stage, page)
    agreed = page.evaluate("agreed()")
    # DTLS 1.2 (RFC 6347), a secret of that call alone, and packets that nobody forges.
    assert agreed["tlsVersion"] == "FEFD"
    assert re.match("TLS_ECDHE_.*_(GCM|POLY1305)_SHA", agreed["dtlsCipher"])
    assert agreed["srtpCipher"] in (
        "SRTP_AES128_CM_HMAC_SHA1_80",
        "SRTP_AEAD_AES_128_GCM",
    )

    # Another page of theirs has the next secret: the call goes on, the first may no more.
    second = page.evaluate("ask()")
    assert second["ha1"] != first["ha1"]
    assert not stage.asterisk.is_registered(COUNSELLOR)
    page.evaluate("again()")
    said(page, "refused 401")
    wait_for_pictures(stage, page)
    page.evaluate("hangUp()")
    wait_for(
        lambda: stage.kiosk(KIOSK).call() is None,
        "the kiosk hears it",
        poll_seconds=0.1,
    )

    page.evaluate("told => telephone(told)", second)
    said(page, "registered")
    page.evaluate("""async () => {
          const page = await (await fetch("/mot-de-passe")).text();
          const token = /name="csrf_token" value="([^"]+)"/.exec(page)[1];
          await fetch("/deconnexion", {
            method: "POST", body: new URLSearchParams({ csrf_token: token }),
          });
        }""")
    wait_for(
        lambda: not stage.asterisk.is_registered(COUNSELLOR),
        "is gone",
        poll_seconds=0.05,
    )
    page.evaluate("again()")
    said(page, "refused 401")
    # Nor does the door open any more.
    assert knock(stage, cookie_of(page), stage.url) == 401


def test_the_door_is_for_pages_of_this_site_whose_owner_telephones_so(
    stage: Stage, chromium: Any
) -> None:
    counsellor = cookie_of(signed_in(chromium, stage, EMAIL))
    secretary = cookie_of(signed_in(chromium, stage, SECRETARY))
    assert knock(stage, counsellor, stage.url) == 101
    assert knock(stage, counsellor, "https://evil.example") == 403
    assert knock(stage, counsellor) == 403
    assert knock(stage, secretary, stage.url) == 403
    assert knock(stage, "", stage.url) == 401
    # Nothing else of Asterisk's web server is behind it, and its question is the front's.
    for path in ("/ws/", "/httpstatus", "/ari/channels", "/rawman", "/static/../ws/x"):
        assert knock(stage, counsellor, stage.url, path) in (400, 404)
    assert knock(stage, counsellor, stage.url, "/bureau/telephone/entree") == 404
    # Neither the cookie nor an address stands in the front's log.
    log = stage.program("front").log_text()
    assert '"GET /ws" 101' in log and '"GET /ws" 403' in log
    assert "127.0.0.1" not in log and "guichet=" not in log


def sound_at_kiosk(stage: Stage) -> int:
    audio = (stage.kiosk(KIOSK).call() or {}).get("audio") or {}
    return int(audio.get("packets_received", 0))


def wait_for_answer_of_openssl(port: int, directory: Path) -> None:
    """Return once a bare DTLS server has begun a handshake with who sends our ClientHello."""
    key, certificate = str(directory / "key.pem"), str(directory / "certificate.pem")
    openssl = ["openssl", "req", "-x509", "-nodes", "-subj", "/CN=test"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    files = ["-keyout", key, "-out", certificate]
    subprocess.run([*openssl, *curve, *files], check=True, capture_output=True)
    server = subprocess.Popen(
        ["openssl", "s_server", "-dtls1_2", "-accept", f"127.0.0.1:{port}"]
        + ["-key", key, "-cert", certificate, "-quiet"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with Attack([port], hellos()) as attack:
            wait_for(lambda: attack.handshakes > 0, "a handshake begins", 30, 0.05)
    finally:
        server.kill()
        server.communicate()


def test_who_races_for_a_call_or_sends_into_it_what_is_not_its_own_changes_nothing(
    stage: Stage, chromium: Any, tmp_path: Path
) -> None:
    page = signed_in(chromium, stage, EMAIL)
    page.evaluate("async () => telephone(await ask())")
    said(page, "registered")
    first = stage.ports.rtp_first
    every = range(first, first + MEDIA_PORTS)
    before = len(stage.asterisk.complaints())
    # Before the page's own, at each port that Asterisk may choose (CVE-2023-49786).
    with Attack(every, hellos()) as race:
        call(stage)
        wait_for_pictures(stage, page)
    assert race.handshakes == 0
    told = stage.asterisk.complaints()[before:]
    assert any("DTLS packet from" in line and "dropped" in line for line in told)
    # They were good ones: who listens to any answers.
    wait_for_answer_of_openssl(stage.ports.spare[-1], tmp_path)

    way = page.evaluate("way()")
    assert way["port"] in every
    here = page.evaluate("sound()")
    there = sound_at_kiosk(stage)
    with Attack(every, hostile_packets(way["sources"])) as flood:
        wait_for(lambda: flood.error or flood.sent >= 4000, "all are sent", 60, 0.1)
        wait_for_pictures(stage, page)
    wait_for_pictures(stage, page)
    assert sound_at_kiosk(stage) - there > SOUNDS
    assert page.evaluate("sound()") - here > SOUNDS
    page.evaluate("hangUp()")
    wait_for(lambda: stage.kiosk(KIOSK).call() is None, "the kiosk hears it")
    assert stage.dead_parts() == []
    page.context.close()

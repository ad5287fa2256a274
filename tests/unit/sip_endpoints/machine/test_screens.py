# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which screen is which, what the browser may, and what is seen before the site is."""

import json
import re
import ssl
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

import pytest

from sip_endpoints.machine.checks.check import CheckState
from sip_endpoints.machine.checks.here import check_screens
from sip_endpoints.machine.server.faults import Cause, SiteUnreachable
from sip_endpoints.machine.session.browsing import LOOK_SECONDS, Screen
from sip_endpoints.machine.session.outputs import (
    Output,
    Session,
    SessionAway,
    Window,
    chosen,
    digit_order,
    notice_order,
    placing_orders,
    screen_lines,
)
from sip_endpoints.machine.session.policy import policy_text
from sip_endpoints.machine.session.start_page import IN_ENGLISH, waiting_page
from sip_endpoints.machine.system.choices import Screens
from stage.dated_server import write_certificate
from tests.unit.sip_endpoints.machine.running import Programs, refused, said

LEFT, RIGHT = (
    Output("DP-1", "Dell", 1920, 1080, "1"),
    Output("HDMI-A-1", "Iiyama", 1920, 1080, "2"),
)


def sway(outputs: list[str], windows: list[str]) -> Programs:
    """Answer as sway does, with browsers on workspace 2."""
    told = [
        {"name": name, "active": True, "current_workspace": str(number)}
        for number, name in enumerate(outputs, start=1)
    ]
    told.append({"name": "DP-9", "active": False})
    nodes = [
        {"type": "con", "pid": 7, "app_id": program, "name": f"{program} here"}
        for program in windows
    ]
    space = {"type": "workspace", "name": "2", "nodes": nodes, "floating_nodes": []}
    tree = {"type": "root", "nodes": [space], "floating_nodes": []}
    ask = "swaymsg --raw --socket /run/sway.sock -t"
    return Programs(
        {
            f"{ask} get_outputs": said(json.dumps(told)),
            f"{ask} get_tree": said(json.dumps(tree)),
        }
    )


def session(outputs: list[str], windows: list[str]) -> Session:
    return Session(Path("/run/sway.sock"), sway(outputs, windows))


@pytest.mark.parametrize(
    ("outputs", "windows", "wanted", "cause"),
    [
        (["DP-1", "HDMI-A-1"], ["chromium"], 2, ""),
        (["DP-1"], ["chromium"], 1, ""),
        (["DP-1"], ["chromium"], 2, "one_screen"),
        ([], [], 2, "no_screen"),
        (["DP-1", "HDMI-A-1"], ["pjmedia"], 2, "no_browser"),
    ],
)
def test_screens_are_counted_and_the_browser_is_looked_for(
    outputs: list[str], windows: list[str], wanted: int, cause: str
) -> None:
    check = check_screens(session(outputs, windows), wanted)
    assert check.cause == cause
    assert (check.state is CheckState.OK) == (not cause)


def test_a_session_that_does_not_run_is_named() -> None:
    away = Session(Path("/nowhere/sway.sock"), Programs({"swaymsg": refused()}))
    assert check_screens(away, 2).cause == "session_stopped"
    with pytest.raises(SessionAway, match="n'est pas démarrée"):
        away.outputs()


@pytest.mark.parametrize(
    ("screens", "outputs", "expected"),
    [
        (Screens(), [LEFT, RIGHT], ("DP-1", "HDMI-A-1")),
        (Screens(), [RIGHT, LEFT], ("DP-1", "HDMI-A-1")),
        (Screens(call="HDMI-A-1", pages="DP-1"), [LEFT, RIGHT], ("HDMI-A-1", "DP-1")),
        # The one that was chosen is unplugged.
        (Screens(call="DP-1", pages="DP-7"), [LEFT, RIGHT], ("DP-1", "HDMI-A-1")),
        (Screens(call="DP-7", pages="DP-1"), [LEFT], ("DP-1", "DP-1")),
        (Screens(), [], ("", "")),
    ],
)
def test_what_was_chosen_counts_among_what_is_there(
    screens: Screens, outputs: list[Output], expected: tuple[str, str]
) -> None:
    assert chosen(screens, outputs) == expected


def test_what_was_chosen_is_the_same_at_each_start() -> None:
    lines = screen_lines(Screens(call="DP-1", pages="HDMI-A-1"))
    assert lines == 'workspace 1 output "DP-1"\nworkspace 2 output "HDMI-A-1"\n'
    assert screen_lines(Screens()) == ""
    assert placing_orders("DP-1", "HDMI-A-1")[:2] == [
        "workspace number 1",
        'move workspace to output "DP-1"',
    ]


def test_a_digit_is_written_over_one_screen_and_goes_by_itself() -> None:
    order = digit_order("DP-1", 1, 15)
    assert order.startswith("exec timeout 15 swaynag --output DP-1 ")
    assert f"$(echo {b64encode(b'1').decode()} | base64" in order


@pytest.mark.parametrize(("is_covered", "layer"), [(True, "top"), (False, "overlay")])
def test_a_notice_lies_over_the_pages_and_below_a_call(
    is_covered: bool, layer: str
) -> None:
    """Sway draws what has the whole screen above the layer "top" and below "overlay"."""
    order = notice_order("DP-1", "La borne est prête.", 5, is_covered=is_covered)
    assert f" --layer {layer} " in order


def test_a_notice_gives_nothing_to_the_shell() -> None:
    order = notice_order("DP-1", 'l\'été; $(reboot) `x` "y"', 5, is_covered=False)
    [written] = re.findall(r'--message "\$\(echo (\S+) \| base64 --decode\)"', order)
    assert re.fullmatch(r"[A-Za-z0-9+/]+=*", written)
    assert "reboot" not in order


def test_the_browser_is_held_to_the_site_and_knows_its_authority(
    tmp_path: Path,
) -> None:
    now = datetime.now(UTC)
    file, _ = write_certificate(tmp_path, now, now + timedelta(days=1))
    pem = file.read_text()
    text = policy_text("https://guichet.fr", Path("/run/start.html"), pem + pem, "fr")
    policies = json.loads(text)
    assert policies["URLBlocklist"][0] == "*"
    assert policies["URLAllowlist"] == ["https://guichet.fr", "file:///run/start.html"]
    assert policies["DeveloperToolsAvailability"] == 2
    assert policies["AutoplayAllowed"] is True
    assert len(policies["CACertificates"]) == 2
    # A page may not speak to this machine, but for its captions.
    with_captions = policy_text(
        "https://guichet.fr", Path("/run/start.html"), None, "fr", has_captions=True
    )
    assert json.loads(with_captions)["LoopbackNetworkAllowedForUrls"] == [
        "https://guichet.fr"
    ]
    assert "LoopbackNetworkAllowedForUrls" not in policies
    assert "CACertificates" not in policy_text(
        "https://guichet.fr", Path("/x"), None, "fr"
    )
    assert ssl.PEM_cert_to_DER_cert(pem)


def test_the_page_says_what_is_waited_for_and_is_read_again() -> None:
    fault = SiteUnreachable(Cause.NO_NETWORK, "Pas de <réseau>.")
    page = waiting_page(fault, "guichet.fr", "fr")
    assert "Pas de &lt;réseau&gt;." in page and 'content="2"' in page
    assert '<html lang="fr">' in page and "Le guichet virtuel démarre." in page
    # A language that is none of ours, in a file that was written by hand.
    assert waiting_page(fault, "guichet.fr", '"><b>') == page


@pytest.mark.parametrize("cause", Cause)
def test_the_page_speaks_the_kiosks_language_whatever_is_waited_for(
    cause: Cause,
) -> None:
    fault = SiteUnreachable(cause, "Une phrase en français.")
    page = waiting_page(fault, "<guichet.fr>", "en")
    assert '<html lang="en">' in page and "The virtual counter is starting." in page
    assert "français" not in page and "démarr" not in page
    assert escape(IN_ENGLISH[cause].format(host="<guichet.fr>")) in page


class FakeBrowser:
    """Keeps where it was opened."""

    is_running = True

    def __init__(self) -> None:
        self.opened: list[str] = []

    def open(self, address: str) -> None:
        self.opened.append(address)

    def stop(self) -> None:
        """Close."""


def test_the_second_screen_waits_for_the_site_and_comes_back_from_an_error(
    tmp_path: Path,
) -> None:
    page, browser = tmp_path / "start.html", FakeBrowser()
    fault: list[SiteUnreachable] = [SiteUnreachable(Cause.NO_NETWORK, "Pas de réseau.")]
    titles = ["Guichet virtuel – Guise - Chromium"]

    def knock() -> None:
        if fault:
            raise fault[0]

    site, waiting = "https://guichet.fr/borne", f"file://{page}"
    screen = Screen(
        browser,  # type: ignore[arg-type]
        page,
        site,
        "guichet.fr",
        "fr",
        knock,
        lambda: [Window(title, "chromium", "2", True) for title in titles],
    )
    assert screen.turn() < LOOK_SECONDS
    assert screen.turn() < LOOK_SECONDS
    assert "Pas de réseau." in page.read_text()
    assert browser.opened == [waiting]
    fault.clear()
    assert screen.turn() == LOOK_SECONDS
    assert screen.turn() == LOOK_SECONDS
    # Opened there, not led there by the other page.
    assert browser.opened == [waiting, site]
    # Chromium's own page of an error has the host as its title.
    titles[:] = ["guichet.fr - Chromium"]
    fault.append(SiteUnreachable(Cause.NO_ANSWER, "guichet.fr ne répond pas."))
    screen.turn()
    assert browser.opened == [waiting, site, waiting]
    assert "ne répond pas" in page.read_text()
    fault.clear()
    titles[:] = ["Guichet virtuel – démarrage - Chromium"]
    screen.turn()
    assert browser.opened[-1] == site

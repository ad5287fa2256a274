# SPDX-License-Identifier: AGPL-3.0-or-later
"""A real call on a kiosk's two screens: what the first one shows, and when the camera is open."""

import hashlib
import json
from datetime import datetime

import pytest

from sip_endpoints.call.camera_rules import NOTICE_SECONDS
from stage.ami import BareAmi
from stage.endpoint import Endpoint
from stage.kiosk_session import KioskSession
from stage.waiting import wait_for
from tests.integration.sip_endpoints.first_screen.conftest import KIOSK

pytestmark = pytest.mark.real

HEIGHT, ROW = 1080, 3 * 1920


def seen(session: KioskSession) -> str:
    return hashlib.sha256(session.picture()).hexdigest()


def stages(kiosk: Endpoint) -> list[tuple[str, datetime]]:
    """Give what the telephone told of its camera, and when."""
    told = [
        json.loads(line)
        for line in kiosk.program.log_text().splitlines()
        if '"event": "camera"' in line
    ]
    return [(each["stage"], datetime.fromisoformat(each["timestamp"])) for each in told]


def camera(kiosk: Endpoint) -> tuple[str, bool]:
    told = kiosk.status()["camera"]
    return told["stage"], told["open"]


def wait_camera(kiosk: Endpoint, stage: str, is_open: bool) -> None:
    wait_for(
        lambda: camera(kiosk) == (stage, is_open),
        f"{stage} {is_open}",
        poll_seconds=0.05,
    )


def wait_seen(session: KioskSession, picture: str) -> None:
    wait_for(
        lambda: seen(session) == picture,
        "the camera is said to be off",
        poll_seconds=0.1,
    )


def is_whole(session: KioskSession) -> bool:
    """Tell whether test bars reach from edge to edge, and nothing lies over them."""
    _, pixels = session.picture().split(b"\n255\n", 1)
    rows = [pixels[y * ROW : (y + 1) * ROW] for y in (0, HEIGHT // 2, HEIGHT - 1)]
    bars = [
        [row[3 * x : 3 * x + 3] for x in range(60, 1920 - 240, 240)] for row in rows
    ]
    # White, yellow, cyan, ...: seven unlike one another, before a last one in black.
    return (
        all(is_near(a, b) for row in bars for a, b in zip(row, bars[0], strict=True))
        and len({tuple(c > 128 for c in bar) for bar in bars[0]}) == 7
        and all(is_near(row[:3], row[3 * 200 : 3 * 200 + 3]) for row in rows)
    )


def is_near(one: bytes, other: bytes) -> bool:
    return all(abs(a - b) < 48 for a, b in zip(one, other, strict=True))


def connected(ami: BareAmi, counsellor: Endpoint, number: int) -> None:
    ami.place_call(KIOSK, "msa", f"gv-{number}-1", appointment=str(number))
    ami.wait_event("AgentConnect")
    wait_for(
        lambda: counsellor.call(), "the counsellor is in the call", poll_seconds=0.05
    )


def test_the_camera_opens_for_a_counsellor_and_the_screen_says_so(
    ami: BareAmi, session: KioskSession, kiosk: Endpoint, counsellor: Endpoint
) -> None:
    off = seen(session)
    assert camera(kiosk) == ("off", False)
    assert session.windows() == []

    # The resident waits: there is nobody to see them.
    ami.place_call(KIOSK, "mission-locale-thierache", "gv-301-1", appointment="301")
    wait_for(
        lambda: (kiosk.call() or {}).get("audio"), "the music plays", poll_seconds=0.1
    )
    assert camera(kiosk) == ("off", False)
    assert (seen(session), session.windows()) == (off, [])
    ami.action("Hangup", Channel="gv-301-1")
    wait_for(lambda: kiosk.call() is None, "the resident left", poll_seconds=0.05)
    assert (stages(kiosk), camera(kiosk)) == ([], ("off", False))

    # A counsellor answers at once: after the notice both see each other.
    connected(ami, counsellor, 302)
    wait_camera(kiosk, "on", True)
    (notice, began_at), (on, opened_at) = stages(kiosk)
    assert (notice, on) == ("notice", "on")
    assert (opened_at - began_at).total_seconds() >= NOTICE_SECONDS
    wait_for(
        lambda: is_whole(session),
        "the counsellor has the whole screen",
        poll_seconds=0.1,
    )
    counsellor.order("hangup")
    wait_for(lambda: kiosk.call() is None, "the call is over", poll_seconds=0.05)
    assert camera(kiosk) == ("off", False)
    wait_seen(session, off)
    assert session.windows() == []


def test_a_telephone_that_is_killed_in_a_call_leaves_nobodys_picture(
    ami: BareAmi, session: KioskSession, kiosk: Endpoint, counsellor: Endpoint
) -> None:
    off = seen(session)
    connected(ami, counsellor, 303)
    wait_for(session.windows, "the counsellor is shown", poll_seconds=0.05)
    kiosk.program.kill()
    wait_seen(session, off)
    assert session.windows() == []
    kiosk.program.start()
    kiosk.wait_registered()
    assert camera(kiosk) == ("off", False)
    assert seen(session) == off

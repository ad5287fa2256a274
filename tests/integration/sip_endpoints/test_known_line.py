# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk whose line somebody wrote down: what both telephones send over it from the start."""

from collections.abc import Iterator
from typing import Any

import pytest

from sip_endpoints.call.known_line import KnownLine
from sip_endpoints.call.ladder import Rung
from sip_endpoints.call.sent_pictures import STILL_EVERY_SECONDS, STILL_SECONDS
from sip_endpoints.settings import Picture
from stage.ami import BareAmi
from stage.endpoint import Endpoint
from stage.stack import Stage
from stage.waiting import wait_for

pytestmark = pytest.mark.real

KIOSK = "kiosk-guise"
# Too little for a picture one way, and enough for a smaller one the other way.
UP_KBPS, DOWN_KBPS = 128, 500
# A still is a few packets; a picture that moves sends more each second.
PACKETS_OF_STILLS = 60
# Sound is the clock of what is sent beside it: so much of it, and one more still has come.
SOUND_PACKETS_A_SECOND = 50
WATCHED_PACKETS = int(
    SOUND_PACKETS_A_SECOND * (STILL_EVERY_SECONDS + STILL_SECONDS + 1.5)
)
# No trial and no report of what is lost comes so soon.
TOLD_SECONDS = 5.0


@pytest.fixture
def kiosk(asterisk_stage: Stage) -> Iterator[Endpoint]:
    """Give a kiosk that knows its line."""
    kiosk = Endpoint(
        KIOSK,
        asterisk_stage.kiosk(KIOSK).bundle,
        directory=asterisk_stage.directory,
        options=("--camera", "moving"),
        environment={
            "GUICHET_MEDIA_LINE_UP_KBPS": str(UP_KBPS),
            "GUICHET_MEDIA_LINE_DOWN_KBPS": str(DOWN_KBPS),
        },
    )
    kiosk.program.start()
    kiosk.wait_registered()
    yield kiosk
    kiosk.program.stop()


def line(endpoint: Endpoint) -> dict[str, Any]:
    found: dict[str, Any] | None = endpoint.status()["line"]
    assert found is not None, f"{endpoint.slug} lost its call"
    return found


def total_kbps(endpoint: Endpoint) -> int:
    sent = line(endpoint)["sent_kbps"]
    return Rung(Picture(sent, 640, 360, 20) if sent else None).total_kbps


def packets(endpoint: Endpoint, kind: str) -> int:
    return int(endpoint.status()["call"][kind]["packets_received"])


def test_each_telephone_sends_what_fits_and_the_camera_stays_open_for_stills(
    ami: BareAmi, kiosk: Endpoint, counsellor: Endpoint
) -> None:
    known = KnownLine(UP_KBPS, DOWN_KBPS)
    ami.place_call(KIOSK, "msa", "gv-521-1", appointment="521")
    ami.wait_event("AgentConnect")
    wait_for(lambda: counsellor.status()["line"], "they are in call", poll_seconds=0.05)
    wait_for(
        lambda: total_kbps(counsellor) <= (known.most_down_kbps or 0),
        "the counsellor's telephone was told",
        TOLD_SECONDS,
        poll_seconds=0.05,
    )
    assert line(counsellor)["sent_kbps"] > 0
    assert line(kiosk)["rung"] == line(kiosk)["lowest_rung"]

    wait_for(
        lambda: kiosk.status()["camera"]["open"],
        "the camera is open",
        poll_seconds=0.05,
    )
    wait_for(
        lambda: _frames(counsellor),
        "the counsellor sees the resident",
        poll_seconds=0.1,
    )
    sound, pictures = packets(counsellor, "audio"), packets(counsellor, "video")
    looks: list[dict[str, Any]] = []

    def has_heard_enough() -> bool:
        looks.append(kiosk.status()["camera"])
        return packets(counsellor, "audio") - sound >= WATCHED_PACKETS

    wait_for(has_heard_enough, "sound enough for a still", poll_seconds=0.05)
    # Its lamp does not blink with every still.
    assert {(look["stage"], look["open"]) for look in looks} == {("on", True)}
    assert 0 < packets(counsellor, "video") - pictures < PACKETS_OF_STILLS
    counsellor.order("hangup")
    wait_for(
        lambda: not kiosk.status()["camera"]["open"], "it is closed", poll_seconds=0.05
    )


def _frames(endpoint: Endpoint) -> int:
    video = (endpoint.call() or {}).get("video")
    return int(video["frames_decoded"]) if video else 0

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: a kiosk's line carries little, and loses some of it, in the middle of a call.

Sound comes first; our two telephones find by themselves what picture the line carries, each for
the way that it sends.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stage.endpoint import Endpoint
from stage.stack import ASTERISK_FILE, Stage, StageOptions
from stage.village_network import (
    SERVER_ADDRESS,
    Thinness,
    Village,
)
from stage.waiting import wait_for
from tests.factories.villages import place_call_in, server_network
from tests.folders import Folders

pytestmark = pytest.mark.real

# The bars that stand still would need no line at all.
CAMERA = ("--camera", "moving")
FOUND_SECONDS = 25.0
# Sound comes fifty times a second: eight seconds of it, and two.
WINDOW_PACKETS, SHORT_WINDOW_PACKETS = 400, 100
# A trial of a line that was given up twice comes after the second minute.
PICTURE_SECONDS = 200.0
# A connection that nothing passed for six seconds is dropped, and another one made.
REGISTERED_SECONDS = 15.0
# A line that is too full loses more than half; how long a freeze is, `line.picture` measures.
MUCH_SOUND = 0.2


@dataclass
class Ground:
    """A kiosk at the end of its village's line, in call with a counsellor."""

    village: Village
    kiosk: Endpoint
    counsellor: Endpoint

    @property
    def both(self) -> tuple[Endpoint, Endpoint]:
        return self.kiosk, self.counsellor

    def thin(self, thinness: Thinness) -> None:
        self.village.thin(thinness, thinness)


def line(endpoint: Endpoint) -> dict[str, Any]:
    found: dict[str, Any] | None = endpoint.status()["line"]
    assert found is not None, f"{endpoint.slug} lost its call: {how_it_ended(endpoint)}"
    return found


def how_it_ended(endpoint: Endpoint) -> Any:
    """Give the code and the reason with which its last call ended."""
    last = endpoint.status()["last_call"] or {}
    return {key: last.get(key) for key in ("end_code", "end_reason", "ended_at")}


def lost_and_came(endpoint: Endpoint) -> tuple[int, int]:
    """Give how much of its call's sound was lost so far, and how much came."""
    sound = endpoint.status()["call"]["audio"]
    return sound["packets_lost"], sound["packets_received"]


def lost_sound(
    endpoints: tuple[Endpoint, ...], packets: int = WINDOW_PACKETS
) -> list[float]:
    """Give the share of sound that each of them lost, of so many packets or some more."""
    before = [lost_and_came(endpoint) for endpoint in endpoints]

    def shares() -> list[float] | None:
        since = [
            (lost - lost_before, came - came_before)
            for (lost, came), (lost_before, came_before) in zip(
                map(lost_and_came, endpoints), before, strict=True
            )
        ]
        if min(map(sum, since)) < packets:
            return None
        return [lost / (lost + came) for lost, came in since]

    return wait_for(shares, "so much sound", poll_seconds=0.1)


def have_pictures(ground: Ground) -> None:
    """Wait until both have moving pictures: chance may send it down to sound for a while."""

    def are_there() -> bool:
        # A call that is lost has none for ever: that is told at once.
        assert all(map(line, ground.both))
        return min(map(_pictures, ground.both)) > 5

    wait_for(are_there, "both have pictures", PICTURE_SECONDS)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: Folders) -> Iterator[Ground]:
    if not ASTERISK_FILE.exists():
        pytest.skip("no Asterisk here: run script/setup")
    directory: Path = tmp_path_factory.mktemp("thin")
    options = StageOptions(bind=SERVER_ADDRESS, provisions_in_process=True)
    with (
        server_network() as server,
        closing(Village(server, 1)) as village,
        Stage(directory, options) as stage,
    ):
        stage.prepare()
        slugs = stage.kiosks()[0].slug, "counsellor-msa-1"
        kiosk, counsellor = (
            Endpoint(
                slug,
                stage.bundles / f"{slug}.toml",
                directory=stage.directory,
                options=(*more, *CAMERA),
            )
            for slug, more in zip(slugs, ((), ("--auto-answer",)), strict=True)
        )
        stage.program("asterisk").run_behind(server.enter)
        stage.start("asterisk")
        kiosk.program.run_behind(village.enter)
        counsellor.program.run_behind(server.enter)
        for endpoint in (kiosk, counsellor):
            endpoint.program.start()
            endpoint.wait_registered(30)
        place_call_in(server, stage, kiosk.slug, "511")
        try:
            for endpoint in (kiosk, counsellor):
                wait_for(
                    lambda one=endpoint: _pictures(one) > 10,
                    f"{endpoint.slug} has a picture",
                    30,
                )
            yield Ground(village, kiosk, counsellor)
        finally:
            kiosk.program.stop()
            counsellor.program.stop()


def _pictures(endpoint: Endpoint) -> float:
    call = endpoint.call()
    return float(call["video"]["fps"]) if call and call["video"] else 0.0


def test_a_loss_of_five_percent_ends_neither_call_nor_picture(ground: Ground) -> None:
    ground.thin(Thinness(loss_percent=5))
    wait_for(
        lambda: min(lost_sound(ground.both, SHORT_WINDOW_PACKETS)) > 0,
        "some of the sound is lost",
    )
    assert max(lost_sound(ground.both)) < MUCH_SOUND
    have_pictures(ground)


def test_on_a_line_of_250_kilobits_the_sound_stays_and_a_picture_too(
    ground: Ground,
) -> None:
    ground.thin(Thinness())
    wait_for(
        lambda: max(lost_sound(ground.both, SHORT_WINDOW_PACKETS)) == 0,
        "the line is whole",
    )
    calls = [one.status()["call"]["sip_call_id"] for one in ground.both]
    ground.thin(Thinness(rate_kbps=250))
    wait_for(
        lambda: all(line(one)["sent_kbps"] <= 140 for one in ground.both),
        "both send less",
        FOUND_SECONDS,
    )
    wait_for(
        lambda: max(lost_sound(ground.both, SHORT_WINDOW_PACKETS)) < MUCH_SOUND,
        "what was too much has passed",
    )
    assert max(lost_sound(ground.both)) < MUCH_SOUND
    # Whoever lost its connection while the line was too full is back; the call never went.
    for one in ground.both:
        one.wait_registered(REGISTERED_SECONDS)
    assert [one.status()["call"]["sip_call_id"] for one in ground.both] == calls
    have_pictures(ground)

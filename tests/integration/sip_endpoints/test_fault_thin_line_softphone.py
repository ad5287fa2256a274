# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fault: a kiosk's line is too thin for the picture of a softphone that knows nothing of it.

baresip sends what it was set to, whatever gets lost; the sound must not be lost for it.
"""

import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from measure.baresip import Baresip, BaresipError, Picture
from measure.bench_rows import allow_md5
from stage.endpoint import Endpoint
from stage.stack import ASTERISK_FILE, Stage, StageOptions
from stage.village_network import (
    SERVER_ADDRESS,
    Thinness,
    Village,
)
from stage.waiting import wait_for
from tests.factories.villages import place_call_in, server_network

pytestmark = pytest.mark.real

COUNSELLOR = "counsellor-msa-1"
# A softphone's usual picture, of which the line carries a part.
SENT, LINE_KBPS = Picture(1280, 720, 30, 1500), 250
REFUSED_SECONDS, BACK_SECONDS = 60.0, 120.0
# Sound comes fifty times a second: six seconds of it.
WINDOW_PACKETS = 300


@dataclass
class Ground:
    """A kiosk at the end of its village's line, in call with baresip."""

    village: Village
    kiosk: Endpoint


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    if not ASTERISK_FILE.exists():
        pytest.skip("no Asterisk here: run script/setup")
    options = StageOptions(
        bind=SERVER_ADDRESS, softphones=True, provisions_in_process=True
    )
    with (
        server_network() as server,
        closing(Village(server, 1)) as village,
        Stage(tmp_path / "site", options) as stage,
    ):
        stage.prepare()
        bundle = stage.bundles / f"{COUNSELLOR}.toml"
        secret = tomllib.loads(bundle.read_text(encoding="utf-8"))["sip"]["secret"]
        allow_md5(stage.directory / "guichet.db", COUNSELLOR, secret)
        stage.program("asterisk").run_behind(server.enter)
        stage.start("asterisk")
        slug = stage.kiosks()[0].slug
        kiosk = Endpoint(
            slug,
            stage.bundles / f"{slug}.toml",
            directory=stage.directory,
            options=("--camera", "moving"),
        )
        kiosk.program.run_behind(village.enter)
        kiosk.program.start()
        try:
            softphone = Baresip(
                bundle,
                tmp_path / "baresip",
                SENT,
                behind=server.enter,
                address=SERVER_ADDRESS,
            )
        except BaresipError as error:
            kiosk.program.stop()
            pytest.skip(str(error))
        try:
            kiosk.wait_registered(30)
            contacts = "pjsip show contacts"
            wait_for(
                lambda: f"{COUNSELLOR}/" in stage.asterisk.cli(contacts),
                "baresip is registered",
                30,
            )
            place_call_in(server, stage, slug, "531")
            wait_for(lambda: pictures(kiosk) > 5, "the kiosk has a picture", 60)
            yield Ground(village, kiosk)
        finally:
            kiosk.program.stop()
            softphone.stop()


def pictures(kiosk: Endpoint) -> float:
    call = kiosk.call()
    return float(call["video"]["fps"]) if call and call["video"] else 0.0


def is_refused(kiosk: Endpoint) -> bool:
    line = kiosk.status()["line"]
    assert line is not None, "the call is lost"
    return bool(line["picture_refused"])


def test_its_picture_is_refused_the_sound_is_whole_and_the_picture_comes_back(
    ground: Ground,
) -> None:
    kiosk = ground.kiosk
    ground.village.thin(Thinness(), Thinness(rate_kbps=LINE_KBPS))
    wait_for(lambda: is_refused(kiosk), "its picture is refused", REFUSED_SECONDS, 0.2)
    wait_for(lambda: pictures(kiosk) == 0, "it sends none", poll_seconds=0.2)
    before = kiosk.status()["call"]
    enough = before["audio"]["packets_received"] + WINDOW_PACKETS

    def later() -> dict[str, Any] | None:
        call: dict[str, Any] = kiosk.status()["call"]
        return call if call["audio"]["packets_received"] >= enough else None

    after = wait_for(later, "sound goes on", poll_seconds=0.1)
    # Beside so much sound not one packet of a picture came.
    assert (after["audio"]["packets_lost"], after["video"]["packets_received"]) == (
        before["audio"]["packets_lost"],
        before["video"]["packets_received"],
    )
    # The kiosk itself is seen on.
    wait_for(
        lambda: kiosk.status()["camera"]["open"], "the camera is open", poll_seconds=0.1
    )

    ground.village.thin(Thinness(), Thinness())
    wait_for(lambda: not is_refused(kiosk), "it is asked again", BACK_SECONDS, 0.5)
    wait_for(lambda: pictures(kiosk) > 5, "the kiosk has a picture", 60)
    assert kiosk.status()["call"]["appointment_id"] == "531"

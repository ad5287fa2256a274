# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk has its sound and picture sent back by the real Asterisk; nobody hears its room."""

import sys
import tomllib
import wave
from array import array
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from measure.tones import write_tones
from sip_endpoints.control import ControlError
from sip_endpoints.media_test import CALL_CAME
from stage.ami import BareAmi
from stage.endpoint import VIRTUAL_DEVICES, Endpoint
from stage.processes import Program
from stage.sip_probe import SipProbe
from stage.stack import REPOSITORY, Stage
from stage.waiting import wait_for

pytestmark = pytest.mark.real

KIOSK = "kiosk-wassigny"
RESIDENT_HZ, TALK_SECONDS, HEARD_SECONDS = 1500, 60.0, 1.5
# Of 32,767; silence is not sent as nothing at all, and a tone is a hundred times louder.
SILENT = 50
# 16 bits at 48 kHz.
BYTES_A_SECOND = 2 * 48_000
# Five seconds give 250 packets of sound, and 43 where nothing is joined to the call; a busy
# machine begins late.
SOUND_PACKETS, PICTURE_PACKETS = 100, 10


@pytest.fixture
def heard(asterisk_stage: Stage, tmp_path: Path) -> Iterator[Endpoint]:
    """Give a kiosk at which somebody speaks all the time; what comes back is kept."""
    asterisk_stage.stop(KIOSK)
    known = asterisk_stage.kiosk(KIOSK)
    kiosk = Endpoint(KIOSK, known.bundle, directory=asterisk_stage.directory)
    said = tmp_path / "said.wav"
    write_tones(said, [RESIDENT_HZ], TALK_SECONDS)
    files = [str(tmp_path / "echo.wav"), str(tmp_path / "kept.wav"), str(said)]
    words = ["stage.echoed_kiosk", *files, "run", str(known.bundle), *VIRTUAL_DEVICES]
    kiosk.program = Program(
        "echoed-kiosk",
        [sys.executable, "-m", *words],
        directory=asterisk_stage.directory,
        log=asterisk_stage.directory / "log" / "echoed-kiosk.log",
        environment={"PYTHONPATH": f"{REPOSITORY / 'script'}:{REPOSITORY}"},
    )
    kiosk.program.start()
    kiosk.wait_registered()
    yield kiosk
    kiosk.program.stop()


@pytest.fixture
def aside() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def begin(
    stage: Stage, kiosk: Endpoint, aside: ThreadPoolExecutor
) -> "Future[dict[str, Any]]":
    """Give the order, and return once Asterisk has the call."""
    result = aside.submit(kiosk.order, "media-test")
    wait_for(
        lambda: stage.asterisk.channels() or result.done(),
        "the kiosk calls",
        poll_seconds=0.05,
    )
    return result


def loudest(file: Path) -> int:
    with wave.open(str(file)) as kept:
        samples = array("h", kept.readframes(kept.getnframes()))
    return max(map(abs, samples), default=0)


def seconds_kept(file: Path) -> float:
    return file.stat().st_size / BYTES_A_SECOND if file.exists() else 0.0


def remembered(stage: Stage) -> list[str]:
    """Give what the dialplan has written down."""
    lines = stage.asterisk.cli("database show").splitlines()
    return [line for line in lines if line.startswith("/guichet")]


def test_sound_and_picture_reach_asterisk_and_come_back(
    asterisk_stage: Stage, ami: BareAmi, kiosk: Endpoint, aside: ThreadPoolExecutor
) -> None:
    before, complaints = (
        remembered(asterisk_stage),
        asterisk_stage.asterisk.complaints(),
    )
    running = begin(asterisk_stage, kiosk, aside)
    # One at a time, whoever has the kiosk's secret.
    secret = tomllib.loads(kiosk.bundle.read_text())["sip"]["secret"]
    ca_file = asterisk_stage.directory / "tls" / "ca.pem"
    with SipProbe("tls", asterisk_stage.ports.sip_tls, ca_file) as probe:
        assert probe.invite("media-test", KIOSK, secret).code == 486
    status = kiosk.status()
    assert (status["call"], status["camera"]["open"]) == (None, False)
    result = running.result()
    for name, least in (("sound", SOUND_PACKETS), ("picture", PICTURE_PACKETS)):
        for count, packets in result[name].items():
            assert packets is not None and packets >= least, (name, count, result)
    ended = ami.wait_event("Hangup", ChannelStateDesc="Up", Cause="16")
    assert ended["Channel"].startswith(f"PJSIP/{KIOSK}-")
    assert remembered(asterisk_stage) == before
    assert asterisk_stage.asterisk.complaints() == complaints


def test_an_appointments_call_ends_the_test_and_is_answered(
    asterisk_stage: Stage, ami: BareAmi, kiosk: Endpoint, aside: ThreadPoolExecutor
) -> None:
    running = begin(asterisk_stage, kiosk, aside)
    ami.place_call(KIOSK, "msa", "gv-541-1", appointment="541")
    with pytest.raises(ControlError, match=CALL_CAME):
        running.result()
    call = wait_for(kiosk.call, "the kiosk is in the call", poll_seconds=0.05)
    assert call["appointment_id"] == "541"
    wait_for(
        lambda: ((kiosk.call() or {}).get("audio") or {}).get("packets_received"),
        "it hears the queue",
        poll_seconds=0.1,
    )
    # The other one is over for good.
    assert len(asterisk_stage.asterisk.channels()) == 1


def test_nothing_that_is_said_in_the_room_is_sent(
    asterisk_stage: Stage,
    ami: BareAmi,
    heard: Endpoint,
    aside: ThreadPoolExecutor,
    tmp_path: Path,
) -> None:
    echo = tmp_path / "echo.wav"
    running = begin(asterisk_stage, heard, aside)
    wait_for(
        lambda: seconds_kept(echo) > HEARD_SECONDS or running.done(),
        "it has come back for a while",
        poll_seconds=0.1,
    )
    assert not running.done()
    heard.program.stop()
    with pytest.raises(ControlError):
        running.result()
    assert loudest(echo) < SILENT

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk's sound in a call: cards are unplugged and plugged in again, its server hangs or dies.

The real telephone on the real PipeWire, in a call through the real Asterisk. Each side says a
tone, which is looked for at the other: what is left goes on, what is back is heard by itself.
"""

import os
import sys
import wave
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from measure.tones import write_tones
from sip_endpoints.machine.devices.found import Kind
from sip_endpoints.machine.devices.sound import find_sound
from sip_endpoints.machine.session.missing import Missing, MissingWatch, wanted_of
from sip_endpoints.machine.session.sound_look import SoundLook
from sip_endpoints.machine.system.choices import Devices
from sip_endpoints.settings import COLORBAR
from stage.ami import BareAmi
from stage.endpoint import Endpoint
from stage.kiosk_sound import KioskSound, is_heard_in, missing_programs
from stage.processes import Program
from stage.stack import REPOSITORY, Stage
from stage.waiting import wait_for

pytestmark = pytest.mark.real

KIOSK, COUNSELLOR = "kiosk-guise", "counsellor-msa-1"
RESIDENT_HZ, COUNSELLOR_HZ, NOBODY_HZ = 1500, 1100, 2600
TALK_SECONDS = 150
# 16 bits at 48 kHz, after the head of the file.
HEAD_BYTES, BYTES_A_SECOND = 44, 2 * 48_000
NEWEST_SECONDS = 1.5
HEARD_SECONDS = 30.0
# Of 32767: what the codec makes of silence, far below a hum.
SILENT_PEAK = 100
# The kiosk waits longer: a test is not made slow by it.
HUNG_SECONDS = 3.0
SPIN_PERCENT, LOOK_SECONDS = 50.0, 2.0


class NoScreens:
    """Of screens nothing is said here."""

    def look(self) -> Missing | None:
        """Miss none."""
        return None


class Told:
    """What the kiosk tells of what it misses, by the real look at the real PipeWire."""

    def __init__(self, sound: KioskSound) -> None:
        self._told: list[tuple[str, ...]] = []
        self._watch = MissingWatch(
            wanted_of(Devices(), COLORBAR, "auto"),
            NoScreens(),
            lambda: find_sound(sound.runtime),
            list,
            self._told.append,
        )

    def wait(self, *parts: str) -> None:
        """Return once this is told to be missing, and nothing else."""

        def is_told() -> bool:
            self._watch.look()
            return bool(self._told) and self._told[-1] == parts

        wait_for(is_told, f"told: {parts}", poll_seconds=0.1)


@pytest.fixture
def sound(tmp_path: Path) -> Iterator[KioskSound]:
    if missing := missing_programs():
        pytest.skip(f"not here: {missing}")
    said = tmp_path / "resident-says.wav"
    # With pauses: what never changes is taken for noise, and out of the sound.
    write_tones(said, [RESIDENT_HZ, 0] * TALK_SECONDS, 0.5)
    with KioskSound(tmp_path / "sound", said) as sound:
        yield sound


@pytest.fixture
def kiosk(asterisk_stage: Stage, sound: KioskSound) -> Iterator[Endpoint]:
    known = asterisk_stage.kiosk(KIOSK)
    kiosk = Endpoint(
        KIOSK,
        known.bundle,
        directory=asterisk_stage.directory,
        options=("--audio", "auto"),
        environment=sound.environment,
    )
    kiosk.program.start()
    kiosk.wait_registered()
    yield kiosk
    kiosk.program.stop()


@pytest.fixture
def kept(asterisk_stage: Stage, tmp_path: Path) -> Iterator[Path]:
    """Give where what comes to the counsellor's telephone is kept, who says a tone."""
    said, kept = tmp_path / "counsellor-says.wav", tmp_path / "counsellor.wav"
    write_tones(said, [COUNSELLOR_HZ], TALK_SECONDS)
    bundle = str(asterisk_stage.bundle_for_another(COUNSELLOR))
    words = ("--role", "counsellor", "--play", str(said), "--keep", str(kept))
    telephone = Program(
        "counsellor",
        [sys.executable, "-m", "measure.bare_telephone", bundle, *words],
        directory=asterisk_stage.directory,
        log=tmp_path / "counsellor.log",
        environment={"PYTHONPATH": f"{REPOSITORY / 'script'}:{REPOSITORY}"},
    )
    telephone.start()
    telephone.wait_until(lambda: asterisk_stage.asterisk.is_registered(COUNSELLOR))
    yield kept
    telephone.stop()


def newest_of(kept: Path) -> bytes:
    """Give the samples of the last second or two; none where there are not so many yet.

    How much is kept stands in the file's head at the end only.
    """
    size = int(NEWEST_SECONDS * BYTES_A_SECOND)
    if not kept.exists() or os.path.getsize(kept) < HEAD_BYTES + size:
        return b""
    with kept.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(end - (end - HEAD_BYTES) % 2 - size)
        return file.read(size)


def is_silent(kept: Path) -> bool:
    """Tell whether the counsellor heard nothing at all of late, no hum either."""
    newest = array("h", newest_of(kept))
    return bool(newest) and max(map(abs, newest)) < SILENT_PEAK


def is_resident_heard(kept: Path) -> bool:
    """Tell whether the counsellor heard the resident's tone in the last second or two."""
    newest = newest_of(kept)
    if not newest:
        return False
    looked_at = kept.with_suffix(".looked-at.wav")
    with wave.open(str(looked_at), "wb") as cut:
        cut.setparams((1, 2, 48_000, 0, "NONE", ""))
        cut.writeframes(newest)
    return is_heard_in(looked_at, RESIDENT_HZ, NOBODY_HZ)


def heard_by(sound: KioskSound, kept: Path) -> Callable[..., None]:
    """Give what returns once each side hears the other, or the resident is not heard."""

    def both_heard(*, resident: bool = True, counsellor: bool = True) -> None:
        if counsellor:
            wait_for(
                lambda: sound.is_heard(COUNSELLOR_HZ, NOBODY_HZ),
                "the counsellor is heard",
                HEARD_SECONDS,
            )
        wait_for(
            lambda: is_resident_heard(kept) is resident,
            f"the resident is {'' if resident else 'not '}heard",
            HEARD_SECONDS,
            0.2,
        )

    return both_heard


def place_call(ami: BareAmi) -> None:
    ami.place_call(KIOSK, "msa", "gv-341-1", appointment="341")
    ami.wait_event("AgentConnect")


def test_what_is_unplugged_in_a_call_is_told_and_heard_again_once_it_is_back(
    ami: BareAmi,
    sound: KioskSound,
    kiosk: Endpoint,
    kept: Path,
) -> None:
    told = Told(sound)
    both_heard = heard_by(sound, kept)
    place_call(ami)
    both_heard()
    told.wait()
    call = (kiosk.call() or {})["sip_call_id"]

    sound.unplug(Kind.LOUDSPEAKER)
    told.wait("loudspeaker")
    both_heard(counsellor=False)
    # As where one plug carries both.
    sound.unplug(Kind.MICROPHONE)
    # With both out nothing keeps the time, and what a peer makes of the last sound is its own.
    told.wait("microphone", "loudspeaker")
    sound.plug(Kind.LOUDSPEAKER)
    told.wait("microphone")
    both_heard(resident=False)
    sound.plug(Kind.MICROPHONE)
    told.wait()
    both_heard()
    assert (kiosk.call() or {})["sip_call_id"] == call


def test_the_sound_server_hangs_in_a_call_is_ended_and_the_sound_is_back_with_it(
    ami: BareAmi,
    sound: KioskSound,
    kiosk: Endpoint,
    kept: Path,
) -> None:
    look = SoundLook(sound.runtime, hung_seconds=HUNG_SECONDS)
    both_heard = heard_by(sound, kept)
    place_call(ami)
    both_heard()
    call = (kiosk.call() or {})["sip_call_id"]

    wait_for(look, "its cards are listed", HEARD_SECONDS, 0.1)
    sound.hang_server()
    wait_for(lambda: look() == [], "it is taken to hang", HEARD_SECONDS, 0.1)
    # What its unit does: whatever hung on it ends too.
    sound.bury_server()
    look.close()
    wait_for(lambda: is_silent(kept), "the counsellor hears no hum", HEARD_SECONDS, 0.2)
    telephone = psutil.Process(kiosk.program.pid)
    # At first it may make up for what it could not do meanwhile.
    wait_for(
        lambda: telephone.cpu_percent(LOOK_SECONDS) < SPIN_PERCENT,
        "it turns round nothing",
    )
    sound.start_server()
    both_heard()
    assert sound.is_used()
    assert (kiosk.call() or {})["sip_call_id"] == call


def test_the_sound_server_is_killed_between_calls_and_the_next_one_has_its_sound(
    ami: BareAmi,
    sound: KioskSound,
    kiosk: Endpoint,
    kept: Path,
) -> None:
    both_heard = heard_by(sound, kept)

    def told(what: str, times: int) -> None:
        wait_for(lambda: kiosk.program.log_text().count(what) == times, what, 30, 0.1)

    sound.kill_server()
    sound.start_server()
    told("the sound server is back", 1)
    assert not sound.is_used()
    sound.kill_server()
    told("the sound server ended", 2)
    place_call(ami)
    sound.start_server()
    both_heard()
    ami.action("Hangup", Channel="gv-341-1")
    wait_for(lambda: not sound.is_used(), "the microphone is closed", poll_seconds=0.1)

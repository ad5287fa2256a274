# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each of three hears the two others and not themselves, also over streams that are agreed on anew.

Each says a tone of their own; what comes to each is kept and the tones are looked for in it.
"""

import os
import signal
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from measure.tones import levels_of, write_tones
from stage.ami import BareAmi
from stage.endpoint import VIRTUAL_DEVICES, Endpoint
from stage.interpreter_call import call_interpreter
from stage.processes import Program
from stage.stack import REPOSITORY, Stage
from stage.waiting import wait_for

pytestmark = pytest.mark.real

KIOSK = "kiosk-guise"
SERVICE = "mission-locale-thierache"
COUNSELLOR, INTERPRETER = "counsellor-msa-1", "counsellor-mission-locale-thierache-1"
# None is a multiple of another: what a codec adds to one is not taken for another.
RESIDENT_HZ, COUNSELLOR_HZ, INTERPRETER_HZ = 1500, 1100, 1900
NOBODY_HZ = 2600
TALK_SECONDS, HEARD_SECONDS = 80.0, 6.0
# Before that is the queue's music and the notice of the camera, after it the end of the call.
LOOKED_AT_SECONDS, END_SECONDS = 4, 1
# 16 bits at 48 kHz.
BYTES_A_SECOND = 2 * 48_000
# Both voices that are heard are about as loud; what is not there is far below.
HEARD_DB, SILENT_DB = 6.0, -30.0


@pytest.fixture
def voices(tmp_path: Path) -> dict[int, Path]:
    """Give a file for each tone, long enough for the whole test."""
    found = {}
    for hz in (RESIDENT_HZ, COUNSELLOR_HZ, INTERPRETER_HZ):
        found[hz] = tmp_path / f"says-{hz}.wav"
        write_tones(found[hz], [hz], TALK_SECONDS)
    return found


def program(stage: Stage, name: str, *words: str) -> Program:
    return Program(
        name,
        [sys.executable, "-m", *words],
        directory=stage.directory,
        log=stage.directory / "log" / f"{name}.log",
        environment={"PYTHONPATH": f"{REPOSITORY / 'script'}:{REPOSITORY}"},
    )


def telephone(stage: Stage, slug: str, said: Path, kept: Path) -> Program:
    bundle = str(stage.bundle_for_another(slug))
    words = ("--role", "counsellor", "--play", str(said), "--keep", str(kept))
    words += ("--size", "640x360", "--size", "640x480")
    return program(stage, f"heard-{slug}", "measure.bare_telephone", bundle, *words)


@pytest.fixture
def kiosk(
    asterisk_stage: Stage, tmp_path: Path, voices: dict[int, Path]
) -> Iterator[Endpoint]:
    """Give a kiosk whose loudspeaker is kept, and at which a resident speaks."""
    known = asterisk_stage.kiosk(KIOSK)
    kiosk = Endpoint(KIOSK, known.bundle, directory=asterisk_stage.directory)
    kept, said = str(tmp_path / "resident.wav"), str(voices[RESIDENT_HZ])
    words = ("run", str(known.bundle), *VIRTUAL_DEVICES)
    kiosk.program = program(
        asterisk_stage, "heard-kiosk", "stage.heard_kiosk", kept, said, *words
    )
    kiosk.program.start()
    kiosk.wait_registered()
    yield kiosk
    kiosk.program.stop()


def grows(file: Path, seconds: float) -> bool:
    """Tell whether so much was kept so far; how much it is stands in its head at the end only."""
    return file.exists() and os.path.getsize(file) >= BYTES_A_SECOND * seconds


def size(kiosk: Endpoint) -> str:
    video = (kiosk.call() or {}).get("video") or {}
    return f"{video.get('width')}x{video.get('height')}"


def levels(file: Path, *tones: int) -> list[float]:
    """Give how loud each tone is while all three talk, in decibels beside the first."""
    looked_at = file.with_suffix(".looked-at.wav")
    with wave.open(str(file)) as kept, wave.open(str(looked_at), "wb") as cut:
        cut.setparams(kept.getparams())
        rate = kept.getframerate()
        first = kept.getnframes() - rate * (LOOKED_AT_SECONDS + END_SECONDS)
        kept.setpos(max(0, first))
        cut.writeframes(kept.readframes(rate * LOOKED_AT_SECONDS))
    return [levels_of(looked_at, tones)[hz] for hz in tones]


def test_each_hears_the_two_others_and_not_themselves(
    ami: BareAmi,
    asterisk_stage: Stage,
    kiosk: Endpoint,
    voices: dict[int, Path],
    tmp_path: Path,
) -> None:
    kept = {slug: tmp_path / f"{slug}.wav" for slug in (COUNSELLOR, INTERPRETER)}
    counsellor = telephone(
        asterisk_stage, COUNSELLOR, voices[COUNSELLOR_HZ], kept[COUNSELLOR]
    )
    interpreter = telephone(
        asterisk_stage, INTERPRETER, voices[INTERPRETER_HZ], kept[INTERPRETER]
    )
    telephones = (counsellor, interpreter)
    try:
        for each, slug in zip(telephones, kept, strict=True):
            each.start()
            each.wait_until(lambda: asterisk_stage.asterisk.is_registered(slug))
        ami.place_call(KIOSK, "msa", "gv-331-1", appointment="331")
        ami.wait_event("AgentConnect")
        wait_for(
            lambda: (kiosk.call() or {}).get("audio"), "both talk", poll_seconds=0.1
        )
        call_interpreter(ami, KIOSK, SERVICE, 331)
        wait_for(
            lambda: grows(kept[INTERPRETER], HEARD_SECONDS), "all three talk", 30, 0.2
        )
        # The streams are agreed on anew, as where a telephone is turned.
        os.kill(counsellor.pid, signal.SIGUSR1)
        wait_for(
            lambda: size(kiosk) == "640x480", "another picture comes", poll_seconds=0.1
        )
        before = os.path.getsize(kept[INTERPRETER]) / BYTES_A_SECOND
        wait_for(
            lambda: grows(kept[INTERPRETER], before + HEARD_SECONDS),
            "all three talk again",
            30,
            0.2,
        )
    finally:
        for each in telephones:
            each.stop()
    wait_for(lambda: kiosk.call() is None, "the call is over", 40, 0.1)
    kiosk.program.stop()

    for file, others, own in (
        (tmp_path / "resident.wav", (COUNSELLOR_HZ, INTERPRETER_HZ), RESIDENT_HZ),
        (kept[COUNSELLOR], (RESIDENT_HZ, INTERPRETER_HZ), COUNSELLOR_HZ),
        (kept[INTERPRETER], (RESIDENT_HZ, COUNSELLOR_HZ), INTERPRETER_HZ),
    ):
        _, second, itself, nobody = levels(file, *others, own, NOBODY_HZ)
        told = f"{file.name}: {second:.0f}, {itself:.0f}, {nobody:.0f} dB"
        assert abs(second) < HEARD_DB, told
        assert max(itself, nobody) < SILENT_DB, told

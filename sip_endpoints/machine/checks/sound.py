# SPDX-License-Identifier: AGPL-3.0-or-later
"""Loudspeaker and microphone: a tone is played and heard back, past the echo cancelling."""

import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO

from sip_endpoints.machine.checks.check import Check, CheckName, absent, failed, passed
from sip_endpoints.machine.checks.tone import RATE_HZ, TONE_SECONDS, listen, tone_file
from sip_endpoints.machine.devices.found import ChoiceNeeded, Found, Kind, meant
from sip_endpoints.machine.devices.sound import (
    find_sound,
    is_at_the_ear,
    sound_environment,
)
from sip_endpoints.machine.system.choices import AUTO, NONE, Devices
from sip_endpoints.machine.system.errors import ProgramFailed
from sip_endpoints.machine.system.programs import Run, run
from sip_endpoints.settings import NULL_AUDIO

# Before and after the tone; a microphone over USB takes a moment to open.
_MARGIN_SECONDS = 1.0
_NAME = CheckName.SOUND


def check_sound(devices: Devices, bundled: str, runtime: Path, run: Run = run) -> Check:
    """Play and listen."""
    if NONE in (devices.microphone, devices.loudspeaker) or bundled == NULL_AUDIO:
        return absent(_NAME)
    try:
        run(["pw-cli", "info", "0"], environment=sound_environment(runtime))
        found = find_sound(runtime, run)
    except ProgramFailed:
        # It does not run, or hangs.
        return failed(_NAME, "sound_stopped")
    try:
        microphone = _meant(Kind.MICROPHONE, devices.microphone, found)
        loudspeaker = _meant(Kind.LOUDSPEAKER, devices.loudspeaker, found)
    except ChoiceNeeded:
        return failed(_NAME, "choice_needed")
    if microphone is None and loudspeaker is None:
        return failed(_NAME, "no_sound_card")
    if microphone is None:
        return failed(_NAME, "no_microphone")
    if loudspeaker is None:
        return failed(_NAME, "no_loudspeaker")
    try:
        recording = play_and_record(microphone.name, loudspeaker.name, runtime, run)
    except (ProgramFailed, OSError) as error:
        return failed(_NAME, "no_tone", why=str(error))
    heard = listen(recording)
    details = {
        "microphone": microphone.title,
        "loudspeaker": loudspeaker.title,
        "level": heard.level,
    }
    return (
        passed(_NAME, **details)
        if heard.is_tone
        else failed(_NAME, "no_tone", **details)
    )


def _meant(kind: Kind, choice: str, found: list[Found]) -> Found | None:
    """Give the device that is tried; a handset beside the room's own needs no choice."""
    of_kind = [each for each in found if each.kind is kind]
    of_room = [each for each in of_kind if not is_at_the_ear(each.name)]
    return meant(kind, choice, of_room if choice == AUTO and of_room else of_kind)


def play_and_record(
    microphone: str, loudspeaker: str, runtime: Path, run: Run
) -> bytes:
    """Give what the microphone heard while the loudspeaker played the tone."""
    environment = sound_environment(runtime)
    words = ["pw-record", "--raw", "--target", microphone, "--rate", str(RATE_HZ)]
    words += ["--channels", "1", "--format", "s16", "-"]
    with tempfile.TemporaryFile() as heard, tempfile.NamedTemporaryFile() as tone:
        tone.write(tone_file())
        tone.flush()
        recorder = _open(words, environment, heard)
        try:
            time.sleep(_MARGIN_SECONDS)
            run(
                ["pw-play", "--target", loudspeaker, tone.name],
                environment=environment,
                limit_seconds=TONE_SECONDS + 10,
            )
            time.sleep(_MARGIN_SECONDS / 2)
        finally:
            recorder.terminate()
            recorder.wait(5)
        heard.seek(0)
        return heard.read()


def _open(
    words: list[str], environment: dict[str, str], heard: IO[bytes]
) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            words,
            env={"PATH": "/usr/bin:/bin", **environment},
            stdout=heard,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        raise ProgramFailed(f"Le programme {words[0]} ne démarre pas.") from error

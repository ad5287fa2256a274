# SPDX-License-Identifier: AGPL-3.0-or-later
"""A text is spoken by the real programs; what it says is in no command line."""

import array
import shutil
import subprocess
from pathlib import Path

import pytest

from booking_web.telling.voice import speaking
from booking_web.telling.voice.speaking import (
    LONGEST_TEXT,
    VoiceFailed,
    VoiceMissing,
    has_voice,
    speak,
)

RATE = 16000
SENTENCE = "Nom de famille : Lefèvre-Œuvrard. Né le : 7 mars 1948."

pytestmark = pytest.mark.real


@pytest.fixture
def voice() -> None:
    if not has_voice():
        pytest.skip("no voice: apt-get install espeak-ng opus-tools")


def heard(sound: bytes) -> tuple[float, int]:
    """Give how many seconds a sound lasts, and how loud it gets at most."""
    decode = ["opusdec", "--quiet", "--rate", str(RATE), "-", "-"]
    decoded = subprocess.run(decode, input=sound, capture_output=True, check=True)
    samples = array.array("h", decoded.stdout)
    return len(samples) / RATE, max(map(abs, samples))


def test_a_sentence_is_heard_and_takes_a_sentences_time(voice) -> None:
    seconds, loudest = heard(speak(SENTENCE))
    assert 3 < seconds < 12
    assert loudest > 3000


def test_a_long_text_is_spoken_as_far_as_it_goes_and_little_to_send(voice) -> None:
    sound = speak("Nom : Lefèvre. " * 1000)
    seconds, _ = heard(sound)
    assert seconds < LONGEST_TEXT / 5
    assert len(sound) < 6000 * seconds


def test_another_language_is_spoken_by_its_own_voice(voice) -> None:
    assert speak("Please sit down.", "en") != speak("Please sit down.")
    assert heard(speak("Please sit down.", "en"))[1] > 3000


@pytest.mark.parametrize(
    "text",
    ["", "🙂", "محمد", "[[h@l'oU]]", "-v de", "<speak>&", "\0\x1b[2J", "a\ud800"],
)
def test_whatever_is_written_in_a_field_is_no_trouble(voice, text) -> None:
    assert speak(f"Nom : {text}.").startswith(b"OggS")


def test_what_is_said_is_in_no_command_line(voice, monkeypatch) -> None:
    commands = []
    run = subprocess.run

    def noted(command, **given):
        commands.append(command)
        return run(command, **given)

    monkeypatch.setattr(speaking.subprocess, "run", noted)
    speak(SENTENCE)
    assert len(commands) == 2
    assert "Lefèvre" not in str(commands)


def test_a_missing_program_is_told(monkeypatch, tmp_path: Path) -> None:
    prlimit = shutil.which("prlimit")
    assert prlimit is not None
    (tmp_path / "prlimit").symlink_to(prlimit)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not has_voice()
    with pytest.raises(VoiceMissing):
        speak(SENTENCE)


@pytest.mark.parametrize("does", ["exit 3", "sleep 60", "kill -9 $$"])
def test_a_program_that_fails_or_hangs_is_ended(monkeypatch, tmp_path, does) -> None:
    for name in ("espeak-ng", "opusenc"):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(speaking, "TIMEOUT_SECONDS", 0.5)
    with pytest.raises(VoiceFailed):
        speak(SENTENCE)

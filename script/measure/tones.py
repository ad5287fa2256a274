# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tones in WAV files: written, and found again (Goertzel's algorithm)."""

import array
import math
import wave
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

RATE_HZ = 48_000
AMPLITUDE = 8000
# A tone counts as carried down to so many decibels below the one of 1 kHz.
CARRIED_DB = -10.0
WINDOW = RATE_HZ // 10
BEAT_HZ, BEAT_SECONDS = 800, 0.5
# It is looked for in steps of so many a second.
BEAT_STEPS = 200


def write_tones(file: Path, tones_hz: Sequence[int], seconds: float) -> None:
    """Write each tone for so long, one after the other."""
    count = int(RATE_HZ * seconds)
    _write(file, (_sample(hz, at) for hz in tones_hz for at in range(count)))


def write_beat(file: Path, seconds: int) -> None:
    """Write a tone that begins as each second does, and lasts for half of it."""
    end = RATE_HZ * BEAT_SECONDS
    second = [_sample(BEAT_HZ, at) if at < end else 0 for at in range(RATE_HZ)]
    _write(file, second * seconds)


def levels_of(file: Path, tones_hz: Sequence[int]) -> dict[int, float]:
    """Give how loud each tone is at its loudest, in decibels beside the first."""
    with wave.open(str(file)) as kept:
        rate = kept.getframerate()
        sound = array.array("h", kept.readframes(kept.getnframes()))
    windows = [
        sound[start : start + WINDOW] for start in range(0, len(sound) - WINDOW, WINDOW)
    ]
    loudest = {
        hz: max((_strength(each, hz, rate) for each in windows), default=0.0)
        for hz in tones_hz
        if hz < rate / 2
    }
    first = max(loudest[tones_hz[0]], 1e-3)
    return {
        hz: 20 * math.log10(max(level, 1e-3) / first) for hz, level in loudest.items()
    }


def beats_of(file: Path) -> list[float]:
    """Give the seconds at which what was silent for a while becomes loud."""
    with wave.open(str(file)) as kept:
        rate = kept.getframerate()
        sound = array.array("h", kept.readframes(kept.getnframes()))
    step = rate // BEAT_STEPS
    found, silent = [], 0
    for start in range(0, len(sound) - step, step):
        if max(sound[start : start + step]) < AMPLITUDE // 4:
            silent += 1
            continue
        if silent >= BEAT_STEPS // 5:
            found.append(start / rate)
        silent = 0
    return found


def carried_khz(levels: Mapping[int, float]) -> float:
    """Give the highest tone up to which none is missing."""
    highest = 0
    for hz, level in sorted(levels.items()):
        if level < CARRIED_DB:
            break
        highest = hz
    return highest / 1000


def _sample(hz: int, at: int) -> int:
    return round(AMPLITUDE * math.sin(2 * math.pi * hz * at / RATE_HZ))


def _write(file: Path, samples: Iterable[int]) -> None:
    with wave.open(str(file), "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE_HZ)
        written.writeframes(array.array("h", samples).tobytes())


def _strength(window: "array.array[int]", hz: int, rate: int) -> float:
    step = 2 * math.cos(2 * math.pi * hz / rate)
    last = before = 0.0
    for sample in window:
        last, before = sample + step * last - before, last
    power = last * last + before * before - step * last * before
    return math.sqrt(max(power, 0.0)) / len(window)

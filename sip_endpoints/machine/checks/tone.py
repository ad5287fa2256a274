# SPDX-License-Identifier: AGPL-3.0-or-later
"""A tone to play, and whether a recording holds it (Goertzel's algorithm). Pure."""

import array
import io
import math
import wave
from dataclasses import dataclass

TONE_HZ, BESIDE_HZ = 1000, 1370
RATE_HZ = 16000
TONE_SECONDS = 1.5
# A quarter of full scale: heard, and nobody jumps.
_AMPLITUDE = 8000
_WINDOW = RATE_HZ // 10
# How much louder than its neighbour the tone must be, and how loud at least (of 32767).
_CLEARER, _LOUDEST_SILENCE = 4.0, 8.0
# So many windows in a row: a door or a cough is not as long.
_WINDOWS_WANTED = 4


@dataclass(frozen=True, slots=True)
class Heard:
    """How many windows in a row held the tone, and how loud the loudest was."""

    windows: int
    level: int

    @property
    def is_tone(self) -> bool:
        """Say whether it was our tone."""
        return self.windows >= _WINDOWS_WANTED


def tone_file() -> bytes:
    """Give the tone as a WAV file; it begins and ends softly."""
    count = int(TONE_SECONDS * RATE_HZ)
    ramp = RATE_HZ // 20
    samples = array.array("h")
    for index in range(count):
        soft = min(1.0, index / ramp, (count - index) / ramp)
        wanted = math.sin(2 * math.pi * TONE_HZ * index / RATE_HZ)
        samples.append(int(_AMPLITUDE * soft * wanted))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(samples.tobytes())
    return file.getvalue()


def listen(recording: bytes) -> Heard:
    """Listen to 16-bit samples, one channel, at our rate."""
    samples = array.array("h", recording[: len(recording) // 2 * 2])
    best = run = 0
    loudest = 0.0
    for start in range(0, len(samples) - _WINDOW + 1, _WINDOW):
        window = samples[start : start + _WINDOW]
        tone, beside = _strength(window, TONE_HZ), _strength(window, BESIDE_HZ)
        is_tone = tone > _LOUDEST_SILENCE and tone > _CLEARER * beside
        run = run + 1 if is_tone else 0
        best, loudest = max(best, run), max(loudest, tone)
    return Heard(best, round(loudest))


def _strength(window: "array.array[int]", frequency_hz: int) -> float:
    step = 2 * math.cos(2 * math.pi * frequency_hz / RATE_HZ)
    last = before = 0.0
    for sample in window:
        last, before = sample + step * last - before, last
    power = last * last + before * before - step * last * before
    return math.sqrt(max(power, 0.0)) / len(window)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where a sentence begins and where it ends, by how loud the sound is. Pure.

For models that read a sentence as a whole; those that stream find its end by themselves.
"""

import math
from array import array
from collections import deque

RATE = 16000
FRAME = RATE // 50
# Kept from before somebody was heard: a consonant is softer than its vowel.
BEFORE_FRAMES = 15
# So much silence ends a sentence, and so much speech is ended all the same.
SILENT_FRAMES, LONGEST_FRAMES = 30, 450
# Shorter is a click or a cough.
SHORTEST_FRAMES = 8
# Of full scale: below that nobody speaks, however quiet the line is.
LEAST_LEVEL = 0.006
# How far above the line's own noise a voice is; that is what is left between two words, in the
# last ten seconds.
ABOVE_NOISE = 3.0
NOISE_FRAMES = 500


class Speech:
    """Cuts sound into sentences; `take` says whether one has ended."""

    def __init__(self) -> None:
        self.samples = array("f")
        self._before: deque[array[float]] = deque(maxlen=BEFORE_FRAMES)
        self._levels: deque[float] = deque(maxlen=NOISE_FRAMES)
        self._spoken = self._silent = 0
        self._is_on = False

    @property
    def is_on(self) -> bool:
        """Tell whether somebody speaks, for long enough to be no click."""
        return self._is_on and self._spoken >= SHORTEST_FRAMES

    def take(self, frame: "array[float]") -> bool:
        """Take a fiftieth of a second; True: the sentence in `samples` is over."""
        is_loud = self._is_loud(frame)
        if not self._is_on:
            self._before.append(frame)
            if is_loud:
                self._is_on = True
                self._spoken, self._silent = 1, 0
                self.samples = array("f")
                for each in self._before:
                    self.samples.extend(each)
                self._before.clear()
            return False
        self.samples.extend(frame)
        self._spoken += is_loud
        self._silent = 0 if is_loud else self._silent + 1
        is_long = len(self.samples) >= LONGEST_FRAMES * FRAME
        if self._silent < SILENT_FRAMES and not is_long:
            return False
        self._is_on = False
        return self._spoken >= SHORTEST_FRAMES

    def _is_loud(self, frame: "array[float]") -> bool:
        level = math.sqrt(sum(each * each for each in frame) / len(frame))
        self._levels.append(level)
        noise = min(self._levels)
        return level > max(LEAST_LEVEL, noise * ABOVE_NOISE)

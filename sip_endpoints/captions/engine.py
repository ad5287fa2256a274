# SPDX-License-Identifier: AGPL-3.0-or-later
"""The process that hears words: sound on standard input, a JSON line for each word told.

Lasts for one call: when it ends, what it heard is gone with its memory.
"""

import json
import os
import resource
import sys
import time
from array import array
from pathlib import Path
from typing import Any

from sip_endpoints.captions.models import LIBRARY, CaptionsFault, find_model
from sip_endpoints.captions.recogniser import Recogniser, add_library, open_recogniser
from sip_endpoints.captions.speech import RATE

# The picture and the voice of the call come first, and live on where memory ends.
NICENESS, OOM_SCORE = 10, 900
SAMPLE_BYTES = 2
FULL_SCALE = 32768.0
READ_BYTES = 1 << 16
# How often it says that it lives, by the sound that it has heard.
ALIVE_SECONDS = 0.5


def main() -> None:
    """Hear what comes in, until it ends: `engine FOLDER LANGUAGE RATE`."""
    folder, language, rate = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    step_back()
    add_library(folder / LIBRARY, sys.path)
    try:
        began = time.monotonic()
        recogniser = open_recogniser(find_model(folder, language))
    except CaptionsFault as fault:
        tell({"fault": str(fault)})
        return
    tell({"ready": round(time.monotonic() - began, 3)})
    listen(recogniser, rate)


def step_back() -> None:
    """Take less of the processor than the call, be the first to go, leave no memory on a disk."""
    os.umask(0o077)
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE), encoding="ascii")


def listen(recogniser: Recogniser, rate: int) -> None:
    """Have the recogniser hear standard input, until that ends."""
    rest, heard, told = b"", 0.0, 0.0
    step = rate // RATE
    unit = SAMPLE_BYTES * step
    while data := os.read(0, READ_BYTES):
        rest += data
        whole = len(rest) - len(rest) % unit
        piece, rest = rest[:whole], rest[whole:]
        heard += whole / unit / RATE
        for word in recogniser.hear(thinned(piece, step)):
            tell({"text": word.text, "final": word.is_final, "heard": heard})
            told = heard
        if heard - told >= ALIVE_SECONDS:
            told = heard
            tell({"heard": heard})


def thinned(piece: bytes, step: int) -> "array[float]":
    """Give sound at the recogniser's rate, each sample the mean of those that it stands for."""
    samples = array("h", piece)
    if step == 1:
        return array("f", (each / FULL_SCALE for each in samples))
    scale = FULL_SCALE * step
    parts = [samples[first::step] for first in range(step)]
    return array("f", (sum(each) / scale for each in zip(*parts, strict=True)))


def tell(message: dict[str, Any]) -> None:
    """Write one line to the service."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

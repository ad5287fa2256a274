# SPDX-License-Identifier: AGPL-3.0-or-later
"""screen.sync: how much later the picture is than the sound, at the kiosk's end of a call.

The virtual bars have a dot that appears as each second begins, and the counsellor's end plays a
tone that begins as each second does. At the kiosk's end the dot is looked for on the screen, and
the tone in what the stack hands to the loudspeaker. One clock, since both ends are here.
"""

import time
from statistics import median

from measure.bare_telephone import kept_since
from measure.inventory import FAR_COUNSELLOR, PEER_KIOSK
from measure.rows import Figures
from measure.screen_ground import DRAWN, ScreenGround
from measure.tones import beats_of, write_beat
from stage.kiosk_session import ColourWatch

SECONDS = 20
# The dot in the upper right corner, in pixels of the screen.
DOT_X, DOT_Y = 1879, 22
SETTLE_SECONDS = 5.0
# Of a whole second, so that each dot has one tone; a picture is later rather than earlier.
EARLIEST_SECONDS, LATEST_SECONDS = 0.3, 0.7


def measure() -> Figures:
    """Return milliseconds, for each second; negative: the sound is late."""
    with ScreenGround() as ground:
        folder = ground.system.folder
        file, kept = folder / "seconds.wav", folder / "kept.wav"
        write_beat(file, SECONDS * 3)
        ground.far.program.stop()
        far = ("--role", "counsellor", "--play", str(file), "--on-the-second")
        ground.start_bare_telephone(FAR_COUNSELLOR, *far)
        kiosk = ground.start_bare_telephone(PEER_KIOSK, "--keep", str(kept), *DRAWN)
        watch = ground.session.colour_watch(DOT_X, DOT_Y)
        with ground.connected(PEER_KIOSK):
            time.sleep(SETTLE_SECONDS)
            looks = _looks(watch, SECONDS)
        kiosk.stop()
        began = kept_since(kiosk.log_text())
        heard = [began + each for each in beats_of(kept)]
    seen = _rises(looks)
    late = [_late_ms(each, heard) for each, _ in seen]
    heard_after = median(1000 * (each % 1) for each in heard[-SECONDS:])
    look_ms = median(1000 * width for _, width in seen)
    note = (
        f"the tone is heard {heard_after:.0f} ms after it was begun; the screen is looked"
        f" at every {look_ms:.0f} ms, which is how exact this is"
    )
    return Figures(tuple(each for each in late if each is not None), (), (note,))


Look = tuple[float, bool]


def _looks(watch: ColourWatch, seconds: int) -> list[Look]:
    end = time.monotonic() + seconds
    looks: list[Look] = []
    while time.monotonic() < end:
        at, colour = watch.look()
        looks.append((at, min(colour) > 128))
    return looks


def _rises(looks: list[Look]) -> list[tuple[float, float]]:
    """Give when the dot appeared, between the two looks around it, and how far these are apart."""
    return [
        ((before + at) / 2, at - before)
        for (before, was), (at, is_seen) in zip(looks, looks[1:], strict=False)
        if is_seen and not was
    ]


def _late_ms(seen: float, heard: list[float]) -> float | None:
    """Give how much later than the tone of the same second; None where none is near."""
    near = [each for each in heard if -EARLIEST_SECONDS < seen - each < LATEST_SECONDS]
    return 1000 * (seen - near[0]) if near else None

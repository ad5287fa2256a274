# SPDX-License-Identifier: AGPL-3.0-or-later
"""screen.first_picture: the counsellor answers -> their first picture on the first screen.

The peer is a telephone on the same stack without the kiosk's rules: its window is open from the
beginning of the call, and it gives no notice. (baresip's window needs X11, which a kiosk has not.)
"""

from statistics import median

from measure.inventory import OUR_KIOSK, PEER_KIOSK
from measure.rows import Figures
from measure.screen_ground import DRAWN, ScreenGround

RUNS = 10
WARM_UP_RUNS = 1
# A person needs as long to press a key; the notice is over by then.
RING_SECONDS = 2.0
AT_ONCE_RUNS = 5


def measure() -> Figures:
    """Answer both in turn after two seconds, and ours also as it rings."""
    with ScreenGround() as ground:
        ground.start_bare_telephone(PEER_KIOSK, *DRAWN)
        pairs = [
            [
                ground.first_picture_ms(kiosk, RING_SECONDS)
                for kiosk in (OUR_KIOSK, PEER_KIOSK)
            ]
            for _ in range(WARM_UP_RUNS + RUNS)
        ][WARM_UP_RUNS:]
        at_once = [ground.first_picture_ms(OUR_KIOSK, 0.0) for _ in range(AT_ONCE_RUNS)]
    ours, theirs = zip(*pairs, strict=True)
    note = f"answered as it rings, with the whole notice: {median(at_once):.0f} ms"
    return Figures(tuple(ours), tuple(theirs), (note,))

# SPDX-License-Identifier: AGPL-3.0-or-later
"""screen.first_picture: the counsellor answers -> their first picture on the kiosk's first screen.

The peer is baresip in the same call, with its X11 window on the other screen. It gives no notice.
"""

from statistics import median

from measure.inventory import OUR_KIOSK, PEER_KIOSK
from measure.rows import Figures
from measure.screen_ground import ScreenGround, Seen
from stage.kiosk_session import PAGES_WORKSPACE

RUNS = 10
WARM_UP_RUNS = 1
# A person needs as long to press a key; the notice is over by then.
RING_SECONDS = 2.0
AT_ONCE_RUNS = 5
# Without a window manager baresip's window is as large as the picture, in the corner.
BARESIP_SEEN = Seen(20, 180, PAGES_WORKSPACE)


def measure() -> Figures:
    """Answer both in turn after two seconds, and ours also as it rings."""
    with ScreenGround() as ground:
        ground.start_baresip(PEER_KIOSK)
        pairs = [
            (
                ground.first_picture_ms(OUR_KIOSK, RING_SECONDS),
                ground.first_picture_ms(PEER_KIOSK, RING_SECONDS, BARESIP_SEEN),
            )
            for _ in range(WARM_UP_RUNS + RUNS)
        ][WARM_UP_RUNS:]
        at_once = [ground.first_picture_ms(OUR_KIOSK, 0.0) for _ in range(AT_ONCE_RUNS)]
    ours, theirs = zip(*pairs, strict=True)
    note = f"answered as it rings, with the whole notice: {median(at_once):.0f} ms"
    return Figures(tuple(ours), tuple(theirs), (note,))

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hands every packet of a router on late, as a satellite or a far mast does.

`python -m stage.late_packets MILLISECONDS`, behind the router's namespace: makes the interface
`late`; what is routed to it comes back out of it after so long, in the same order.
"""

import fcntl
import os
import select
import struct
import sys
import time
from collections import deque

INTERFACE = "late"
LARGEST_PACKET = 65536
# linux/if_tun.h: TUNSETIFF, IFF_TUN and IFF_NO_PI.
_SET_INTERFACE, _PACKETS_ALONE = 0x400454CA, 0x0001 | 0x1000


def hand_on(tunnel: int, seconds: float) -> None:
    """Read packets and write each back after so long; never returns."""
    waiting: deque[tuple[float, bytes]] = deque()
    while True:
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            os.write(tunnel, waiting.popleft()[1])
        pause = waiting[0][0] - now if waiting else None
        if select.select([tunnel], [], [], pause)[0]:
            packet = os.read(tunnel, LARGEST_PACKET)
            waiting.append((time.monotonic() + seconds, packet))


def main() -> None:
    """Make the interface and hand on what comes."""
    tunnel = os.open("/dev/net/tun", os.O_RDWR)
    name = INTERFACE.encode("ascii")
    fcntl.ioctl(tunnel, _SET_INTERFACE, struct.pack("16sH22x", name, _PACKETS_ALONE))
    hand_on(tunnel, int(sys.argv[1]) / 1000)


if __name__ == "__main__":
    main()

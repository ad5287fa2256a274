# SPDX-License-Identifier: AGPL-3.0-or-later
"""A device that does not answer at once: it sleeps, or the network lost one question."""

import time
from collections.abc import Callable

from sip_endpoints.machine.checks.check import Check

# A printer that wakes up answers within ten seconds.
PAUSES_SECONDS = (2.0, 8.0)
_MAY_WAKE_UP = frozenset({"printer_away", "scanner_away", "no_scanner"})


def look_again(
    look: Callable[[], Check], sleep: Callable[[float], None] = time.sleep
) -> Check:
    """Look again, after a pause, at a device that is away; give what was found last."""
    check = look()
    for seconds in PAUSES_SECONDS:
        if check.cause not in _MAY_WAKE_UP:
            break
        sleep(seconds)
        check = look()
    return check

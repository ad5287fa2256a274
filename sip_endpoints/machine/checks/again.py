# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is not there at once: a device that sleeps, a browser that opens, a lost question."""

import time
from collections.abc import Callable

from sip_endpoints.machine.checks.check import Check

# A printer that wakes up answers within ten seconds; so does a browser that begins with the
# machine, or with its enrolment.
PAUSES_SECONDS = (2.0, 8.0)
_MAY_COME = frozenset({"printer_away", "scanner_away", "no_scanner", "no_browser"})


def look_again(
    look: Callable[[], Check], sleep: Callable[[float], None] = time.sleep
) -> Check:
    """Look again, after a pause, for what is away; give what was found last."""
    check = look()
    for seconds in PAUSES_SECONDS:
        if check.cause not in _MAY_COME:
            break
        sleep(seconds)
        check = look()
    return check

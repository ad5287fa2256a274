# SPDX-License-Identifier: AGPL-3.0-or-later
"""A camera that is plugged in anew: the telephone looks for cameras only when it starts."""

from collections.abc import Callable

from sip_endpoints.log import Log
from sip_endpoints.machine.devices.found import Found

log = Log(__name__)


class CameraWatch:
    """Has the telephone begin anew when the cameras are others than they were."""

    def __init__(
        self, find: Callable[[], list[Found]], let_phone_end: Callable[[], bool]
    ) -> None:
        self._find = find
        self._let_phone_end = let_phone_end
        self._known = find()

    def look(self) -> None:
        """Compare, and act once no call is up."""
        now = self._find()
        if now == self._known or (now and not self._let_phone_end()):
            return
        self._known = now
        log.info("the cameras changed", cameras=len(now))

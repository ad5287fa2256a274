# SPDX-License-Identifier: AGPL-3.0-or-later
"""When calls may be placed: not while Asterisk is unheard, nor too soon after it was restarted."""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog

logger = structlog.get_logger(__name__)

# A kiosk whose Asterisk was restarted registers again within this time; called earlier it
# would pass for switched off.
KIOSKS_REGISTER_WITHIN_SECONDS = 10.0
STARTED_ANEW = timedelta(seconds=2)


class PlacingGate:
    """Opened when Asterisk is heard and compared with, closed when it is lost.

    `may_place` is set while it stands open.
    """

    def __init__(self) -> None:
        self.may_place = asyncio.Event()
        # Asterisk's start when it was last followed.
        self._followed_since: datetime | None = None
        self._opening: asyncio.TimerHandle | None = None

    def open(self, asterisk_started_at: datetime) -> None:
        """Let calls be placed, once the kiosks had the time to register again."""
        former, self._followed_since = self._followed_since, asterisk_started_at
        wait_seconds = 0.0
        if former is not None and asterisk_started_at - former > STARTED_ANEW:
            age_seconds = (datetime.now(UTC) - asterisk_started_at).total_seconds()
            wait_seconds = max(0.0, KIOSKS_REGISTER_WITHIN_SECONDS - age_seconds)
            logger.info("asterisk restarted", calls_wait_seconds=wait_seconds)
        self._opening = asyncio.get_running_loop().call_later(
            wait_seconds, self.may_place.set
        )

    def close(self) -> None:
        """Have no call placed until it is opened again."""
        self.may_place.clear()
        if self._opening is not None:
            self._opening.cancel()

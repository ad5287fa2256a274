# SPDX-License-Identifier: AGPL-3.0-or-later
"""A task of the dispatcher's beside the calls: woken or once a second it serves, for ever.

No call waits for it. What Asterisk or the database did not let it do is done the next time.
"""

import asyncio
import contextlib
from abc import ABC, abstractmethod
from datetime import datetime

import structlog
from sqlalchemy.exc import IntegrityError, OperationalError

from booking_web.dispatcher.ledger import Ledger
from booking_web.dispatcher.manager.ami import Ami, AmiError, AmiEvent

logger = structlog.get_logger(__name__)

POLL_SECONDS = 1.0


class NotDoneYet(Exception):
    """Asterisk took it and has not done it within its time."""


class WakingTask(ABC):
    """Serves when woken, and every second."""

    # What the log says was not done, when Asterisk did not answer or refused.
    undone: str
    # What is told within this time is served together.
    together_seconds = 0.0

    def __init__(self) -> None:
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Serve at once."""
        self._wake.set()

    async def run(self) -> None:
        """Serve for ever."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()
                    await asyncio.sleep(self.together_seconds)
            self._wake.clear()
            try:
                await self._serve()
            except (AmiError, NotDoneYet) as error:
                logger.warning(self.undone, error=str(error))
                self._fail()
            except (IntegrityError, OperationalError):
                logger.warning("database not available")
                self._fail()

    @abstractmethod
    async def _serve(self) -> None:
        """Do what there is to do now."""

    def _fail(self) -> None:
        """Note that what was begun is not known to be done."""


class FollowingTask(WakingTask):
    """One that also compares with Asterisk: when events ask for it, and now and then.

    While Asterisk is not heard it decides nothing.
    """

    # Heals whatever an event that never came has left behind.
    look_every_seconds: float

    def __init__(self, ami: Ami, ledger: Ledger) -> None:
        super().__init__()
        self._ami = ami
        self._ledger = ledger
        # Asterisk's start while it is followed.
        self._followed: datetime | None = None
        self._is_look_due = False
        self._looked_at = float("-inf")

    def begin(self, asterisk_started_at: datetime) -> None:
        """Compare with Asterisk: its events are heard from now on."""
        self._followed = asterisk_started_at
        self._look_soon()

    def lose(self) -> None:
        """Decide nothing until Asterisk is heard again."""
        self._followed = None

    @abstractmethod
    def hear(self, event: AmiEvent) -> None:
        """Take an event in; returns at once."""

    async def _serve(self) -> None:
        if self._followed is not None:
            await self._follow(self._followed)

    @abstractmethod
    async def _follow(self, asterisk_started_at: datetime) -> None:
        """Do what there is to do now; Asterisk is heard."""

    def _fail(self) -> None:
        self._is_look_due = True

    def _look_soon(self) -> None:
        self._is_look_due = True
        # Not `self.wake`: an event is no wish of a page, for which a task may do more.
        super().wake()

    def _begin_look(self) -> None:
        self._is_look_due = False
        self._looked_at = asyncio.get_running_loop().time()

    @property
    def _is_a_look_long_ago(self) -> bool:
        now = asyncio.get_running_loop().time()
        return now - self._looked_at >= self.look_every_seconds

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keeps in the database who is there, from Asterisk's lists and then from its events.

It has a task of its own: no call waits for it, and what comes close together is written
together.
"""

import asyncio
import contextlib
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import IntegrityError, OperationalError

from booking_web.dispatcher.ledger import Ledger
from booking_web.dispatcher.manager.ami import Ami, AmiError, AmiEvent
from booking_web.dispatcher.presence.events import Seen, seen_in, seen_in_lists
from booking_web.domain.kiosks.presence import end_watch, keep_watch, write_presence
from booking_web.domain.kiosks.watch import SIGN_EVERY_SECONDS

logger = structlog.get_logger(__name__)

# A call changes several states within a moment.
TOGETHER_SECONDS = 0.2


class PresenceFollower:
    """Who is there, as the dispatcher hears it; `run` writes it down for ever."""

    def __init__(self, ami: Ami, ledger: Ledger) -> None:
        self._ami = ami
        self._ledger = ledger
        self._wake = asyncio.Event()
        self._is_following = False
        self._is_list_due = False
        self._heard: list[Seen] = []

    def begin(self) -> None:
        """Read the lists: events are heard from now on."""
        self._is_following = self._is_list_due = True
        self._wake.set()

    def look_again(self) -> None:
        """Read the lists once more, for whatever no event told."""
        self._is_list_due = True

    def lose(self) -> None:
        """Say that nothing is heard any more."""
        self._is_following = False
        self._heard.clear()
        self._wake.set()

    def hear(self, event: AmiEvent) -> None:
        """Take an event in; returns at once."""
        seen = seen_in(event)
        if seen is not None and self._is_following:
            self._heard.append(seen)
            self._wake.set()

    async def run(self) -> None:
        """Write down what is heard, and a sign of life now and then."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SIGN_EVERY_SECONDS):
                    await self._wake.wait()
                    await asyncio.sleep(TOGETHER_SECONDS)
            self._wake.clear()
            try:
                await self._write()
            except AmiError as error:
                logger.warning("presence not read", error=str(error))
            except IntegrityError:
                logger.info("presence written by another dispatcher")
                self._is_list_due = True
            except OperationalError:
                logger.warning("database not available")
                self._is_list_due = True

    async def _write(self) -> None:
        if not self._is_following:
            await self._ledger.write(lambda session: end_watch(session, _now()))
            return
        heard, self._heard = self._heard, []
        is_all = self._is_list_due
        if is_all:
            # What is heard while the lists come is newer, and written after them.
            lists = seen_in_lists(
                await self._ami.device_states(), await self._ami.queue_members()
            )
            self._is_list_due = False
            heard = lists
        if not heard and not is_all:
            await self._ledger.write(lambda session: keep_watch(session, _now()))
            return
        devices = {each.endpoint: each.state for each in heard if not each.queue}
        members = {(each.queue, each.endpoint): each.state for each in heard}
        await self._ledger.write(
            lambda session: write_presence(
                session, devices, members, _now(), is_all=is_all
            )
        )


def _now() -> datetime:
    return datetime.now(UTC)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A dispatcher that follows an Asterisk of the test's own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from booking_web.dispatcher.dispatcher import Dispatcher
from booking_web.dispatcher.manager.ami import Connected
from provisioning.database.engine import Database
from tests.unit.booking_web.dispatcher.fake_ami import FakeAmi

A_DAY_AGO = datetime.now(UTC) - timedelta(days=1)
DEADLINE_SECONDS = 90.0


class FollowedGround:
    """A database, an Asterisk, and who follows it into the database."""

    def __init__(self, database: Database, bell: Path | None = None) -> None:
        self.database = database
        self.bell = bell
        self.ami = FakeAmi()

    def connect(self, started_at: datetime = A_DAY_AGO) -> None:
        """Have Asterisk, which began then, reached from now on."""
        self.ami.heard.put_nowait(Connected(started_at))

    @asynccontextmanager
    async def dispatched(self) -> AsyncIterator[None]:
        """Have a dispatcher at work meanwhile; Asterisk is away until it is connected."""
        dispatching = asyncio.create_task(
            Dispatcher(self.database, self.ami, self.bell).run()
        )
        try:
            yield
        finally:
            dispatching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await dispatching

    @asynccontextmanager
    async def followed(self) -> AsyncIterator[None]:
        """Have Asterisk followed meanwhile."""
        self.connect()
        async with self.dispatched():
            yield

    async def until(self, condition: Callable[[], object]) -> None:
        """Return once this is so."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not condition():
                await asyncio.sleep(0.01)


Ground = TypeVar("Ground", bound=FollowedGround)


def play(world: Ground, story: Callable[[Ground], Awaitable[None]]) -> None:
    """Play the story while Asterisk is followed."""

    async def go() -> None:
        async with world.followed():
            await story(world)

    asyncio.run(go())

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Cuts whoever was shut out: hangs up, and has Asterisk forget where they registered.

It has a task of its own: no call waits for it, and it waits for no Asterisk that is slow to
be followed again. What could not be done is tried again a second later, for ever.
"""

import asyncio
import contextlib
from datetime import UTC, datetime
from functools import partial

import structlog

from booking_web.dispatcher.call_id import parse_call
from booking_web.dispatcher.cutting.cuts import (
    Cut,
    end_graces,
    is_anything_to_do,
    take_cuts,
)
from booking_web.dispatcher.ledger import Ledger
from booking_web.dispatcher.manager.ami import Ami, AmiRefused
from booking_web.dispatcher.waking import NotDoneYet, WakingTask
from booking_web.domain.rights.browser_telephones import (
    end_what_is_over,
    endings_to_do,
    is_any_over,
    mark_ended,
)
from provisioning.directory.cutting import mark_cut

logger = structlog.get_logger(__name__)

# Asterisk looks for registrations that ended once a second.
GONE_WITHIN_SECONDS = 3.0
LOOK_SECONDS = 0.1


class Cutter(WakingTask):
    """Does what stands in the database to be cut; `run` does so for ever."""

    undone = "not cut yet"

    def __init__(self, ami: Ami, ledger: Ledger) -> None:
        super().__init__()
        self._ami = ami
        self._ledger = ledger

    async def _serve(self) -> None:
        await self._look()
        await self._look_at_pages()

    async def _look(self) -> None:
        now = datetime.now(UTC)
        if not await self._ledger.read(lambda session: is_anything_to_do(session, now)):
            return
        cuts = await self._ledger.write(lambda session: take_cuts(session, now))
        await self._ledger.write(lambda session: end_graces(session, now))
        for cut in cuts:
            await self._cut(cut)

    async def _look_at_pages(self) -> None:
        """End what pages whose sign-in is over telephone with; their calls go on."""
        now = datetime.now(UTC)
        if await self._ledger.read(lambda session: is_any_over(session, now)):
            for slug in await self._ledger.write(
                lambda session: end_what_is_over(session, now)
            ):
                logger.info("secret of a page ended", endpoint=slug)
        for ending in await self._ledger.read(endings_to_do):
            await self._end_registrations(ending.slug)
            await self._ledger.write(partial(mark_ended, ending=ending))

    async def _cut(self, cut: Cut) -> None:
        await self._hang_up(cut)
        await self._end_registrations(cut.slug)
        # A call that was on its way while the registration stood.
        await self._hang_up(cut)
        now = datetime.now(UTC)
        await self._ledger.write(
            lambda session: mark_cut(session, cut.slug, cut.read_at, now)
        )
        took = (datetime.now(UTC) - cut.read_at).total_seconds()
        logger.warning("endpoint cut", endpoint=cut.slug, seconds=round(took, 3))

    async def _hang_up(self, cut: Cut) -> None:
        roots = {name.root for call in cut.calls if (name := parse_call(call))}
        for channel in await self._ami.channels():
            # PJSIP/<endpoint>-<eight hexadecimal digits>
            is_theirs = channel.name.rpartition("-")[0] == f"PJSIP/{cut.slug}"
            if is_theirs or channel.uniqueid in roots:
                # It may have ended by itself meanwhile.
                with contextlib.suppress(AmiRefused):
                    await self._ami.hang_up(channel.uniqueid)

    async def _end_registrations(self, slug: str) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + GONE_WITHIN_SECONDS
        for registration in await self._ami.registrations(slug):
            await self._ami.end_registration(registration)
        while await self._ami.registrations(slug):
            if loop.time() > until:
                raise NotDoneYet(f"{slug} is still registered")
            await asyncio.sleep(LOOK_SECONDS)

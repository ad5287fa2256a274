# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keeps the call of a counsellor whose page has gone, so that the page finds it again.

The kiosk is sent where the dialplan plays music and rings the page once it is back
(`guichet-kept`): from there on nobody misses this process. No event is believed: each only
has Asterisk asked what comes from the counsellor's page.
"""

import asyncio
import contextlib
from datetime import UTC, datetime

import structlog

from booking_web.dispatcher.following.call_events import KEPT_CONTEXT, KEPT_EVENT
from booking_web.dispatcher.ledger import Ledger
from booking_web.dispatcher.manager.ami import Ami, AmiEvent, AmiRefused
from booking_web.dispatcher.placing.originating import EXTENSION
from booking_web.dispatcher.returning.pages_in_call import (
    GONE_AFTER_SECONDS,
    LOST_AFTER_SECONDS,
    PageInCall,
    Silences,
    gone_in,
    kept_calls,
    pages_in_call,
)
from booking_web.dispatcher.returning.rows import note_kept, read_standing
from booking_web.dispatcher.waking import FollowingTask

logger = structlog.get_logger(__name__)

# Right after a registration went, and while nothing comes.
LOOK_CLOSELY_SECONDS = 0.2
CLOSELY_FOR_SECONDS = 1.0
# While the line alone is cut.
LOOK_AGAIN_SECONDS = 1.0
_OF_KEPT_CALLS = frozenset({"DialEnd", "Hangup"})


class ReturnFollower(FollowingTask):
    """The calls of pages; `run` looks after them for ever."""

    undone = "calls of pages not looked after"
    look_every_seconds = 2.0

    def __init__(self, ami: Ami, ledger: Ledger) -> None:
        super().__init__(ami, ledger)
        # Endpoints whose registration went, and when: what comes from them is looked at closely.
        self._gone: dict[str, float] = {}
        # Of these something came since.
        self._alive: set[str] = set()
        self._silences = Silences()
        self._kept: frozenset[str] = frozenset()

    def hear(self, event: AmiEvent) -> None:
        endpoint = gone_in(event)
        if endpoint:
            self._gone[endpoint] = asyncio.get_running_loop().time()
            self._alive.discard(endpoint)
        is_of_kept = bool(self._kept) and event.name in _OF_KEPT_CALLS
        if endpoint or is_of_kept or event.get("UserEvent") == KEPT_EVENT:
            self._look_soon()

    async def _follow(self, _asterisk_started_at: datetime) -> None:
        if self._is_look_due or self._is_a_look_long_ago:
            self._begin_look()
            await self._look()

    async def _look(self) -> None:
        standing = await self._ledger.read(read_standing)
        if not standing.pages or not standing.calls:
            self._gone.clear()
            self._kept = frozenset()
            return
        channels = await self._ami.channels()
        kept = frozenset(kept_calls(channels)) & standing.calls
        if kept != standing.kept:
            await self._ledger.write(
                lambda session: note_kept(session, kept, datetime.now(UTC))
            )
        self._kept = kept
        in_call = [
            page
            for page in pages_in_call(channels, standing.pages)
            if page.call.text in standing.calls
        ]
        self._silences.keep_only(page.channel for page in in_call)
        silent = [await self._listen(page) for page in in_call]
        # Whatever else was named is no page, or in no call.
        named = {page.counsellor for page in in_call}
        self._gone = {each: at for each, at in self._gone.items() if each in named}
        if self._gone:
            now = asyncio.get_running_loop().time()
            is_close = (
                any(silent) or now - max(self._gone.values()) < CLOSELY_FOR_SECONDS
            )
            seconds = LOOK_CLOSELY_SECONDS if is_close else LOOK_AGAIN_SECONDS
            asyncio.get_running_loop().call_later(seconds, self._look_soon)

    async def _listen(self, page: PageInCall) -> bool:
        """Ask what comes from the page; tells whether nothing did."""
        try:
            packets = await self._ami.packets_received(page.channel)
        except AmiRefused:
            # It has ended meanwhile.
            return False
        now = asyncio.get_running_loop().time()
        silent_seconds = self._silences.see(page.channel, packets, now)
        is_gone = page.counsellor in self._gone
        limit = GONE_AFTER_SECONDS if is_gone else LOST_AFTER_SECONDS
        if silent_seconds >= limit:
            await self._keep(page, silent_seconds)
        elif is_gone and not silent_seconds:
            await self._forget_if_back(page)
        return silent_seconds > 0

    async def _keep(self, page: PageInCall, silent_seconds: float) -> None:
        with contextlib.suppress(AmiRefused):
            await self._ami.set_variable(
                page.call.root, "GUICHET_KEPT_FOR", page.counsellor
            )
            await self._ami.redirect(page.call.root, KEPT_CONTEXT, EXTENSION)
        self._gone.pop(page.counsellor, None)
        logger.warning(
            "page gone in its call",
            call=page.call.text,
            endpoint=page.counsellor,
            silent_seconds=round(silent_seconds, 3),
        )

    async def _forget_if_back(self, page: PageInCall) -> None:
        """End the close look at a page whose line was cut and stands again.

        What was counted before its registration went says nothing: a page that was reloaded
        is registered again soon.
        """
        if page.counsellor not in self._alive:
            self._alive.add(page.counsellor)
        elif await self._ami.registrations(page.counsellor):
            self._gone.pop(page.counsellor, None)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Follows Asterisk: events become facts, and after every silence all is compared.

One task takes everything in order, so a comparison and an event never overlap.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import OperationalError

from booking_web.dispatcher.call_id import parse_call
from booking_web.dispatcher.following.call_events import CallFact, OutcomeUnknown
from booking_web.dispatcher.following.call_tracker import CallTracker
from booking_web.dispatcher.following.confirming import is_confirmed
from booking_web.dispatcher.following.live_calls import live_calls
from booking_web.dispatcher.following.outcomes import (
    ENDINGS,
    FAMILY,
    Ending,
    outcome_of,
)
from booking_web.dispatcher.following.placing_gate import PlacingGate
from booking_web.dispatcher.following.reconciliation import (
    GRACE,
    Findings,
    LiveCall,
    compare,
)
from booking_web.dispatcher.ledger import RETRY_SECONDS, Ledger
from booking_web.dispatcher.manager.ami import (
    Absent,
    Ami,
    AmiError,
    AmiEvent,
    AmiUnavailable,
    Connected,
    Lost,
    Notice,
)
from booking_web.dispatcher.presence.follower import PresenceFollower
from booking_web.dispatcher.waking import FollowingTask
from booking_web.tables.state_reasons import Reason
from booking_web.tables.states import ON_THE_LINE, AppointmentState

logger = structlog.get_logger(__name__)

# Heals whatever an event that never came has left behind.
COMPARE_EVERY_SECONDS = 30.0
_UNEXPLAINED = Ending(AppointmentState.INTERRUPTED, Reason.CALL_BROKEN)


class _CompareNow:
    """Asks the one task for a comparison."""


class Follower:
    """Keeps the appointments where Asterisk says they are.

    The tasks beside it hear what it hears, from the moment when all is compared.
    """

    def __init__(
        self, ami: Ami, ledger: Ledger, beside: Sequence[FollowingTask]
    ) -> None:
        self._gate = PlacingGate()
        self._ami = ami
        self._presence = PresenceFollower(ami, ledger)
        self._beside = beside
        self._ledger = ledger
        self._tracker = CallTracker()
        self._inbox: asyncio.Queue[Notice | _CompareNow] = asyncio.Queue()
        self._is_following = False
        self._connection: Connected | None = None
        # Calls whose channel was missing at the last look, with the time of that look.
        self._missing_since: dict[str, datetime] = {}
        self._next_look: asyncio.TimerHandle | None = None

    @property
    def may_place(self) -> asyncio.Event:
        """Give what is set while calls may be placed."""
        return self._gate.may_place

    async def run(self) -> None:
        """Follow for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._read_notices(self._ami.notices()))
            tasks.create_task(self._compare_regularly())
            tasks.create_task(self._presence.run())
            while True:
                await self._take_all(await self._waiting_notices())

    def look_again(self, after_seconds: float) -> None:
        """Have everything compared once more, after a while."""
        loop = asyncio.get_running_loop()
        at = loop.time() + after_seconds
        if self._next_look is not None:
            if self._next_look.when() <= at:
                return
            self._next_look.cancel()
        self._next_look = loop.call_at(at, self._ask_comparison)

    def _ask_comparison(self) -> None:
        self._next_look = None
        self._inbox.put_nowait(_CompareNow())

    async def hang_up(self, call: str) -> None:
        """Hang the call up; where its channel is gone, find out why."""
        name = parse_call(call)
        if name is None:
            return
        try:
            await self._ami.hang_up(name.root)
            logger.info("call hung up", call=call)
        except AmiError as error:
            logger.info("hang-up failed", call=call, error=str(error))
            self.look_again(GRACE.total_seconds())

    async def _read_notices(self, notices: AsyncIterator[Notice]) -> None:
        async for notice in notices:
            self._inbox.put_nowait(notice)

    async def _compare_regularly(self) -> None:
        while True:
            await asyncio.sleep(COMPARE_EVERY_SECONDS)
            self.look_again(0)
            self._presence.look_again()

    async def _waiting_notices(self) -> list[Notice | _CompareNow]:
        notices = [await self._inbox.get()]
        while not self._inbox.empty():
            notices.append(self._inbox.get_nowait())
        return notices

    async def _take_all(self, notices: list[Notice | _CompareNow]) -> None:
        # Events that came close together are confirmed by one question.
        for are_events, some in itertools.groupby(
            notices, lambda notice: isinstance(notice, AmiEvent)
        ):
            if are_events:
                await self._hear(
                    [event for event in some if isinstance(event, AmiEvent)]
                )
            else:
                for notice in some:
                    await self._take(notice)

    async def _take(self, notice: Notice | _CompareNow) -> None:
        match notice:
            case Connected():
                self._connection = notice
                await self._catch_up(notice)
            case Lost():
                self._connection = None
                self._is_following = False
                self._presence.lose()
                for task in self._beside:
                    task.lose()
                self._gate.close()
            case Absent():
                await self._give_up_every_call()
            case _CompareNow():
                if self._is_following and self._connection is not None:
                    await self._compare(self._connection, were_events_heard=True)
                elif self._connection is not None:
                    await self._catch_up(self._connection)

    async def _catch_up(self, connection: Connected) -> None:
        """Learn what happened unheard; calls may be placed again once that is known."""
        if not await self._compare(connection, were_events_heard=False):
            return
        self._is_following = True
        self._presence.begin()
        for task in self._beside:
            task.begin(connection.asterisk_started_at)
        self._gate.open(connection.asterisk_started_at)

    async def _hear(self, events: Sequence[AmiEvent]) -> None:
        for event in events:
            self._presence.hear(event)
            for task in self._beside:
                task.hear(event)
        ours = [event for event in events if self._tracker.concerns(event)]
        if not ours:
            return
        try:
            channels = await self._ami.channels()
        except AmiError as error:
            logger.warning("events not confirmed", error=str(error))
            self.look_again(GRACE.total_seconds())
            return
        for event in ours:
            if is_confirmed(event, channels):
                await self._believe(event)
            else:
                logger.info("event not confirmed", event_name=event.name)
                self._tracker.doubt(event)
                self.look_again(GRACE.total_seconds())

    async def _believe(self, event: AmiEvent) -> None:
        meaning = self._tracker.hear(event)
        if isinstance(meaning, OutcomeUnknown):
            meaning = await self._outcome(meaning)
        if meaning is not None:
            self._ledger.post([meaning])

    async def _outcome(self, ended: OutcomeUnknown) -> CallFact | None:
        try:
            remembered = await self._ami.remembered_one(FAMILY, ended.kiosk)
        except AmiUnavailable:
            # The connection is going: the comparison after it will find the outcome.
            return None
        outcome = outcome_of(ended.call.text, remembered)
        if outcome is None and ended.otherwise is not None:
            return ended.otherwise
        ending = ENDINGS.get(outcome or "", _UNEXPLAINED)
        return CallFact(ended.call, ending.state, ending.reason)

    async def _compare(self, connection: Connected, were_events_heard: bool) -> bool:
        live = await self._live_calls()
        try:
            channels = await self._ami.channels()
            remembered = await self._ami.remembered(FAMILY)
        except AmiError as error:
            logger.warning("comparison put off", error=str(error))
            self.look_again(GRACE.total_seconds())
            return False
        now = datetime.now(UTC)
        found = compare(live, channels, remembered, connection.asterisk_started_at, now)
        facts = found.facts
        if were_events_heard:
            self._tracker.add(found.going_on)
            facts = self._only_long_missing(found, now)
        else:
            self._tracker.restart(found.going_on)
            self._missing_since.clear()
        self._ledger.post([*facts, *found.adopted])
        await self._hang_up_orphans(found)
        if found.is_to_look_again or self._missing_since:
            self.look_again(GRACE.total_seconds())
        if not were_events_heard:
            logger.info("compared with asterisk", live=len(live), found=len(facts))
        return True

    def _only_long_missing(self, found: Findings, now: datetime) -> list[CallFact]:
        # While events come in, a call that has just ended is told of by its events; its
        # absence alone counts only once it has lasted.
        kept: list[CallFact] = []
        missing: dict[str, datetime] = {}
        for fact in found.facts:
            name = fact.call.text
            if fact.state in ON_THE_LINE:
                kept.append(fact)
            elif now - self._missing_since.get(name, now) >= GRACE:
                kept.append(fact)
            else:
                missing[name] = self._missing_since.get(name, now)
        self._missing_since = missing
        return kept

    async def _hang_up_orphans(self, found: Findings) -> None:
        if not found.orphans:
            return
        # Another dispatcher may have claimed one of them since the first look.
        live = {call.call.text for call in await self._live_calls()}
        for orphan in found.orphans:
            if orphan.text not in live:
                logger.warning("orphan call hung up", call=orphan.text)
                await self.hang_up(orphan.text)

    async def _live_calls(self) -> list[LiveCall]:
        while True:
            try:
                return await self._ledger.read(live_calls)
            except OperationalError:
                logger.warning("database not available")
                await asyncio.sleep(RETRY_SECONDS)

    async def _give_up_every_call(self) -> None:
        live = await self._live_calls()
        self._ledger.post(
            CallFact(
                appointment.call, AppointmentState.INTERRUPTED, Reason.ASTERISK_LOST
            )
            for appointment in live
        )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Carries out who is to be rung and who not, and writes down what Asterisk holds of it.

It has a task of its own: no call waits for it. It may be killed at any moment: what was
asked for stands in the database, what is held in Asterisk's queue, which writes its pauses
into rows of its own and has them again after a restart.
"""

from datetime import UTC, datetime

import structlog

from booking_web.dispatcher.duty.rows import (
    Order,
    is_anything_to_do,
    mark_applied,
    settle_all,
)
from booking_web.dispatcher.duty.seeing import (
    MissedRing,
    calls_for_a_look,
    missed_ring_in,
    seen_in,
)
from booking_web.dispatcher.ledger import Ledger
from booking_web.dispatcher.manager.ami import Ami, AmiEvent, AmiRefused
from booking_web.dispatcher.waking import FollowingTask

logger = structlog.get_logger(__name__)


class DutyFollower(FollowingTask):
    """The counsellors' duty; `run` keeps page and queue at one for ever."""

    undone = "duty not followed"
    # A call's end is told by several events.
    together_seconds = 0.05
    look_every_seconds = 10.0

    def __init__(self, ami: Ami, ledger: Ledger) -> None:
        super().__init__(ami, ledger)
        # Nobody whom Asterisk refuses has the lists read each second.
        self._is_waiting = False
        self._missed: list[MissedRing] = []

    def wake(self) -> None:
        """Look at once for what was asked for."""
        self._is_waiting = False
        super().wake()

    def hear(self, event: AmiEvent) -> None:
        missed = missed_ring_in(event)
        if missed is not None:
            self._missed.append(missed)
        if missed is not None or calls_for_a_look(event):
            self._look_soon()

    async def _follow(self, asterisk_started_at: datetime) -> None:
        if not self._is_look_due and not self._is_a_look_long_ago:
            now = datetime.now(UTC)
            if self._is_waiting or not await self._ledger.read(
                lambda session: is_anything_to_do(session, now)
            ):
                return
        await self._look(asterisk_started_at)

    async def _look(self, asterisk_started_at: datetime) -> None:
        self._begin_look()
        self._is_waiting = False
        asked_at = datetime.now(UTC)
        # First who speaks: a call that ends meanwhile is seen at the next look, which its
        # end asks for.
        channels = await self._ami.channels()
        members = await self._ami.queue_members()
        seen = seen_in(members, channels, asked_at, asterisk_started_at)
        missed = self._missed.copy()
        orders = await self._ledger.write(
            lambda session: settle_all(session, seen, missed, datetime.now(UTC))
        )
        # What came meanwhile is for the next look; until it is written nothing is forgotten.
        del self._missed[: len(missed)]
        is_done = [await self._carry_out(order) for order in orders]
        self._is_waiting = not all(is_done) and not self._wake.is_set()

    async def _carry_out(self, order: Order) -> bool:
        held = order.held
        if not order.is_member:
            logger.warning("duty of no member", endpoint=order.endpoint)
            return False
        try:
            await self._ami.pause_member(
                order.queue, f"PJSIP/{order.endpoint}", held.is_paused, held.word
            )
        except AmiRefused as error:
            logger.warning("duty refused", endpoint=order.endpoint, error=str(error))
            return False
        await self._ledger.write(
            lambda session: mark_applied(session, order, datetime.now(UTC))
        )
        logger.info(
            "duty applied",
            endpoint=order.endpoint,
            is_paused=held.is_paused,
            reason=held.word,
        )
        return True

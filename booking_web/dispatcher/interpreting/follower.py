# SPDX-License-Identifier: AGPL-3.0-or-later
"""Places the calls of interpreters and guests, ends them, and writes down how they stand.

It has a task of its own: no appointment's call waits for it, and it moves none. It may be
killed at any moment: what was placed stands in the database, what is up in Asterisk's list.
"""

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime

import structlog

from booking_web.dispatcher.following.call_events import root_of
from booking_web.dispatcher.interpreting.orders import (
    InterpreterOrder,
    id_in,
    originate_of,
)
from booking_web.dispatcher.interpreting.rows import (
    GoingOn,
    calls_going_on,
    settle,
    take_orders,
)
from booking_web.dispatcher.interpreting.standing import (
    TELEPHONES,
    Seen,
    calls_seen,
    why_nobody,
)
from booking_web.dispatcher.ledger import Ledger
from booking_web.dispatcher.manager.ami import Ami, AmiError, AmiEvent, AmiRefused
from booking_web.dispatcher.waking import FollowingTask
from booking_web.domain.appointments.guests.numbers import Trunk
from booking_web.domain.appointments.guests.visits import (
    end_what_is_over,
    is_any_to_end,
)
from booking_web.tables.interpreters import WhyNobody

logger = structlog.get_logger(__name__)


class InterpreterFollower(FollowingTask):
    """The interpreters' calls; `run` follows them for ever."""

    undone = "interpreters not followed"
    look_every_seconds = 5.0

    def __init__(self, ami: Ami, ledger: Ledger, trunk: Trunk | None = None) -> None:
        super().__init__(ami, ledger)
        self._trunk = trunk

    def hear(self, event: AmiEvent) -> None:
        if id_in(root_of(event)) is not None:
            self._look_soon()

    async def _follow(self, _asterisk_started_at: datetime) -> None:
        now = datetime.now(UTC)
        if await self._ledger.read(lambda session: is_any_to_end(session, now)):
            await self._ledger.write(lambda session: end_what_is_over(session, now))
        going_on = await self._ledger.read(calls_going_on)
        if any(call.is_to_be_placed for call in going_on):
            orders = await self._ledger.write(
                lambda session: take_orders(session, self._trunk, datetime.now(UTC))
            )
            for order in orders:
                await self._place(order)
            self._is_look_due = True
        for call in going_on:
            if call.is_to_end and not call.is_to_be_placed:
                await self._hang_up(call.call)
                self._is_look_due = True
        if self._is_look_due or (going_on and self._is_a_look_long_ago):
            await self._look(going_on)

    async def _look(self, before: list[GoingOn]) -> None:
        self._begin_look()
        # What is placed from here on cannot be missing in the list.
        now = datetime.now(UTC)
        channels = await self._ami.channels()
        seen = calls_seen(channels)
        if not seen and not before:
            return
        remembered = await self._how_telephones_went(before, seen)
        self._is_look_due = await self._ledger.write(
            lambda session: settle(session, seen, now, remembered)
        )
        # What nobody knows of was given up: its appointment is in another call, or in none.
        known = {call.id for call in await self._ledger.read(calls_going_on)}
        for channel in channels:
            number = id_in(channel.uniqueid)
            if number is not None and number not in known:
                logger.warning("orphan interpreter hung up", call=channel.uniqueid)
                await self._hang_up(channel.uniqueid)

    async def _how_telephones_went(
        self, before: list[GoingOn], seen: Mapping[int, Seen]
    ) -> dict[int, WhyNobody]:
        found = {}
        for call in before:
            if not call.telephoned_from or call.is_to_be_placed or call.id in seen:
                continue
            said = await self._ami.remembered_one(TELEPHONES, call.telephoned_from)
            if (why := why_nobody(call.call, said)) is not None:
                found[call.id] = why
        return found

    async def _place(self, order: InterpreterOrder) -> None:
        try:
            await self._ami.originate(originate_of(order))
            logger.info(
                "interpreter called",
                appointment=order.appointment_id,
                call=order.call,
                kiosk=order.kiosk,
                # Never a number.
                interpreter=(
                    "telephone" if order.telephone else order.guest or order.interpreter
                ),
            )
        except AmiError as error:
            # Perhaps Asterisk has it, perhaps not: its channels will tell.
            logger.warning(
                "interpreter's call uncertain", call=order.call, error=str(error)
            )

    async def _hang_up(self, call: str) -> None:
        # It may have ended by itself meanwhile.
        with contextlib.suppress(AmiRefused):
            await self._ami.hang_up(call)

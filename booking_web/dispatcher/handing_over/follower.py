# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hands calls over: has kiosks sent to other telephones, and follows what comes of it.

It may be killed at any moment. What was asked for and begun stands in the database; where the
kiosk is, on its channel and in Asterisk's memory.
"""

from datetime import UTC, datetime

import structlog

from booking_web.dispatcher.call_id import parse_call
from booking_web.dispatcher.following.call_events import root_of
from booking_web.dispatcher.handing_over.orders import (
    CONTEXT,
    EXTENSION,
    HandoverOrder,
    variables_of,
)
from booking_web.dispatcher.handing_over.rows import (
    GoingOn,
    give_up,
    handovers_going_on,
    settle,
    take_handovers,
)
from booking_web.dispatcher.handing_over.standing import FAMILY, standing_of
from booking_web.dispatcher.manager.ami import AmiError, AmiEvent, AmiRefused
from booking_web.dispatcher.waking import FollowingTask

logger = structlog.get_logger(__name__)

# After these a hand-over may stand otherwise; nothing is taken from the events themselves.
_TELLING = frozenset({"AgentConnect", "DialEnd", "BridgeEnter", "Hangup", "UserEvent"})


class HandoverFollower(FollowingTask):
    """The calls that are handed over; `run` follows them for ever."""

    undone = "hand-overs not followed"
    look_every_seconds = 5.0

    def hear(self, event: AmiEvent) -> None:
        if event.name in _TELLING and parse_call(root_of(event)) is not None:
            self._look_soon()

    async def _follow(self, _asterisk_started_at: datetime) -> None:
        going_on = await self._ledger.read(handovers_going_on)
        if any(each.began_at is None for each in going_on):
            orders = await self._ledger.write(
                lambda session: take_handovers(session, datetime.now(UTC))
            )
            for order in orders:
                await self._send(order)
            going_on = await self._ledger.read(handovers_going_on)
            self._is_look_due = True
        if going_on and (self._is_look_due or self._is_a_look_long_ago):
            await self._look(going_on)

    async def _look(self, going_on: list[GoingOn]) -> None:
        self._begin_look()
        channels = await self._ami.channels()
        remembered = await self._ami.remembered(FAMILY)
        now = datetime.now(UTC)
        seen = {
            each.id: standing_of(
                each.id,
                each.call,
                each.began_at,
                channels,
                remembered.get(each.kiosk),
                now,
            )
            for each in going_on
            if each.began_at is not None
        }
        self._is_look_due = await self._ledger.write(
            lambda session: settle(session, seen, datetime.now(UTC))
        )

    async def _send(self, order: HandoverOrder) -> None:
        try:
            for name, value in variables_of(order).items():
                await self._ami.set_variable(order.call, name, value)
            await self._ami.redirect(order.call, CONTEXT, EXTENSION)
            logger.info(
                "call handed over",
                appointment=order.appointment_id,
                call=order.call,
                handover=order.id,
                colleague=order.colleague,
                organisation=order.organisation,
            )
        except AmiRefused as error:
            logger.warning("hand-over refused", call=order.call, error=str(error))
            await self._ledger.write(
                lambda session: give_up(session, order.id, datetime.now(UTC))
            )
        except AmiError as error:
            # Perhaps the kiosk was sent, perhaps not: its channel will tell.
            logger.warning("hand-over uncertain", call=order.call, error=str(error))

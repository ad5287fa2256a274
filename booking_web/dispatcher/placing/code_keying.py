# SPDX-License-Identifier: AGPL-3.0-or-later
"""Takes the codes that wait and keys them beside everything else that the dispatcher does.

It has a task of its own, and is the first to be woken: whoever pressed a button waits for it.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.dispatcher.ledger import Ledger
from booking_web.dispatcher.manager.ami import Ami
from booking_web.dispatcher.placing.codes import (
    ClaimedCode,
    key_in,
    mark_played,
    take_codes,
)
from booking_web.dispatcher.waking import WakingTask
from booking_web.tables.documents import CodeToPlay

_IS_ANY_WAITING = select(CodeToPlay.id).where(CodeToPlay.outcome == "waiting").limit(1)


class CodeKeying(WakingTask):
    """Keys codes while `may_key` is set; `start` runs a piece of work beside the caller."""

    undone = "codes not keyed"

    def __init__(
        self,
        ami: Ami,
        ledger: Ledger,
        may_key: asyncio.Event,
        start: Callable[[Coroutine[None, None, None]], None],
    ) -> None:
        super().__init__()
        self._ami = ami
        self._ledger = ledger
        self._may_key = may_key
        self._start = start

    async def _serve(self) -> None:
        """Start keying what waits; returns before it sounds."""
        if not self._may_key.is_set():
            return
        for code in await self._ledger.write_where(_is_any_waiting, _take) or ():
            self._start(self._key(code))

    async def _key(self, code: ClaimedCode) -> None:
        outcome = await key_in(self._ami, code)
        await self._ledger.write(
            lambda session: mark_played(session, code.id, outcome, datetime.now(UTC))
        )
        # The next code of this call may have waited for this one.
        self.wake()


def _is_any_waiting(session: Session) -> bool:
    return session.scalar(_IS_ANY_WAITING) is not None


def _take(session: Session) -> list[ClaimedCode]:
    return take_codes(session, datetime.now(UTC))

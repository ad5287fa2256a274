# SPDX-License-Identifier: AGPL-3.0-or-later
"""Takes the codes that wait and keys them beside everything else that the dispatcher does."""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime

from sqlalchemy import select

from booking_web.dispatcher.ledger import Ledger
from booking_web.dispatcher.manager.ami import Ami
from booking_web.dispatcher.placing.codes import (
    ClaimedCode,
    key_in,
    mark_played,
    take_codes,
)
from booking_web.tables.documents import CodeToPlay

_IS_ANY_WAITING = select(CodeToPlay.id).where(CodeToPlay.outcome == "waiting").limit(1)


class CodeKeying:
    """Keys codes; `start` runs a piece of work beside the caller, `wake` calls again."""

    def __init__(
        self,
        ami: Ami,
        ledger: Ledger,
        start: Callable[[Coroutine[None, None, None]], None],
        wake: Callable[[], None],
    ) -> None:
        self._ami = ami
        self._ledger = ledger
        self._start = start
        self._wake = wake

    async def key_waiting(self) -> None:
        """Start keying what waits; returns before it sounds."""
        # The write lock is taken only where there is something to take.
        if await self._ledger.read(lambda session: session.scalar(_IS_ANY_WAITING)):
            codes = await self._ledger.write(
                lambda session: take_codes(session, datetime.now(UTC))
            )
            for code in codes:
                self._start(self._key(code))

    async def _key(self, code: ClaimedCode) -> None:
        outcome = await key_in(self._ami, code)
        await self._ledger.write(
            lambda session: mark_played(session, code.id, outcome, datetime.now(UTC))
        )
        # The next code of this call may have waited for this one.
        self._wake()

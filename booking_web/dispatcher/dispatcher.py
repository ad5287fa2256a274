# SPDX-License-Identifier: AGPL-3.0-or-later
"""The dispatcher's work: claim what is due or asked for, place it, follow it."""

import asyncio
import contextlib
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy.exc import IntegrityError, OperationalError

from booking_web.base.transactions import is_passing
from booking_web.dispatcher.call_id import parse_call
from booking_web.dispatcher.cutting.cutter import Cutter
from booking_web.dispatcher.doorbell import Doorbell
from booking_web.dispatcher.duty.follower import DutyFollower
from booking_web.dispatcher.following.call_events import CallFact
from booking_web.dispatcher.following.follower import Follower
from booking_web.dispatcher.following.reconciliation import GRACE
from booking_web.dispatcher.handing_over.follower import HandoverFollower
from booking_web.dispatcher.interpreting.follower import InterpreterFollower
from booking_web.dispatcher.ledger import Ledger
from booking_web.dispatcher.manager.ami import Ami, AmiError, AmiUnavailable
from booking_web.dispatcher.placing.claims import (
    Claim,
    Outlook,
    look_ahead,
    take_claims,
)
from booking_web.dispatcher.placing.code_keying import CodeKeying
from booking_web.dispatcher.placing.originating import originate_of
from booking_web.dispatcher.returning.follower import ReturnFollower
from booking_web.domain.appointments.guests.numbers import Trunk
from booking_web.domain.appointments.line.keeping import Keeping
from booking_web.tables.state_reasons import Reason
from booking_web.tables.states import AppointmentState
from provisioning.database.engine import Database

logger = structlog.get_logger(__name__)

POLL_SECONDS = 1.0
HANGUP_AGAIN_SECONDS = 3.0
# Orders that Asterisk has not yet taken: bounds the burst, not the calls that go on.
ORDERS_AT_ONCE = 32
CLOSE_TIMEOUT_SECONDS = 6.0


class Dispatcher:
    """Calls the kiosks. `run` ends when cancelled, with everything heard written down."""

    def __init__(
        self,
        database: Database,
        ami: Ami,
        doorbell: Path | None,
        keeping: Keeping = Keeping(),
        calls_at_once: int = 0,
        trunk: Trunk | None = None,
    ) -> None:
        self._keeping = keeping
        self._ami = ami
        self._calls_at_once = calls_at_once
        self._wake = asyncio.Event()
        self._doorbell = Doorbell(doorbell, self._ring) if doorbell else None
        self._ledger = Ledger(database, self._go_on, self._refuse_direct_call)
        self._interpreters = InterpreterFollower(ami, self._ledger, trunk)
        self._duty = DutyFollower(ami, self._ledger)
        self._handovers = HandoverFollower(ami, self._ledger)
        self._beside = (
            self._interpreters,
            self._duty,
            self._handovers,
            ReturnFollower(ami, self._ledger),
        )
        self._follower = Follower(ami, self._ledger, self._beside)
        self._codes = CodeKeying(
            ami, self._ledger, self._follower.may_place, self._start
        )
        self._cutter = Cutter(ami, self._ledger)
        self._orders = asyncio.Semaphore(ORDERS_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        # When the calls that a page wants to end were last told so.
        self._hung_up_at: dict[str, float] = {}

    async def run(self) -> None:
        """Serve for ever."""
        if self._doorbell is not None:
            self._doorbell.open()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._follower.run())
                tasks.create_task(self._codes.run())
                tasks.create_task(self._serve())
                tasks.create_task(self._cutter.run())
                for beside in self._beside:
                    tasks.create_task(beside.run())
        finally:
            if self._doorbell is not None:
                self._doorbell.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._ledger.close(CLOSE_TIMEOUT_SECONDS)

    def _ring(self) -> None:
        self._codes.wake()
        self._go_on()
        self._cutter.wake()
        self._duty.wake()
        self._handovers.wake()

    def _go_on(self) -> None:
        self._wake.set()
        self._interpreters.wake()

    async def _serve(self) -> None:
        while True:
            await self._follower.may_place.wait()
            self._wake.clear()
            try:
                claims = await self._ledger.write(
                    lambda session: take_claims(
                        session, datetime.now(UTC), self._keeping, self._calls_at_once
                    )
                )
                for claim in claims:
                    await self._orders.acquire()
                    self._start(self._place(claim))
                if not claims:
                    await self._rest(
                        await self._ledger.read(
                            lambda session: look_ahead(
                                session, datetime.now(UTC), self._keeping
                            )
                        )
                    )
            except IntegrityError:
                logger.info("claim raced by a page")
            except OperationalError as error:
                if is_passing(error):
                    logger.info("claim repeated", detail=type(error.orig).__name__)
                    continue
                logger.warning("database not available")
                await asyncio.sleep(POLL_SECONDS)

    async def _rest(self, outlook: Outlook) -> None:
        self._hang_up_soon(outlook.hangups)
        seconds = POLL_SECONDS
        if outlook.next_due_at is not None:
            until_due = (outlook.next_due_at - datetime.now(UTC)).total_seconds()
            seconds = min(seconds, max(until_due, 0.0))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    async def _place(self, claim: Claim) -> None:
        try:
            await self._ami.originate(originate_of(claim))
            logger.info(
                "call placed",
                appointment=claim.appointment_id,
                call=claim.call,
                kiosk=claim.kiosk,
            )
        except AmiUnavailable:
            # Perhaps Asterisk has it, perhaps not: its channels will tell.
            logger.warning("call uncertain", call=claim.call)
            self._follower.look_again(GRACE.total_seconds())
        except AmiError as error:
            logger.error("call refused", call=claim.call, error=str(error))
            self._interrupt(claim.call)
        finally:
            self._orders.release()

    def _hang_up_soon(self, calls: Sequence[str]) -> None:
        now = asyncio.get_running_loop().time()
        due = {
            call: self._hung_up_at.get(call, -HANGUP_AGAIN_SECONDS) for call in calls
        }
        self._hung_up_at = {
            call: now if now - at >= HANGUP_AGAIN_SECONDS else at
            for call, at in due.items()
        }
        for call, at in self._hung_up_at.items():
            if at == now:
                self._start(self._follower.hang_up(call))

    def _interrupt(self, name: str) -> None:
        call = parse_call(name)
        if call is not None:
            self._ledger.post(
                [CallFact(call, AppointmentState.INTERRUPTED, Reason.CALL_BROKEN)]
            )

    def _refuse_direct_call(self, fact: CallFact) -> None:
        self._start(self._follower.hang_up(fact.call.text))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

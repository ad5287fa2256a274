# SPDX-License-Identifier: AGPL-3.0-or-later
"""call.rate: a hundred kiosks called in the same second, until all stand in their queues."""

import secrets
import time
from contextlib import ExitStack
from dataclasses import dataclass

from booking_web.shell.doorbell import Doorbell
from measure.bare_ami import AmiError, AmiMessage, BareAmi
from measure.bare_call import BareCall
from measure.bench_system import BenchSystem
from measure.booked import book_all
from measure.dispatched import sleep_until, start_services, wait_settled
from measure.inventory import Crowd, burst_organisation
from measure.rows import Figures
from measure.sip_capture import calls_by_appointment
from provisioning.database.engine import Database

CROWD = Crowd(100)
# A burst is a hundred calls already; five a side show how much they differ.
RUNS = 5
# Time to write a hundred appointments down before they are due.
AHEAD_SECONDS = 6.0
# Below the rtp_timeout that ends the calls of kiosks which send no media.
BURST_SECONDS = 25.0


class TooSlow(Exception):
    """The machine was too busy to write the appointments down before they were due."""


@dataclass(frozen=True)
class Burst:
    """When the last kiosk stood in its queue, and how many never did."""

    seconds: float
    lost: int


def measure() -> Figures:
    """Let both sides call the whole crowd, in turn; none may be lost or called twice."""
    with ExitStack() as stack:
        system = stack.enter_context(BenchSystem(CROWD))
        start_services(system)
        database = system.stage.database()
        stack.callback(database.dispose)
        watcher = stack.enter_context(BareAmi(system.ami, events=True))
        sender = stack.enter_context(BareAmi(system.ami, events=False))
        bench = _Bench(system, database, watcher, sender)
        with system.sip_capture() as capture:
            pairs = [bench.burst_pair(run) for run in range(RUNS)]
        doubled = sum(
            len(calls) - 1
            for calls in calls_by_appointment(capture.messages()).values()
        )
    ours, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    lost = [sum(burst.lost for burst in side) for side in (ours, theirs)]
    return Figures(
        tuple(burst.seconds for burst in ours),
        tuple(burst.seconds for burst in theirs),
        (
            f"{len(CROWD.kiosks())} kiosks a burst; lost: ours {lost[0]},"
            f" bare {lost[1]}; called twice: {doubled}",
        ),
    )


def kiosk_of(channel: str) -> str:
    """Return the kiosk of a channel's name, such as PJSIP/kiosk-crowd-001-00000002."""
    return channel.removeprefix("PJSIP/").rsplit("-", 1)[0]


@dataclass(frozen=True)
class _Bench:
    system: BenchSystem
    database: Database
    watcher: BareAmi
    sender: BareAmi

    def burst_pair(self, run: int) -> tuple[Burst, Burst]:
        """Return a burst of the dispatcher's and one of the bare script's."""
        return self._our_burst(), self._bare_burst(run)

    def _our_burst(self) -> Burst:
        due_at = time.time() + AHEAD_SECONDS
        book_all(self.database, _places(), due_at, secrets.token_hex(8))
        if time.time() > due_at:
            raise TooSlow("appointments were due before they were written down")
        Doorbell(str(self.system.stage.directory / "doorbell.sock")).ring()
        burst = self._watch(due_at)
        self._clear()
        wait_settled(self.system, self.database)
        return burst

    def _bare_burst(self, run: int) -> Burst:
        calls = [
            BareCall(run * len(CROWD.kiosks()) + number, kiosk, organisation)
            for number, (kiosk, organisation) in enumerate(_places())
        ]
        due_at = time.time() + 1
        sleep_until(due_at)
        for call in calls:
            call.originate(self.sender)
        burst = self._watch(due_at)
        self._clear()
        return burst

    def _watch(self, due_at: float) -> Burst:
        """Return once every kiosk stands in a queue, or no more come."""
        waiting, last_at = set(CROWD.kiosks()), due_at
        deadline = due_at + BURST_SECONDS
        while waiting:
            try:
                joined = self.watcher.wait(_is_join, max(0.0, deadline - time.time()))
            except AmiError:
                break
            waiting.discard(kiosk_of(joined.fields["Channel"]))
            last_at = joined.at
        return Burst(last_at - due_at, len(waiting))

    def _clear(self) -> None:
        """End every call of the crowd."""
        self.sender.send(Action="Hangup", Channel="/^PJSIP/kiosk-crowd-/")
        self.system.stage.asterisk.wait_idle(BURST_SECONDS)
        self.watcher.forget()


def _is_join(message: AmiMessage) -> bool:
    return message.is_event("QueueCallerJoin")


def _places() -> list[tuple[str, str]]:
    return [
        (kiosk, burst_organisation(number))
        for number, kiosk in enumerate(CROWD.kiosks())
    ]

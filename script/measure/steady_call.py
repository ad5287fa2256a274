# SPDX-License-Identifier: AGPL-3.0-or-later
"""Puts our kiosk and baresip, in turn, into the same call and reads their process.

The call is a real one: the kiosk answers by itself, stands in a queue, and is connected
to one and the same far end, a third baresip, through one Asterisk over TLS and SRTP.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import fmean

import psutil

from measure.bare_ami import BareAmi
from measure.bare_call import BareCall
from measure.baresip import Baresip
from measure.bench_system import PICTURE, BenchSystem
from measure.inventory import ANSWERED, FAR_COUNSELLOR, OUR_KIOSK, PEER_KIOSK
from measure.rows import Figures
from stage.endpoint import Endpoint
from stage.waiting import wait_for

# baresip decodes nothing before the next whole picture of the other one, and says its
# rates every five seconds.
SETTLE_SECONDS = 40.0
CONNECT_SECONDS = 15.0
# Under this share of the frames asked for, the two calls are not the same call.
LEAST_FRAMES = 0.8
BYTES_PER_MB = 1_000_000


class NoPicture(Exception):
    """The call had no video, or too little of it: its figures would mean nothing."""


@dataclass(frozen=True)
class Sample:
    """One endpoint over one window of a steady call."""

    cpu_percent: float
    # What would be free again if the process ended.
    unique_mb: float
    resident_mb: float
    # Pictures a second that the endpoint decoded, and that the far end got from it.
    decoded: float
    arrived: float


def sample_in_turn(
    runs: int, window_seconds: float
) -> tuple[tuple[Sample, ...], tuple[Sample, ...]]:
    """Return our samples and the peer's, one of each per run, ours first."""
    with ExitStack() as stack:
        system = stack.enter_context(BenchSystem())
        kiosk = system.start_kiosk(OUR_KIOSK)
        peer, far = (
            _start_baresip(stack, system, slug) for slug in (PEER_KIOSK, FAR_COUNSELLOR)
        )
        system.wait_registered(OUR_KIOSK, PEER_KIOSK, FAR_COUNSELLOR)
        ami = stack.enter_context(BareAmi(system.ami, events=True))
        bench = _Bench(ami, kiosk, peer, far, window_seconds)
        pairs = [bench.sample_pair(run) for run in range(runs)]
    return tuple(ours for ours, _ in pairs), tuple(theirs for _, theirs in pairs)


def frame_note(ours: tuple[Sample, ...], theirs: tuple[Sample, ...]) -> str:
    """Return a sentence that lets a reader check that both calls were the same."""
    sides = [
        f"{name} decoded {fmean(s.decoded for s in samples):.1f} and sent"
        f" {fmean(s.arrived for s in samples):.1f} pictures/s"
        for name, samples in (("ours", ours), ("baresip", theirs))
    ]
    return "; ".join(sides)


def figures(
    ours: tuple[Sample, ...], theirs: tuple[Sample, ...], field: str, *notes: str
) -> Figures:
    """Return the figures of one field of the samples."""
    return Figures(
        tuple(getattr(sample, field) for sample in ours),
        tuple(getattr(sample, field) for sample in theirs),
        (frame_note(ours, theirs), *notes),
    )


@dataclass(frozen=True)
class _Bench:
    ami: BareAmi
    kiosk: Endpoint
    peer: Baresip
    far: Baresip
    window_seconds: float

    def sample_pair(self, run: int) -> tuple[Sample, Sample]:
        """Return a sample of each side, from two calls one after the other."""
        with self._connected(BareCall(2 * run, OUR_KIOSK, ANSWERED)):
            ours = self._sample(self.kiosk.program.pid, self._our_rate)
        with self._connected(BareCall(2 * run + 1, PEER_KIOSK, ANSWERED)):
            theirs = self._sample(self.peer.pid, lambda: self.peer.rates()[1])
        return ours, theirs

    @contextmanager
    def _connected(self, call: BareCall) -> Iterator[None]:
        self.peer.forget_rates()
        self.far.forget_rates()
        call.originate(self.ami)
        self.ami.wait(
            lambda message: message.is_event("AgentConnect", Uniqueid=call.channel_id),
            CONNECT_SECONDS,
        )
        yield
        call.hang_up(self.ami)

    def _sample(self, pid: int, decoded: Callable[[], float]) -> Sample:
        """Return what the process used, once pictures flow both ways at the full rate."""
        least = LEAST_FRAMES * PICTURE.frames_per_second
        wait_for(
            lambda: decoded() >= least and self.far.rates()[1] >= least,
            f"both ways have {least:g} pictures/s",
            SETTLE_SECONDS,
            poll_seconds=0.5,
        )
        process = psutil.Process(pid)
        began, before = time.monotonic(), process.cpu_times()
        time.sleep(self.window_seconds)
        after, ended = process.cpu_times(), time.monotonic()
        memory = process.memory_full_info()
        used = after.user + after.system - before.user - before.system
        sample = Sample(
            cpu_percent=100 * used / (ended - began),
            unique_mb=memory.uss / BYTES_PER_MB,
            resident_mb=memory.rss / BYTES_PER_MB,
            decoded=decoded(),
            arrived=self.far.rates()[1],
        )
        if sample.decoded < least or sample.arrived < least:
            raise NoPicture(f"fewer than {least:g} pictures/s: {sample}")
        return sample

    def _our_rate(self) -> float:
        call = self.kiosk.call()
        return float(call["video"]["fps"]) if call and call["video"] else 0.0


def _start_baresip(stack: ExitStack, system: BenchSystem, slug: str) -> Baresip:
    bundle = system.softphone_bundle(slug)
    baresip = Baresip(bundle, system.folder / "baresip" / slug, PICTURE)
    stack.callback(baresip.stop)
    return baresip

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A call over a thin line: a kiosk in a village, our counsellor beside Asterisk.

Both send a picture that moves and has a grain, as a camera's does: the bars that stand still
would need no line at all. What came over is read from the counsellor for the way from the
kiosk, and from the kiosk for the way to it.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from measure.bare_ami import AmiError, BareAmi
from measure.bare_call import BareCall
from measure.baresip import Baresip
from measure.bench_system import PICTURE, BenchSystem
from measure.browser_kiosk import BrowserKiosk
from measure.inventory import (
    ANSWERED,
    BROWSER_KIOSK,
    FAR_COUNSELLOR,
    OUR_KIOSK,
    PEER_KIOSK,
)
from stage.endpoint import Endpoint
from stage.village_network import Thinness, ThisNetwork, Village
from stage.waiting import NotInTime, wait_for

CONNECT_SECONDS = 15.0
# The ladder finds its rung, and a router's queue its length.
SETTLE_SECONDS = 15.0
WINDOW_SECONDS = 12.0
POLL_SECONDS = 0.2
# Whoever is left alone in a call hangs up by then.
SILENCE_SECONDS = 45.0
CAMERA = ("--camera", "moving")


class CallLost(Exception):
    """The line was too thin for the call itself."""


@dataclass(frozen=True)
class Heard:
    """One direction of a call over a window."""

    # Percents of the sound's packets that never came; None where nobody tells.
    sound_lost: float | None
    pictures: float
    # Seconds without a new picture, at the longest; None where nobody can tell.
    freeze: float | None


# What is measured of a call that the line ended.
LOST = Heard(100.0, 0.0, None)


@dataclass(frozen=True)
class Line:
    """How thin a line is, both ways alike."""

    name: str
    thinness: Thinness
    late_milliseconds: int = 0

    @property
    def both(self) -> tuple[Thinness, Thinness]:
        """Give the same for each way."""
        return self.thinness, self.thinness


LINES = (
    Line("1000 kbit/s", Thinness(rate_kbps=1000)),
    Line("400 kbit/s", Thinness(rate_kbps=400)),
    Line("250 kbit/s", Thinness(rate_kbps=250)),
    Line("nothing lost", Thinness()),
    Line("300 ms late", Thinness(), late_milliseconds=300),
    Line("1 % lost", Thinness(loss_percent=1)),
    Line("5 % lost", Thinness(loss_percent=5)),
    Line("20 % lost", Thinness(loss_percent=20)),
)


class InCall(Protocol):
    """A telephone of ours, or a browser, from outside."""

    @property
    def slug(self) -> str:
        """Give its name in the directory."""

    def call(self) -> dict[str, Any] | None:
        """Give what it counts in the call that it is in now, if any."""


class Watched:
    """What one of our endpoints, or a browser, counts in its call."""

    def __init__(self, endpoint: InCall) -> None:
        self._endpoint = endpoint

    def counters(self) -> dict[str, Any]:
        """Give the counters of the call that it is in; raise CallLost without one."""
        call = self._endpoint.call()
        if call is None or call["audio"] is None:
            raise CallLost(f"{self._endpoint.slug} is in no call any more")
        return call

    @staticmethod
    def heard(
        before: dict[str, Any], after: dict[str, Any], seconds: float, freeze: float
    ) -> Heard:
        """Compare two looks at the counters."""
        came, lost = (
            after["audio"][key] - before["audio"][key]
            for key in ("packets_received", "packets_lost")
        )
        frames = [(c["video"] or {}).get("frames_decoded", 0) for c in (before, after)]
        return Heard(
            100 * lost / max(1, came + lost), (frames[1] - frames[0]) / seconds, freeze
        )


class LineGround:
    """A context manager: inside it the kiosks and the counsellor are registered."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._calls = 0

    def __enter__(self) -> "LineGround":
        try:
            self._enter()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _enter(self) -> None:
        system = self._stack.enter_context(BenchSystem(browsers=True))
        self.system = system
        self.village = Village(ThisNetwork(), 1)
        self._stack.callback(self.village.close)
        self.kiosk = self._endpoint(OUR_KIOSK)
        self.kiosk.program.run_behind(self.village.enter)
        self.far = self._endpoint(FAR_COUNSELLOR, "--auto-answer")
        for endpoint in (self.kiosk, self.far):
            self._stack.callback(endpoint.program.stop)
            endpoint.program.start()
        self.peer = Baresip(
            system.softphone_bundle(PEER_KIOSK),
            system.folder / "baresip",
            PICTURE,
            behind=self.village.enter,
            address=self.village.address,
        )
        self._stack.callback(self.peer.stop)
        self.browser = BrowserKiosk(
            system.stage.bundles / f"{BROWSER_KIOSK}.toml",
            system.database,
            system.stage.ports.ws,
            PICTURE,
            behind=self.village.enter,
        )
        self._stack.callback(self.browser.stop)
        system.wait_registered(OUR_KIOSK, PEER_KIOSK, BROWSER_KIOSK, FAR_COUNSELLOR)
        self._ami = self._stack.enter_context(BareAmi(system.ami, events=True))

    def _endpoint(self, slug: str, *options: str) -> Endpoint:
        bundle: Path = self.system.stage.bundles / f"{slug}.toml"
        directory = self.system.stage.directory
        return Endpoint(slug, bundle, directory=directory, options=(*options, *CAMERA))

    @contextmanager
    def in_call(self, kiosk: str) -> Iterator[None]:
        """Connect a kiosk with the counsellor, over a line that is not thin yet."""
        self._widen()
        self.peer.forget_rates()
        self._calls += 1
        call = BareCall(self._calls, kiosk, ANSWERED)
        call.originate(self._ami)
        try:
            self._ami.wait(
                lambda told: told.is_event("AgentConnect", Uniqueid=call.channel_id),
                CONNECT_SECONDS,
            )
            wait_for(self._has_picture, "the counsellor has a picture", CONNECT_SECONDS)
            yield
        finally:
            self._leave(call)

    def _leave(self, call: BareCall) -> None:
        """End the call, also one that the line ended for one side alone."""
        self._widen()
        with suppress(AmiError):
            call.hang_up(self._ami)
        wait_for(lambda: self.far.call() is None, "the call is over", SILENCE_SECONDS)

    def _widen(self) -> None:
        self.village.thin(Thinness(), Thinness())
        self.village.delay(0)

    def _has_picture(self) -> bool:
        call = self.far.call()
        return bool(call and call["video"] and call["video"]["fps"] > 5)

    def measure(self, kiosk: str, line: Line) -> tuple[Heard, Heard]:
        """Thin the line and give what came from the kiosk, and to it."""
        self.village.thin(*line.both)
        self.village.delay(line.late_milliseconds)
        time.sleep(SETTLE_SECONDS)
        watched = {"from": Watched(self.far)}
        # baresip does not tell what it hears.
        if kiosk != PEER_KIOSK:
            here = self.kiosk if kiosk == OUR_KIOSK else self.browser
            watched["to"] = Watched(here)
        before = {way: one.counters() for way, one in watched.items()}
        freeze = dict.fromkeys(watched, 0.0)
        began = time.monotonic()
        while time.monotonic() - began < WINDOW_SECONDS:
            time.sleep(POLL_SECONDS)
            for way, one in watched.items():
                video = one.counters()["video"] or {}
                gap = video.get("gap_milliseconds", 0) / 1000
                freeze[way] = max(freeze[way], gap)
        seconds = time.monotonic() - began
        heard = {
            way: one.heard(before[way], one.counters(), seconds, freeze[way])
            for way, one in watched.items()
        }
        theirs = Heard(None, self.peer.rates()[1], None)
        return heard["from"], heard.get("to", theirs)


@dataclass(frozen=True)
class Measured:
    """One line, with our kiosk and with each peer at its end."""

    line: Line
    ours: tuple[Heard, Heard]
    peer: tuple[Heard, Heard]
    browser: tuple[Heard, Heard]

    @property
    def note(self) -> str:
        """Give the line's row of the table."""
        sides = [
            f"{name} {_told(came)} from it, {_told(went)} to it"
            for name, (came, went) in (
                ("ours", self.ours),
                ("baresip", self.peer),
                ("a browser", self.browser),
            )
        ]
        return f"{self.line.name}: " + "; ".join(sides)


def measure_lines() -> tuple[Measured, ...]:
    """Measure every line, ours and the peers in turn."""
    with LineGround() as ground:
        measured = []
        for line in LINES:
            sides = []
            for kiosk in (OUR_KIOSK, PEER_KIOSK, BROWSER_KIOSK):
                try:
                    with ground.in_call(kiosk):
                        sides.append(ground.measure(kiosk, line))
                except (CallLost, NotInTime, AmiError):
                    sides.append((LOST, LOST))
            measured.append(Measured(line, *sides))
    return tuple(measured)


def _told(heard: Heard) -> str:
    lost = "-" if heard.sound_lost is None else f"{heard.sound_lost:.1f} %"
    freeze = "-" if heard.freeze is None else f"{heard.freeze:.2f} s"
    return f"{lost} of the sound lost, {heard.pictures:.1f} pictures/s, freeze {freeze}"

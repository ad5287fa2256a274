# SPDX-License-Identifier: AGPL-3.0-or-later
"""desk.line: the desk in a browser at the end of a bad or thin line, beside a bare JsSIP page.

The kiosk stands beside Asterisk and sends a picture that moves; the counsellor works from far away.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from measure.browser_kiosk import MEDIA_ARGUMENTS, chromium_behind
from measure.desk_ground import DeskGround, Far
from measure.line_ground import CAMERA, SETTLE_SECONDS, Heard, Line, Watched
from measure.private_network import ADDRESS
from measure.rows import Figures
from stage.browser_desk import BrowserDesks
from stage.endpoint import Endpoint
from stage.processes import Program
from stage.story import KIOSK
from stage.village_network import Thinness, ThisNetwork, Village

LINES = (
    Line("nothing lost", Thinness()),
    Line("5 % lost", Thinness(loss_percent=5)),
    Line("400 kbit/s", Thinness(rate_kbps=400)),
    Line("250 kbit/s", Thinness(rate_kbps=250)),
)
WINDOW_SECONDS = 12.0
POLL_SECONDS = 0.2


class FarDesk(DeskGround):
    """The ground whose browsers are in a village of their own, behind a line that is made thin."""

    bind = ADDRESS

    def __init__(self) -> None:
        super().__init__(bare=True)
        self.village = Village(ThisNetwork(), 1)
        self._stack.callback(self.village.close)
        self.behind: Sequence[str] = self.village.enter

    def _start_kiosk(self) -> Endpoint:
        bundle = self.stage.bundles / f"{KIOSK}.toml"
        kiosk = Endpoint(KIOSK, bundle, directory=self.stage.directory, options=CAMERA)
        self._stack.callback(kiosk.program.stop)
        kiosk.program.start()
        kiosk.wait_registered()
        return kiosk

    def _browser(self) -> BrowserDesks:
        port, way = self.stage.web_port, self.stage.ports.spare[0]
        self._relay("front", ADDRESS, way, port)
        self._relay("village", "127.0.0.1", port, way, ADDRESS, self.behind)
        program = chromium_behind(self.behind, self._stack)
        return BrowserDesks(self.stage.url, program, MEDIA_ARGUMENTS)

    def _bare_port(self) -> int:
        way = self.stage.ports.spare[1]
        self._relay("websocket", ADDRESS, way, self.stage.ports.ws)
        return way

    def _relay(
        self,
        name: str,
        host: str,
        port: int,
        to_port: int,
        to_host: str = "127.0.0.1",
        behind: Sequence[str] = (),
    ) -> None:
        program = Program(
            f"relay-{name}",
            [
                *behind,
                *(sys.executable, "-m", "measure.tcp_relay"),
                *(host, str(port), to_host, str(to_port)),
            ],
            directory=self.stage.directory,
            log=self.stage.directory / "log" / f"relay-{name}.log",
        )
        program.start()
        self._stack.callback(program.stop)

    def measure(self, far: Far, line: Line) -> "OverLine":
        """Thin the line in the call and give what came over it, each way."""
        self.first_pictures_ms(far)
        self.village.thin(*line.both)
        try:
            time.sleep(SETTLE_SECONDS)
            return self._window(far)
        finally:
            self.village.thin(Thinness(), Thinness())

    def _window(self, far: Far) -> "OverLine":
        ends = {"to": Watched(far), "from": Watched(self.kiosk)}
        before = {way: end.counters() for way, end in ends.items()}
        freeze = dict.fromkeys(ends, 0.0)
        began = time.monotonic()
        while time.monotonic() - began < WINDOW_SECONDS:
            time.sleep(POLL_SECONDS)
            for way, end in ends.items():
                video = end.counters()["video"] or {}
                gap = video.get("gap_milliseconds", 0) / 1000
                freeze[way] = max(freeze[way], gap)
        seconds = time.monotonic() - began
        after = {way: end.counters() for way, end in ends.items()}
        heard = {
            way: end.heard(before[way], after[way], seconds, freeze[way])
            for way, end in ends.items()
        }
        return OverLine(heard["to"], heard["from"])


@dataclass(frozen=True)
class OverLine:
    """What came over a line: to the browser, and from it to the kiosk."""

    there: Heard
    back: Heard

    def __str__(self) -> str:
        return f"{_told(self.there)} to it, {_told(self.back)} from it"


def measure() -> Figures:
    """Measure each line with both; the row has the slower way."""
    ours: list[OverLine] = []
    theirs: list[OverLine] = []
    with FarDesk() as ground:
        for line in LINES:
            with ground.desk_call() as desk:
                ours.append(ground.measure(desk, line))
            with ground.bare_call() as bare:
                theirs.append(ground.measure(bare, line))
    notes = [
        f"{line.name}: the desk {desk}; the bare page {bare}"
        for line, desk, bare in zip(LINES, ours, theirs, strict=True)
    ]
    return Figures(_slower(ours), _slower(theirs), tuple(notes))


def _slower(measured: list[OverLine]) -> tuple[float, ...]:
    return tuple(min(one.there.pictures, one.back.pictures) for one in measured)


def _told(heard: Heard) -> str:
    return (
        f"{heard.sound_lost:.1f} % of the sound lost, {heard.pictures:.1f} pictures/s,"
        f" freeze {heard.freeze:.2f} s"
    )

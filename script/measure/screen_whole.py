# SPDX-License-Identifier: AGPL-3.0-or-later
"""All programs of a kiosk that draw or talk, in one steady call: their CPU and their memory.

The session, the telephone with what it draws, the browser on the second screen; everything is
drawn by the processor, as on a machine whose graphics are of no help.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from measure.bench_system import PICTURE
from measure.screen_ground import ScreenGround
from stage.waiting import wait_for

SETTLE_SECONDS = 40.0
WINDOW_SECONDS = 10.0
LEAST_FRAMES = 0.8
BYTES_PER_MB = 1_000_000


@dataclass(frozen=True)
class Whole:
    """One window of a steady call; by program, and the pictures a second that were drawn."""

    cpu_percent: Mapping[str, float]
    # Shared memory counts once (PSS).
    memory_mb: Mapping[str, float]
    pictures: float


def sample_calls(runs: int) -> list[Whole]:
    """Give one sample of each call."""
    with ScreenGround() as ground:
        browser = ground.start_pages()
        roots = {
            "telephone": ground.kiosk.program.pid,
            "session": ground.session.program.pid,
            "browser": browser.pid,
        }
        return [_sample(ground, roots) for _ in range(runs)]


def _sample(ground: ScreenGround, roots: Mapping[str, int]) -> Whole:
    def pictures() -> float:
        call = ground.kiosk.call()
        return float(call["video"]["fps"]) if call and call["video"] else 0.0

    with ground.ringing():
        ground.far.order("answer")
        least = LEAST_FRAMES * PICTURE.frames_per_second
        wait_for(lambda: pictures() >= least, "steady", SETTLE_SECONDS, 0.5)
        before, began = _cpu_seconds(roots), time.monotonic()
        time.sleep(WINDOW_SECONDS)
        after, ended = _cpu_seconds(roots), time.monotonic()
        return Whole(
            {
                name: 100 * (after[name] - before[name]) / (ended - began)
                for name in roots
            },
            {name: _memory(pid) for name, pid in roots.items()},
            pictures(),
        )


def _family(pid: int) -> list[psutil.Process]:
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def _cpu_seconds(roots: Mapping[str, int]) -> dict[str, float]:
    return {
        name: sum(
            times.user + times.system
            for times in (each.cpu_times() for each in _family(pid))
        )
        for name, pid in roots.items()
    }


def _memory(pid: int) -> float:
    shares = (int(each.memory_full_info().pss) for each in _family(pid))
    return sum(shares) / BYTES_PER_MB


def parts_note(samples: list[Whole], field: str, unit: str) -> str:
    """Say how much each program has of it, and how many pictures were drawn."""
    last = samples[-1]
    parts = getattr(last, field)
    told = ", ".join(f"{name} {value:.0f}" for name, value in parts.items())
    return (
        f"{told} {unit}; {last.pictures:.1f} pictures/s at 1920x1080, no graphics card"
    )

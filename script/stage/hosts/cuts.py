# SPDX-License-Identifier: AGPL-3.0-or-later
"""The plug of a kiosk is pulled at moments of an update; after each it answers.

What is told apart is how far the update was: everything on the host ends at once, but what it
wrote before is there. What a disk without power forgets of that is not played: dpkg and our
steps ask for it to be on the disk (fsync), and this machine keeps it either way.
"""

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stage.hosts.documented import Tell
from stage.hosts.host import Host, HostFailed
from stage.hosts.whole import (
    ENDS_SECONDS,
    OUTCOME,
    STEP,
    NotWhole,
    await_end,
    await_phone,
    whole_version,
)
from stage.waiting import NotInTime, wait_for

UPDATE = "guichet-update.service"
# Most are pulled while packages are unpacked and set up; the others at any time, or just after.
_INSTALLING_SHARE, _BEYOND = 0.75, 1.05


@dataclass(frozen=True)
class Ground:
    """Where it is played: a kiosk on a machine that has forgotten the kiosk before.

    `fresh` boots one that is about to install `after` over `before`; `answers` returns once it
    answers, or raises.
    """

    fresh: Callable[[], Host]
    before: str
    after: str
    answers: Callable[[Host], None] = await_phone


@dataclass(frozen=True)
class Cut:
    """One plug: how long after the update began, which version it is since, and what it says."""

    after_seconds: float
    version: str
    state: str
    answers_seconds: float


def pull_plugs(ground: Ground, count: int, seed: int, tell: Tell) -> list[Cut]:
    """Cut so many updates, each of a new kiosk; raises NotWhole naming the moment."""
    installs, lasts = _whole_update(ground)
    tell(f"nobody cuts it: {installs:.1f} s to install, {lasts:.1f} s in all")
    moments = random.Random(seed)
    cuts = []
    for number in range(1, count + 1):
        is_installing = moments.random() < _INSTALLING_SHARE
        moment = moments.uniform(0.0, installs if is_installing else lasts * _BEYOND)
        try:
            cut = _pull(ground, moment)
        except (NotWhole, HostFailed, NotInTime) as error:
            raise NotWhole(
                f"cut {number} of seed {seed}, {moment:.2f} s after the update began: {error}"
            ) from error
        tell(
            f"cut {number}: after {moment:.2f} s: {cut.version} ({cut.state}),"
            f" answers {cut.answers_seconds:.1f} s after the boot"
        )
        cuts.append(cut)
    return cuts


def _whole_update(ground: Ground) -> tuple[float, float]:
    kiosk = ground.fresh()
    began = _begin(kiosk)
    wait_for(lambda: not _is_installing(kiosk), "it is installed", ENDS_SECONDS, 0.1)
    installs = time.monotonic() - began
    await_end(kiosk)
    lasts = time.monotonic() - began
    ground.answers(kiosk)
    found = whole_version(kiosk, [ground.before, ground.after])
    state = _outcome(kiosk)["state"]
    if (found, state) != (ground.after, "done"):
        raise NotWhole(f"an update that nobody cut: {found}, {_outcome(kiosk)}")
    return installs, lasts


def _is_installing(kiosk: Host) -> bool:
    return b"installing" in kiosk.ask("cat", STEP).stdout


def _pull(ground: Ground, moment: float) -> Cut:
    kiosk = ground.fresh()
    _begin(kiosk)
    time.sleep(moment)
    kiosk.pull_plug()
    booted = time.monotonic()
    kiosk.boot()
    ground.answers(kiosk)
    answers = time.monotonic() - booted
    await_end(kiosk)
    ground.answers(kiosk)
    version = whole_version(kiosk, [ground.before, ground.after])
    state = _outcome(kiosk)["state"]
    if (version == ground.after) != (state == "done"):
        raise NotWhole(f"it runs {version} and says {state}")
    return Cut(round(moment, 2), version, state, round(answers, 1))


def _begin(kiosk: Host) -> float:
    kiosk.run("systemctl", "start", "--no-block", UPDATE)
    return time.monotonic()


def _outcome(kiosk: Host) -> dict[str, Any]:
    told = kiosk.ask("cat", OUTCOME)
    outcome: dict[str, Any] = json.loads(told.stdout or b'{"state": "none"}')
    return outcome

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
from stage.hosts.update_progress import Progress, Stage
from stage.hosts.whole import (
    ENDS_SECONDS,
    OUTCOME,
    NotWhole,
    await_end,
    await_phone,
    whole_version,
)
from stage.waiting import NotInTime, wait_for

UPDATE = "guichet-update.service"
# A stage may last longer than it did when nobody pulled the plug.
_LONGER = 1.2
_POLL_SECONDS = 0.002


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
    # The new version is worse: in the end it is always the one before that is there.
    is_worse: bool = False


@dataclass(frozen=True)
class Cut:
    """One plug: how far the update was, which version it is since, and what the kiosk says."""

    stage: str
    after_seconds: float
    version: str
    state: str
    answers_seconds: float


def pull_plugs(ground: Ground, count: int, seed: int, tell: Tell) -> list[Cut]:
    """Cut so many updates, each of a new kiosk; raises NotWhole naming the moment.

    A moment is a stage of the update and a time after it was reached, both drawn: stages that
    are short are cut as often as long ones, however busy this machine is.
    """
    lasts = _whole_update(ground)
    for stage, seconds in lasts.items():
        tell(f"nobody cuts it: {stage.name.lower()} for {seconds:.2f} s")
    moments = random.Random(seed)
    stages = [each for each in Stage if each is not Stage.RESTORING or ground.is_worse]
    cuts = []
    for number in range(1, count + 1):
        stage = moments.choice(stages)
        delay = moments.uniform(0.0, lasts.get(stage, 0.0) * _LONGER)
        told = f"cut {number}: {stage.name.lower()} for {delay:.2f} s"
        try:
            cut = _pull(ground, stage, delay)
        except (NotWhole, HostFailed, NotInTime) as error:
            raise NotWhole(f"seed {seed}, {told}: {error}") from error
        tell(
            f"{told}: {cut.version} ({cut.state}), answers {cut.answers_seconds:.1f} s"
            " after the boot"
        )
        cuts.append(cut)
    return cuts


def _whole_update(ground: Ground) -> dict[Stage, float]:
    """Give how long each stage of an update lasts that nobody cuts."""
    kiosk = ground.fresh()
    progress = Progress(kiosk, ground.after)
    _begin(kiosk)
    reached = {Stage.BEGUN: time.monotonic()}
    deadline = time.monotonic() + ENDS_SECONDS
    while Stage.OVER not in reached:
        reached.setdefault(progress.stage(), time.monotonic())
        if time.monotonic() > deadline:
            raise NotInTime(f"the update has ended: not within {ENDS_SECONDS:g} s")
        time.sleep(_POLL_SECONDS)
    ground.answers(kiosk)
    found = whole_version(kiosk, [ground.before, ground.after])
    wanted = (ground.after, "done")
    if ground.is_worse:
        wanted = (ground.before, "rolled_back")
    if (found, _outcome(kiosk)["state"]) != wanted:
        raise NotWhole(f"an update that nobody cut: {found}, {_outcome(kiosk)}")
    stages = sorted(reached)
    return {
        stage: reached[following] - reached[stage]
        for stage, following in zip(stages, stages[1:])
    }


def _pull(ground: Ground, stage: Stage, delay: float) -> Cut:
    kiosk = ground.fresh()
    progress = Progress(kiosk, ground.after)
    _begin(kiosk)
    wait_for(
        lambda: progress.stage() >= stage,
        f"the update is {stage.name.lower()}",
        ENDS_SECONDS,
        _POLL_SECONDS,
    )
    time.sleep(delay)
    kiosk.pull_plug()
    booted = time.monotonic()
    kiosk.boot()
    ground.answers(kiosk)
    answers = time.monotonic() - booted
    await_end(kiosk)
    ground.answers(kiosk)
    version = whole_version(kiosk, [ground.before, ground.after])
    state = _outcome(kiosk)["state"]
    is_new = version == ground.after
    if is_new != (state == "done") or (is_new and ground.is_worse):
        raise NotWhole(f"it runs {version} and says {state}")
    return Cut(stage.name.lower(), round(delay, 2), version, state, round(answers, 1))


def _begin(kiosk: Host) -> None:
    kiosk.run("systemctl", "start", "--no-block", UPDATE)


def _outcome(kiosk: Host) -> dict[str, Any]:
    told = kiosk.ask("cat", OUTCOME)
    outcome: dict[str, Any] = json.loads(told.stdout or b'{"state": "none"}')
    return outcome

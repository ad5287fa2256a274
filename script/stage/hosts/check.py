# SPDX-License-Identifier: AGPL-3.0-or-later
"""The whole check: packages, bare hosts, the documented commands, the story; and its result."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from stage.hosts.archives import NotFetched
from stage.hosts.booting import boot_again
from stage.hosts.control_group import NoControlGroups
from stage.hosts.documented import Effort, Tell
from stage.hosts.host import HostFailed
from stage.hosts.host_set import HOSTS, HostSet, NoSet
from stage.hosts.installing import VillageInstallation
from stage.hosts.network import NoNetwork
from stage.hosts.packages import NotBuilt, build_packages
from stage.hosts.restoring import restore_on_bare_machine
from stage.hosts.rolling_back import NotRolledBack, publish_broken, roll_back
from stage.hosts.root import NoRoot
from stage.hosts.told_story import tell_story
from stage.hosts.upgrading import NotUpgraded, upgrade
from stage.hosts.whole import NotWhole
from stage.waiting import NotInTime

FAULTS = (
    HostFailed,
    NoControlGroups,
    NoNetwork,
    NoRoot,
    NoSet,
    NotBuilt,
    NotFetched,
    NotInTime,
    NotUpgraded,
    NotRolledBack,
    NotWhole,
)
Value = TypeVar("Value")


class CheckFailed(Exception):
    """A part of the check went wrong; the text says which and how."""


@dataclass
class Result:
    """What `--json` tells; what was not reached is not ok."""

    efforts: dict[str, Effort] = field(default_factory=dict)
    story: dict[str, Any] = field(default_factory=dict)
    boots: dict[str, float] = field(default_factory=dict)
    is_upgraded: bool = False
    is_rolled_back: bool = False
    is_restored: bool = False
    problem: str = ""
    processes_left: int = -1

    def as_json(self) -> dict[str, Any]:
        """Give it as one object."""
        return {
            "ok": not self.problem and self.processes_left == 0,
            "problem": self.problem or None,
            **{name: self.efforts.get(name, Effort()).as_json() for name in HOSTS},
            "story": story_told(self.story),
            "boot": self.boots,
            "upgrade": {"ok": self.is_upgraded, "rolled_back": self.is_rolled_back},
            "restore": {"ok": self.is_restored},
            "processes_left": self.processes_left,
        }


def story_told(story: dict[str, Any]) -> dict[str, Any]:
    """Give the story as `--json` tells it."""
    devices = story.get("devices", {})
    return {
        "states": [state for state, _at_ms in story.get("states", ())],
        "kiosk_frames": story.get("kiosk", {}).get("frames", 0),
        "counsellor_frames": story.get("counsellor", {}).get("frames", 0),
        "printed": bool(devices.get("print", {}).get("text_matches")),
        "scanned": bool(
            devices.get("scan", {}).get("sha256_matches")
            and devices.get("card", {}).get("sha256_matches")
        ),
        "wiped": bool(devices.get("wiped")),
    }


def check(name: str, tell: Tell) -> Result:
    """Do all of it on a set of its own, which is gone at the end."""
    result = Result()
    try:
        packages = timed(tell, "the packages", build_packages)
        hosts = HostSet.make(name)
    except FAULTS as error:
        result.problem, result.processes_left = str(error), 0
        return result
    try:
        installation = VillageInstallation(hosts, packages, tell)
        result.efforts = installation.efforts
        timed(tell, "the village", installation.install)
        result.story = told_aloud(hosts, tell)
        expect_well(result.story)
        timed(tell, "the journal", lambda: hold_journal(hosts))
        timed(tell, "the watch", lambda: see_itself(hosts))
        result.boots = timed(tell, "boots", lambda: boot_again(hosts))
        # What comes after belongs to no machine's first day.
        later = VillageInstallation(hosts, packages, tell)
        timed(tell, "upgrade", lambda: upgrade(hosts, later, packages))
        # A kiosk hears of it within a minute, in which the story is lived.
        broken = timed(tell, "publish", lambda: publish_broken(hosts, later, packages))
        expect_well(told_aloud(hosts, tell))
        result.is_upgraded = True
        timed(tell, "roll back", lambda: roll_back(hosts, later, broken, tell))
        result.is_rolled_back = True
        timed(tell, "restore", lambda: restore_on_bare_machine(hosts, later))
        expect_well(told_aloud(hosts, tell))
        result.is_restored = True
    except (*FAULTS, CheckFailed) as error:
        result.problem = str(error)
    finally:
        hosts.remove()
        result.processes_left = len(hosts.pids())
    return result


def hold_journal(hosts: HostSet) -> None:
    """Have the server hold the story's journal to its chain, as its timer does by night.

    In the unit's own sandbox; raises HostFailed where it could not, or found a line wrong.
    """
    hosts.host("server").run("systemctl", "start", "guichet-journal.service")


def see_itself(hosts: HostSet) -> None:
    """Have the server look at itself in the sandbox of its timer, twice, and find nothing."""
    server = hosts.host("server")
    for _ in range(2):
        server.run("systemctl", "start", "guichet-watch.service")
    told = json.loads(server.read("/var/lib/guichet/watch.json"))
    if told["failing"]:
        raise CheckFailed(f"the server's own watch finds: {told['failing']}")


def told_aloud(hosts: HostSet, tell: Tell) -> dict[str, Any]:
    """Live the story, tell it line by line, and give it."""
    story = timed(tell, "the story", lambda: tell_story(hosts))
    for at_ms, text in story.get("timeline", ()):
        tell(f"{at_ms:7d} ms  {text}")
    return story


def expect_well(story: dict[str, Any]) -> None:
    """Raise CheckFailed where the story broke."""
    if story["problem"]:
        raise CheckFailed(f"the story: {story['problem']}")


def timed(tell: Tell, what: str, work: Callable[[], Value]) -> Value:
    """Do the work and tell how long it took."""
    began = time.monotonic()
    try:
        return work()
    finally:
        tell(f"{what}: {time.monotonic() - began:.1f} s")

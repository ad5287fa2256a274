# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has faults happen, each to the hosts as they were installed, and sees all well after each.

Nobody has to start anything at the kiosk or at the server, what was interrupted can be called
again, and the whole story can be lived again.
"""

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sip_endpoints.control import ControlError
from stage.hosts.archives import NotFetched
from stage.hosts.documented import Tell
from stage.hosts.faults.ground import Ground, NotEndured
from stage.hosts.faults.registry import FAULTS
from stage.hosts.host import Host, HostFailed
from stage.hosts.host_set import HostSet
from stage.hosts.installing import await_telephones, sit_down
from stage.hosts.settled import begin_again, settle
from stage.hosts.told_call import NoCall, call_again
from stage.hosts.told_story import tell_story
from stage.waiting import NotInTime

SELF_TEST_SECONDS = 180.0
LAST_WORDS = (
    *("journalctl", "--boot", "--no-pager", "--output", "short-precise"),
    *("--unit", "guichet-*", "--lines", "900"),
)
LAST_WORDS_SECONDS, LAST_LINES = 20.0, 300
# Chromium misses a desktop's bus, many times over; what a page is made of says nothing.
NOISE = (
    ":ERROR:",
    "GET /static/",
    "GET /borne/miroir",
    "POST /borne/vu",
    "playback frame",
    "Auto-filling",
)
# Said by the pages at their start, where the kernel or their unit lets it be.
READERS_AT_LARGE = "readers of strangers' files are kept in less"
NOT_ENDURED = (
    ControlError,
    HostFailed,
    NoCall,
    NotEndured,
    NotFetched,
    NotInTime,
    OSError,
    subprocess.SubprocessError,
)


@dataclass(frozen=True)
class Endured:
    """What was seen of the fault, and how long after its end all was back; or what was wrong."""

    fault: str
    seen: dict[str, Any]
    back_seconds: float | None = None
    problem: str | None = None


def endure_each(hosts: HostSet, names: Sequence[str], tell: Tell) -> Iterator[Endured]:
    """Have each of the faults; one that is not endured keeps nobody from the next."""
    settle(hosts)
    try:
        for name in names:
            tell(f"{name}: {(FAULTS[name].__doc__ or '').splitlines()[0]}")
            ground = Ground(hosts, tell)
            try:
                open_again(hosts)
                back = endure(ground, name)
            except NOT_ENDURED as error:
                tell(f"{name}: NOT ENDURED: {error}")
                _tell_last_words(hosts, tell)
                yield Endured(name, ground.seen, problem=str(error))
            else:
                yield Endured(name, ground.seen, back)
    finally:
        open_again(hosts)


def open_again(hosts: HostSet) -> None:
    """Have the village be as it was settled, with all telephones registered."""
    begin_again(hosts)
    sit_down(hosts.host("counsellor"))
    await_telephones(hosts)


def endure(ground: Ground, name: str) -> float:
    """Have the fault and see all well after it: give how long that took; raises NotEndured."""
    hosts, tell = ground.hosts, ground.tell
    FAULTS[name](ground)
    over_at = time.monotonic()
    await_telephones(hosts)
    back = round(time.monotonic() - over_at, 1)
    tell(f"{name}: {ground.seen}, telephones back {back} s later")
    for appointment in ground.interrupted:
        # It keeps its place until it was called again.
        call_again(hosts, appointment)
    problem = tell_story(hosts)["problem"]
    if problem:
        raise NotEndured(f"the story after it: {problem}")
    see_well(hosts)
    return back


def see_well(hosts: HostSet) -> None:
    """Raise NotEndured unless server and kiosk say that they are well."""
    server = _asked(hosts.host("server"), "guichet-server", "check", "--json")
    kiosk = _asked(hosts.host("kiosk"), "guichet-kiosk", "self-test", "--json")
    wrong = [
        f"{each['name']}: {each.get('says') or each.get('cause')}"
        for each in (*server["checks"], *kiosk["checks"])
        if each["state"] == "failed"
    ]
    logged = hosts.host("server").run("guichet-server", "logs", "--unit", "web")
    if READERS_AT_LARGE in logged:
        wrong.append("the readers of strangers' files are not kept in wholly")
    if wrong:
        raise NotEndured(f"after it, {'; '.join(wrong)}")


def _tell_last_words(hosts: HostSet, tell: Tell) -> None:
    """Tell what our programs said on each host: the next fault begins with other disks."""
    for name in hosts.hosts:
        try:
            done = hosts.host(name).ask(*LAST_WORDS, timeout_seconds=LAST_WORDS_SECONDS)
        except NOT_ENDURED as error:
            tell(f"{name} says nothing: {error}")
            continue
        said = done.stdout.decode(errors="replace").splitlines()
        words = [line for line in said if not any(each in line for each in NOISE)]
        tell("\n".join((f"-- what {name} said last:", *words[-LAST_LINES:])))


def _asked(host: Host, *command: str) -> dict[str, Any]:
    done = host.ask(*command, timeout_seconds=SELF_TEST_SECONDS)
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        said = (done.stdout + done.stderr).decode(errors="replace")
        raise NotEndured(f"{host.name}: {' '.join(command)}: {said}") from error
    return answer

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has a fault happen, and sees all well after it.

Nobody has to start anything at the kiosk or at the server, what was interrupted can be called
again, and the whole story can be lived again.
"""

import json
import time
from dataclasses import dataclass
from typing import Any

from stage.hosts.documented import Tell
from stage.hosts.faults.ground import Ground, NotEndured
from stage.hosts.faults.registry import FAULTS
from stage.hosts.host import Host
from stage.hosts.host_set import HostSet
from stage.hosts.installing import await_telephones
from stage.hosts.told_call import call_again
from stage.hosts.told_story import tell_story

SELF_TEST_SECONDS = 180.0


@dataclass(frozen=True)
class Endured:
    """What was seen of the fault, and how long after its end all was back."""

    fault: str
    seen: dict[str, Any]
    back_seconds: float


def endure(hosts: HostSet, name: str, tell: Tell) -> Endured:
    """Have the fault and see all well after it; raises NotEndured."""
    tell(f"{name}: {(FAULTS[name].__doc__ or '').splitlines()[0]}")
    ground = Ground(hosts, tell)
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
        raise NotEndured(f"{name}: the story after it: {problem}")
    see_well(hosts, name)
    return Endured(name, ground.seen, back)


def see_well(hosts: HostSet, name: str) -> None:
    """Raise NotEndured unless server and kiosk say that they are well."""
    server = _asked(hosts.host("server"), "guichet-server", "check", "--json")
    kiosk = _asked(hosts.host("kiosk"), "guichet-kiosk", "self-test", "--json")
    wrong = [
        f"{each['name']}: {each.get('says') or each.get('cause')}"
        for each in (*server["checks"], *kiosk["checks"])
        if each["state"] == "failed"
    ]
    if wrong:
        raise NotEndured(f"{name}: after it, {'; '.join(wrong)}")


def _asked(host: Host, *command: str) -> dict[str, Any]:
    done = host.ask(*command, timeout_seconds=SELF_TEST_SECONDS)
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        said = (done.stdout + done.stderr).decode(errors="replace")
        raise NotEndured(f"{host.name}: {' '.join(command)}: {said}") from error
    return answer

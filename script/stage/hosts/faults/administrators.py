# SPDX-License-Identifier: AGPL-3.0-or-later
"""Two administrators at once, in a call: who comes second is told, and nothing is mixed up."""

import json
import subprocess
from collections.abc import Sequence

from stage.hosts.faults.ground import Ground, NotEndured
from stage.hosts.host import Host
from stage.hosts.host_set import SITE
from stage.hosts.installing import provision
from stage.waiting import PATIENCE

AT_ONCE_SECONDS = 180.0
_RELAY = """
[[relays]]
slug = "{slug}"
name = "{name}"
commune = "{name}"
"""
_RELAYS = {"etreux": "Étreux", "la-capelle": "La Capelle"}


def administrators_at_once(ground: Ground) -> None:
    """In a call two administrators install, apply and back up at the same moment."""
    appointment = ground.begin_call()
    server = ground.server
    # As it is now: a server that was restored has no file of answers beside its own.
    install = ("guichet-server", "install", SITE)
    ground.seen["install"] = _one_wins(server, install)
    ground.seen["backup"] = _one_wins(server, ("guichet-server", "backup"))
    for slug, name in _RELAYS.items():
        content = _RELAY.format(slug=slug, name=name)
        server.write(f"/root/{slug}.toml", content.encode())
    applied = _at_once(
        server, [("guichet-provision", "apply", f"{slug}.toml") for slug in _RELAYS]
    )
    ground.expect(
        all(code == 0 for code, _said in applied), f"not both applied: {applied}"
    )
    listed = json.loads(provision(server, "list relays --json"))
    slugs = {each["slug"] for each in listed["relays"]}
    ground.expect(set(_RELAYS) <= slugs, f"after both, the relays are {sorted(slugs)}")
    ground.expect_call(appointment)
    ground.end_call(appointment)


def _one_wins(server: Host, command: Sequence[str]) -> str:
    """Give what the second was told, who was refused while the first did all of it."""
    done = _at_once(server, [command, command])
    refused = [said for code, said in done if code != 0]
    if len(refused) != 1:
        raise NotEndured(f"{' '.join(command)} twice: {done}")
    return refused[0].splitlines()[-1]


def _at_once(server: Host, commands: Sequence[Sequence[str]]) -> list[tuple[int, str]]:
    running = [
        subprocess.Popen(
            [*server.enter(), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for command in commands
    ]
    done = []
    for each in running:
        said, _nothing = each.communicate(timeout=AT_ONCE_SECONDS * PATIENCE)
        done.append((each.returncode, said.strip()))
    return done

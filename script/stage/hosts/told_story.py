# SPDX-License-Identifier: AGPL-3.0-or-later
"""The story lived on a set of hosts, by a process that stands in their network.

`tell_story` starts this module there; it prints what happened as one JSON object.
"""

import json
import subprocess
import sys
from dataclasses import asdict
from typing import Any

import requests

from sip_endpoints.control import ControlError
from stage.device_story import DevicesFailed
from stage.hosts.host import HostFailed
from stage.hosts.host_set import SITE, HostSet
from stage.hosts.village import Village
from stage.story import Story, StoryBroken, live
from stage.waiting import PATIENCE, NotInTime
from stage.web_browser import PageRefused

STORY_SECONDS = 300.0
BROKEN = (
    ControlError,
    DevicesFailed,
    HostFailed,
    LookupError,
    NotInTime,
    PageRefused,
    StoryBroken,
    requests.RequestException,
)
# This machine's names stay what they are for everybody else.
_WITH_NAMES = 'mount --bind "$0" /etc/hosts && exec "$@"'


def tell_story(host_set: HostSet) -> dict[str, Any]:
    """Live the story on the set; `problem` is empty where all went well."""
    return told_there(host_set, __name__, STORY_SECONDS)


def told_there(
    host_set: HostSet, module: str, timeout_seconds: float, *arguments: str
) -> dict[str, Any]:
    """Run a module of ours in the hosts' network and give the JSON that it prints last."""
    names = host_set.folder / "hosts"
    server = host_set.network.address(host_set.number("server"))
    names.write_text(f"127.0.0.1 localhost\n{server} {SITE}\n", encoding="ascii")
    command = [sys.executable, "-m", module, host_set.name, *arguments]
    done = subprocess.run(
        [
            *host_set.network.enter(),
            *("unshare", "--mount", "--propagation", "private"),
            *("sh", "-c", _WITH_NAMES, str(names), *command),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_seconds * PATIENCE,
    )
    lines = done.stdout.splitlines()
    if done.returncode != 0 or not lines:
        return {"problem": f"{module}: {done.stderr.strip()[-2000:]}"}
    told: dict[str, Any] = json.loads(lines[-1])
    return told


def main(name: str) -> None:
    """Live it and print what happened."""
    story, problem = Story(), ""
    try:
        live(Village(HostSet.find(name)), story)
    except BROKEN as error:
        problem = f"{type(error).__name__}: {error}"
    print(json.dumps({"problem": problem, **asdict(story)}, default=str))


if __name__ == "__main__":
    main(sys.argv[1])

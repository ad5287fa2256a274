# SPDX-License-Identifier: AGPL-3.0-or-later
"""A new version whose telephone does not start: the kiosk puts the one before back by itself."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stage.hosts.documented import Tell
from stage.hosts.host import Host
from stage.hosts.host_set import HostSet
from stage.hosts.installing import VillageInstallation, await_telephones
from stage.hosts.upgrading import later_version
from stage.hosts.whole import whole_version
from stage.waiting import wait_for

PACKAGE = "guichet-kiosk"
# Later than what `upgrading` installs.
BROKEN = "+later2"
# The kiosk hears within a minute where packages come from, and tells as soon what it did.
HEARD_SECONDS, UPDATE_SECONDS = 180.0, 1200.0


class NotRolledBack(Exception):
    """The kiosk runs the broken version, or says something else; the text says what."""


def publish_broken(
    host_set: HostSet,
    installation: VillageInstallation,
    packages: Mapping[str, Path],
) -> str:
    """Publish a version whose telephone does not start, for all kiosks; give its number."""
    broken = later_version(
        packages[PACKAGE], host_set.folder / "broken", BROKEN, _without_phone
    )
    host_set.host("server").put([broken], "/root/broken")
    installation.type_in("server", "guichet-server publish broken/*.deb")
    installation.type_in("server", "guichet-server promote --now")
    return broken.name.split("_")[1]


def roll_back(
    host_set: HostSet, installation: VillageInstallation, version: str, tell: Tell
) -> None:
    """Have the kiosk take the broken version, and see the one before come back.

    Returns once the telephones are back and the server knows of it; the version is withdrawn.
    """
    kiosk, server = host_set.host("kiosk"), host_set.host("server")
    before = _asked(kiosk)["installed"]
    wait_for(
        lambda: _asked(kiosk)["offered"] == version,
        "the kiosk is offered the new version",
        HEARD_SECONDS,
        1.0,
    )
    tell(f"kiosk: {version} is offered")
    kiosk.ask("guichet-kiosk", "update", "--now", timeout_seconds=UPDATE_SECONDS)
    last = _asked(kiosk)["last"] or {}
    tell(f"kiosk: {last}")
    if (last.get("state"), last.get("to")) != ("rolled_back", version):
        raise NotRolledBack(f"the kiosk says {last}")
    whole_version(kiosk, [before])
    if not _asked(kiosk)["is_refused"]:
        raise NotRolledBack(f"the kiosk would take {version} again")
    await_telephones(host_set)
    wait_for(
        lambda: _is_told(server, version),
        "the server is told of it",
        HEARD_SECONDS,
        1.0,
    )
    installation.type_in("server", f"guichet-server withdraw {version}")


def _without_phone(tree: Path) -> None:
    """Take the telephone's library out of the package: all else of it works."""
    for file in (tree / "usr/lib" / PACKAGE).glob("lib/*/site-packages/_pjsua2*.so"):
        file.unlink()


def _asked(kiosk: Host) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(kiosk.run(PACKAGE, "update", "--json"))
    return answer


def _is_told(server: Host, version: str) -> bool:
    told = server.run("sh", "-c", "guichet-web fleet list --json")
    return "rolled_back" in told and version in told

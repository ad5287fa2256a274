# SPDX-License-Identifier: AGPL-3.0-or-later
"""A later version of what is installed: the same files under a later number, put on by apt."""

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from stage.hosts.host import Host
from stage.hosts.host_set import HostSet
from stage.hosts.installing import VillageInstallation, await_telephones
from stage.waiting import wait_for

IN_FORCE_SECONDS = 180.0
LATER = "+later1"
_UPGRADED = {"server": "guichet-server", "kiosk": "guichet-kiosk"}
_COMMANDS = {
    "server": (
        "guichet-server publish ./later/guichet-server_*.deb",
        "apt update",
        "apt upgrade --yes",
    ),
    "kiosk": ("apt install --yes ./later/guichet-kiosk_*.deb",),
}


class NotUpgraded(Exception):
    """The machine does not run the later version; the text says which one it runs."""


def upgrade(
    host_set: HostSet,
    installation: VillageInstallation,
    packages: Mapping[str, Path],
) -> None:
    """Upgrade server and kiosk; return once the telephones are back. Raises NotUpgraded.

    The server takes what was published there, from its own repository.
    """
    kiosk = host_set.host("kiosk")
    ended_before = _apply_ended(kiosk)
    for name, package in _UPGRADED.items():
        host = host_set.host(name)
        later = later_version(packages[package], host_set.folder / "later")
        host.put([later], "/root/later")
        for command in _COMMANDS[name]:
            installation.type_in(name, command)
        found = host.run("dpkg-query", "--show", "--showformat=${Version}", package)
        if not found.endswith(LATER):
            raise NotUpgraded(f"{name} runs {package} {found}")
    # apt returns before: the kiosk begins anew by itself once nobody talks there.
    wait_for(
        lambda: _apply_ended(kiosk) != ended_before,
        "the kiosk has put the later version in force",
        IN_FORCE_SECONDS,
        0.5,
    )
    await_telephones(host_set)


def _apply_ended(kiosk: Host) -> str:
    """Give when the kiosk last ended putting a version in force, in systemd's own time."""
    return kiosk.run(
        *("systemctl", "show", "--property=ExecMainExitTimestampMonotonic", "--value"),
        "guichet-apply.service",
    )


def _as_it_is(_tree: Path) -> None:
    """Change nothing of what is in a package."""


def later_version(
    package: Path,
    folder: Path,
    suffix: str = LATER,
    change: Callable[[Path], None] = _as_it_is,
) -> Path:
    """Make the package anew under a later version, with what `change` does to its tree."""
    tree = folder / package.stem
    shutil.rmtree(tree, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    _dpkg("--raw-extract", str(package), str(tree))
    change(tree)
    control = tree / "DEBIAN" / "control"
    text = control.read_text(encoding="utf-8")
    control.write_text(
        re.sub(r"(?m)^Version: .*$", rf"\g<0>{suffix}", text), encoding="utf-8"
    )
    name, version, architecture = package.stem.split("_")
    file = folder / f"{name}_{version}{suffix}_{architecture}.deb"
    # Nobody downloads it: packing takes longer than copying.
    _dpkg("-Zgzip", "-z1", "--build", str(tree), str(file))
    shutil.rmtree(tree)
    return file


def _dpkg(*arguments: str) -> None:
    subprocess.run(
        ["dpkg-deb", *arguments], check=True, capture_output=True, timeout=300
    )

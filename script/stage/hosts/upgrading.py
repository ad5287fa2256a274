# SPDX-License-Identifier: AGPL-3.0-or-later
"""A later version of what is installed: the same files under a later number, put on by apt."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from stage.hosts.host_set import HostSet
from stage.hosts.installing import VillageInstallation, await_telephones

LATER = "+later1"
_UPGRADED = {"server": "guichet-server", "kiosk": "guichet-kiosk"}


class NotUpgraded(Exception):
    """The machine does not run the later version; the text says which one it runs."""


def upgrade(
    host_set: HostSet,
    installation: VillageInstallation,
    packages: Mapping[str, Path],
) -> None:
    """Upgrade server and kiosk; return once the telephones are back. Raises NotUpgraded."""
    for name, package in _UPGRADED.items():
        host = host_set.host(name)
        later = later_version(packages[package], host_set.folder / "later")
        host.put([later], "/root/later")
        installation.type_in(name, f"apt install --yes ./later/{package}_*.deb")
        found = host.run("dpkg-query", "--show", "--showformat=${Version}", package)
        if not found.endswith(LATER):
            raise NotUpgraded(f"{name} runs {package} {found}")
    await_telephones(host_set)


def later_version(package: Path, folder: Path) -> Path:
    """Make the package anew under a later version; give its file."""
    tree = folder / package.stem
    shutil.rmtree(tree, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    _dpkg("--raw-extract", str(package), str(tree))
    control = tree / "DEBIAN" / "control"
    text = control.read_text(encoding="utf-8")
    control.write_text(
        re.sub(r"(?m)^Version: .*$", rf"\g<0>{LATER}", text), encoding="utf-8"
    )
    name, version, architecture = package.stem.split("_")
    file = folder / f"{name}_{version}{LATER}_{architecture}.deb"
    # Nobody downloads it: packing takes longer than copying.
    _dpkg("-Zgzip", "-z1", "--build", str(tree), str(file))
    shutil.rmtree(tree)
    return file


def _dpkg(*arguments: str) -> None:
    subprocess.run(
        ["dpkg-deb", *arguments], check=True, capture_output=True, timeout=300
    )

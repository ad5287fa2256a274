# SPDX-License-Identifier: AGPL-3.0-or-later
"""The root that every host begins with: a bare Debian 13 of this machine's own archive.

It is made once and kept; what a host changes lies in an overlay of that host's. Its package
lists are of the day it was made: what a host installs is chosen, and downloaded, by them.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil

from stage.processes import DIE_WITH_STAGE

RELEASE = "trixie"
# What an installation without any task leaves, but for the kernel and its boot loader; the
# keyboard is what Debian's installer asks for.
VARIANT = "important"
PACKAGES = (
    *("ca-certificates", "console-setup", "dbus", "keyboard-configuration"),
    *("libpam-systemd", "locales", "systemd-sysv"),
)
MINUTES = 15
# What it mounts, this machine's /dev/shm too, is gone with it, however it ends; and it with us.
_IN_NAMESPACES = (
    *DIE_WITH_STAGE,
    *("unshare", "--mount", "--propagation", "private"),
    *("--pid", "--fork", "--kill-child", "--"),
)
# What says which indexes are fetched and how they are kept, not how the archive is reached.
_NOT_HANDED_ON = tuple(
    f"Acquire::{name}"
    for name in (
        *("IndexTargets", "Changelogs", "Snapshots", "Languages"),
        *("GzipIndexes", "CompressionTypes", "cdrom"),
    )
)
NO_TRANSLATIONS = 'Acquire::Languages "none";'


class NoRoot(Exception):
    """The base could not be made; the text says why and what to do."""


def cache_folder() -> Path:
    """Give where this project keeps what was made or downloaded once."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "guichet-virtuel"


def sources() -> list[str]:
    """Give the lines of this machine's own sources that are Debian's, and no others.

    Neither its private archives nor its pins are any business of a bare machine's.
    """
    if mirror := os.environ.get("GUICHET_DEBIAN_MIRROR"):
        return [f"deb {mirror} {RELEASE} main"]
    found = _ask(
        *("apt-get", "indextargets", "--format"),
        "$(SITE)|$(RELEASE)|$(COMPONENT)|$(SIGNED_BY)|$(CODENAME)",
        *("Created-By: Packages", "Origin: Debian"),
    )
    lines = []
    for site, release, component, key, codename in (
        line.split("|") for line in found.splitlines()
    ):
        if component == "main" and codename.startswith(RELEASE):
            signed = f" [signed-by={key}]" if key.startswith("/") else ""
            lines.append(f"deb{signed} {site} {release} {component}")
    if not lines:
        raise NoRoot(
            f"this machine's apt sources hold no Debian {RELEASE}: run apt-get update, or"
            " set GUICHET_DEBIAN_MIRROR to the address of a Debian mirror near you"
        )
    return lines


def way_to_archive() -> list[str]:
    """Give the settings by which this machine's apt reaches its archive (proxy, dates)."""
    lines = _ask("apt-config", "dump", "Acquire").splitlines()
    return [
        line
        for line in lines
        if '""' not in line and not line.startswith(_NOT_HANDED_ON)
    ]


def base_root() -> Path:
    """Give the base's folder, made now if nobody made it this week. To be read only."""
    folder = cache_folder() / "hosts"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = sources()
    base = folder / f"base-{_key(wanted)}"
    with one_at_a_time(folder / "lock"):
        if not base.is_dir():
            _make(base, wanted)
    return base


def forget_bases(used: Collection[Path]) -> None:
    """Remove the bases of other weeks and recipes, or half made, unless hosts stand on them."""
    folder = cache_folder() / "hosts"
    with one_at_a_time(folder / "lock"):
        for base in [*folder.glob("base-*"), *folder.glob("part-base-*")]:
            if base not in used:
                _remove(base)


def _key(wanted: Sequence[str]) -> str:
    # What a list names leaves the archive when it is superseded: a week is safe enough.
    week = datetime.now(UTC).strftime("%G-W%V")
    recipe = "\n".join([RELEASE, VARIANT, *PACKAGES, *wanted])
    return f"{week}-{hashlib.sha256(recipe.encode()).hexdigest()[:8]}"


def _make(base: Path, wanted: Sequence[str]) -> None:
    if shutil.which("mmdebstrap") is None:
        raise NoRoot("mmdebstrap is missing: apt-get install mmdebstrap")
    part = base.with_name(f"part-{base.name}")
    _remove(part)
    command = [
        *_IN_NAMESPACES,
        *("mmdebstrap", "--quiet", "--mode=root", f"--variant={VARIANT}"),
        *(f"--include={','.join(PACKAGES)}", "--skip=cleanup/apt/lists"),
        *(f"--aptopt={line}" for line in (*way_to_archive(), NO_TRANSLATIONS)),
        # How this machine reaches the archive stays with it.
        '--customize-hook=rm "$1/etc/apt/apt.conf.d/99mmdebstrap"',
        # A systemd that finds it empty draws a number of the host's own.
        '--customize-hook=: >"$1/etc/machine-id"',
        *(RELEASE, str(part), "-"),
    ]
    made = subprocess.run(
        command,
        input="\n".join(wanted),
        capture_output=True,
        text=True,
        timeout=MINUTES * 60,
    )
    if made.returncode != 0:
        _remove(part)
        raise NoRoot(f"mmdebstrap could not make a root:\n{made.stderr.strip()}")
    part.rename(base)


def _remove(folder: Path) -> None:
    """Remove a root; what is mounted in it is unmounted, not emptied."""
    places = [part.mountpoint for part in psutil.disk_partitions(all=True)]
    for place in reversed([each for each in places if folder in Path(each).parents]):
        subprocess.run(["umount", "--lazy", place], check=True)
    subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=True)


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Let others wait who come to the same file meanwhile."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _ask(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoRoot(
            f"{command[0]} does not answer: hosts are made on Debian or its kin"
        ) from error
    return done.stdout

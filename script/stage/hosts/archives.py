# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a host's apt would download: fetched here, by this machine's way, and handed to it.

Hosts see no archive. apt on the host then finds all it needs where it would have put it, so
that the documented command is the one that runs; what a download takes is counted in bytes,
never in seconds of somebody's line.
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stage.hosts.host import Host
from stage.hosts.root import (
    NO_TRANSLATIONS,
    cache_folder,
    one_at_a_time,
    way_to_archive,
)

MINUTES = 20
_INSIDE = "/var/cache/apt/archives"


class NotFetched(Exception):
    """apt found no way to install the packages; the text holds what it said."""


@dataclass(frozen=True)
class Fetched:
    """What a host must download besides our own packages."""

    packages: int
    bytes: int


def fetch(
    host: Host,
    packages: Sequence[str | Path],
    folder: Path,
    *,
    is_sparing: bool = False,
) -> Fetched:
    """Hand a running host all that apt needs to install these packages.

    apt decides by the host's own lists and by what is installed there; `folder` is the
    caller's, for its settings. Files are kept from run to run. `is_sparing`: without what
    packages recommend.
    """
    kept = cache_folder() / "hosts" / "archives"
    (kept / "partial").mkdir(parents=True, exist_ok=True)
    settings = _settings(host, kept, folder)
    if is_sparing:
        with settings.open("a", encoding="utf-8") as written:
            written.write('APT::Install-Recommends "false";\n')
    wanted = _wanted(settings, packages)
    # Hosts are made beside each other, and share most of what they need.
    with one_at_a_time(kept.with_name("archives.lock")):
        if not all((kept / name).is_file() for name, _size in wanted):
            _apt(settings, "--yes", "--download-only", "install", *map(str, packages))
    host.put([kept / name for name, _size in wanted], _INSIDE)
    return Fetched(len(wanted), sum(size for _name, size in wanted))


def _settings(host: Host, kept: Path, folder: Path) -> Path:
    root = folder / "apt"
    # Without these folders apt complains.
    parts = ("apt.conf.d", "preferences.d", "sources.list.d")
    for path in (
        "lists/partial",
        "empty/partial",
        *(f"empty/{part}" for part in parts),
    ):
        (root / path).mkdir(parents=True, exist_ok=True)
    for path in ("/var/lib/dpkg/status", "/etc/apt/sources.list"):
        (root / Path(path).name).write_bytes(host.read(path))
    for name in host.run("ls", "/var/lib/apt/lists").split():
        if name.endswith(("InRelease", "Packages")):
            content = host.read(f"/var/lib/apt/lists/{name}")
            (root / "lists" / name).write_bytes(content)
    lines = [
        *way_to_archive(),
        NO_TRANSLATIONS,
        f'Dir::State "{root}";',
        f'Dir::State::lists "{root}/lists";',
        f'Dir::State::status "{root}/status";',
        f'Dir::Cache "{root}";',
        f'Dir::Cache::archives "{kept}";',
        'Dir::Cache::pkgcache "";',
        'Dir::Cache::srcpkgcache "";',
        f'Dir::Etc "{root}/empty";',
        f'Dir::Etc::sourcelist "{root}/sources.list";',
        'Debug::NoLocking "true";',
    ]
    file = root / "apt.conf"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def _wanted(settings: Path, packages: Sequence[str | Path]) -> list[tuple[str, int]]:
    # 'http://.../pool/.../name_version_arch.deb' name_version_arch.deb 12345 SHA256:...
    # It leaves out what is kept, where it is told of it.
    nothing = f"Dir::Cache::archives={settings.parent / 'empty'}"
    listed = _apt(
        settings,
        *("--option", nothing, "--yes", "--print-uris", "install"),
        *map(str, packages),
    )
    found = []
    for line in listed.splitlines():
        words = line.split()
        if line.startswith("'") and not line.startswith("'file:"):
            found.append((words[1], int(words[2])))
    return found


def _apt(settings: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["apt-get", "--quiet", *arguments],
        env={"APT_CONFIG": str(settings), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=MINUTES * 60,
    )
    if done.returncode != 0:
        raise NotFetched(
            f"apt-get {' '.join(arguments)}:\n{(done.stdout + done.stderr).strip()}"
        )
    return done.stdout

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The packages of this checkout, built once for each state of it."""

import hashlib
import shutil
import subprocess
from pathlib import Path

from stage.hosts.root import cache_folder

REPOSITORY = Path(__file__).resolve().parents[3]
NAMES = ("guichet-asterisk", "guichet-server", "guichet-kiosk", "guichet-counsellor")
MINUTES = 40
# What is in the checkout and in no package.
_NO_PART = ("docs/", "tests/", "script/stage/", "script/measure/", ".ci/")
_KEPT = 4


class NotBuilt(Exception):
    """script/package failed; the text holds what it said."""


def build_packages(*, version: str = "") -> dict[str, Path]:
    """Give each package's file by its name; one of these versions may be asked for."""
    folder = cache_folder() / "hosts" / "packages"
    built = folder / f"{_state()}{version and f'-as-{version}'}"
    if not built.is_dir():
        _build(built, version)
        _forget(folder)
    return packages_in(built)


def packages_in(folder: Path) -> dict[str, Path]:
    """Give the newest file of each package in a folder; raise NotBuilt where one lacks."""
    found = {}
    for name in NAMES:
        files = sorted(
            folder.glob(f"{name}_*.deb"), key=lambda each: each.stat().st_mtime
        )
        if not files:
            raise NotBuilt(f"{folder} holds no {name}: run script/package")
        found[name] = files[-1]
    return found


def _build(built: Path, version: str) -> None:
    part = built.with_name(f"part-{built.name}")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    # Lintian has read them, or will: that is no part of what is shown here.
    command = ["script/package", "--quiet", "--unread", "--output", str(part)]
    done = subprocess.run(
        [*command, *(("--as", version) if version else ())],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=MINUTES * 60,
    )
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip().splitlines()
        raise NotBuilt("script/package failed:\n" + "\n".join(said[-30:]))
    part.rename(built)


def _forget(folder: Path) -> None:
    states = sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime)
    for old in states[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def _state() -> str:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    state = hashlib.sha256()
    for name in sorted(listed.stdout.split("\0")):
        file = REPOSITORY / name
        if file.is_file() and not name.startswith(_NO_PART):
            state.update(f"{name}\0{file.stat().st_mode}\0".encode())
            state.update(file.read_bytes())
    return state.hexdigest()[:12]

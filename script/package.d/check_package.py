# SPDX-License-Identifier: AGPL-3.0-or-later
"""Install, upgrade and purge a package; print as JSON what is there then and was not before.

    check_package.py PACKAGE FOLDER

Runs in a layer above a root that has all that the package depends on, with the package and
those of ours that it needs in FOLDER.
"""

import argparse
import difflib
import hashlib
import json
import os
import re
import stat
import subprocess
import time
from pathlib import Path

# Where dpkg, apt and others keep the books of what happened, whatever it was.
BOOKS = re.compile(
    r"/(proc|sys|dev|tmp|run/systemd|cache|shared|var/cache/(apt|debconf|ldconfig|man)|var/lib/apt"
    r"|var/log/(apt|alternatives\.log|dpkg\.log)|var/lib/dpkg/(status|status-old|lock.*|info"
    r"|triggers|available.*|updates)|var/lib/ucf|etc/(passwd|group|shadow|gshadow)-"
    r"|etc/\.pwd\.lock|etc/ld\.so\.cache|var/lib/systemd/catalog/database)(/.*)?"
)
OLDER = "0~older"


def snapshot() -> dict[str, str]:
    """Return what each file of the root is, by its path."""
    found = {}
    for folder, folders, files in os.walk("/"):
        folders[:] = [
            name for name in folders if not BOOKS.fullmatch(os.path.join(folder, name))
        ]
        for name in folders + files:
            path = os.path.join(folder, name)
            if not BOOKS.fullmatch(path):
                found[path] = _state(path)
    return found


def _state(path: str) -> str:
    seen = os.lstat(path)
    content = ""
    if stat.S_ISLNK(seen.st_mode):
        content = os.readlink(path)
    elif stat.S_ISREG(seen.st_mode) and path.startswith("/etc"):
        content = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return f"{stat.filemode(seen.st_mode)} {seen.st_uid} {seen.st_gid} {content}"


def run(*command: str) -> None:
    """Run a command that must succeed; what it says is shown if it does not."""
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"{' '.join(command)}: {ended.stdout}{ended.stderr}")


def older(package: Path, folder: Path) -> Path:
    """Return the same package under a lower version."""
    content = folder / package.stem
    run("dpkg-deb", "--raw-extract", str(package), str(content))
    control = content / "DEBIAN/control"
    text = control.read_text(encoding="utf-8")
    control.write_text(
        re.sub(r"(?m)^Version: .*$", f"Version: {OLDER}", text), encoding="utf-8"
    )
    made = folder / f"older-{package.name}"
    run("dpkg-deb", "-Znone", "--build", str(content), str(made))
    return made


def use_folders(names: list[str]) -> None:
    """Leave a file in each folder that the packages keep, as their programs do."""
    for name in names:
        settings = Path(f"/usr/lib/tmpfiles.d/{name}.conf")
        if not settings.exists():
            continue
        for line in settings.read_text(encoding="utf-8").splitlines():
            words = line.split()
            if words and words[0] == "d" and Path(words[1]).is_dir():
                (Path(words[1]) / "left-by-a-program").write_text("here\n")


def is_sound(names: list[str]) -> list[str]:
    """Return what is wrong with the installed commands and units."""
    wrong = []
    for name in names:
        files = subprocess.run(
            ["dpkg", "-L", name], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        for file in files:
            if re.fullmatch(r"/usr/bin/guichet-[a-z]+", file):
                told = subprocess.run(
                    [file, "--version"], capture_output=True, text=True, check=False
                )
                if told.returncode or "version" not in told.stdout:
                    wrong.append(f"{file} --version: {told.stdout}{told.stderr}")
        units = [
            file
            for file in files
            if re.fullmatch(
                r"/usr/lib/systemd/system/[^/]+\.(service|timer|target)", file
            )
        ]
        if units:
            told = subprocess.run(
                [
                    "systemd-analyze",
                    "verify",
                    "--man=no",
                    "--recursive-errors=no",
                    *units,
                ],
                capture_output=True,
                text=True,
                check=False,
            )
            wrong += [line for line in told.stderr.splitlines() if "guichet" in line]
    return wrong


def differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Return what a purge left, took or changed."""
    left = [f"left: {path}" for path in sorted(after.keys() - before.keys())]
    taken = [f"taken: {path}" for path in sorted(before.keys() - after.keys())]
    changed = [
        f"changed: {path}: {before[path]} -> {after[path]}"
        for path in sorted(before.keys() & after.keys())
        if before[path] != after[path]
    ]
    return left + taken + changed


def check(package: str, folder: Path) -> dict[str, object]:
    """Install an older build, upgrade it, purge it; return what came of it."""
    files = sorted(folder.glob("*.deb"))
    names = [file.name.partition("_")[0] for file in files]
    work = Path("/tmp/older")
    work.mkdir()
    olders = [older(file, work) for file in files]
    accounts = Path("/etc/passwd").read_text() + Path("/etc/group").read_text()
    before = snapshot()
    run("dpkg", "--install", *map(str, olders))
    use_folders(names)
    started = time.monotonic()
    run("dpkg", "--install", *map(str, files))
    upgrade_seconds = time.monotonic() - started
    wrong = is_sound(names)
    run("dpkg", "--purge", package, *[name for name in names if name != package])
    then = Path("/etc/passwd").read_text() + Path("/etc/group").read_text()
    return {
        "ok": not wrong and snapshot() == before,
        "upgrade_seconds": round(upgrade_seconds, 1),
        "wrong": wrong,
        "after_purge": differences(before, snapshot()),
        "accounts": [
            line
            for line in difflib.ndiff(accounts.splitlines(), then.splitlines())
            if line[0] in "+-"
        ],
    }


def main() -> None:
    """Print what came of the check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package")
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    print(json.dumps(check(arguments.package, arguments.folder)))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A package `guichet-kiosk` that a bare host takes in a second: for what an update does to it.

Its units, its steps of an update and its maintainer scripts are the real ones. The telephone is
a program that does nothing, and what a version says of itself is the test's to choose. A file of
each version's own in each of some hundred folders shows whether a version is whole.
"""

import hashlib
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stage.hosts.host import Host
from stage.hosts.packages import REPOSITORY

PACKAGE = "guichet-kiosk"
FOLDER = "/var/lib/guichet-update"
FILES = 400
_DEBIAN = REPOSITORY / "debian"
_UNITS = (
    "guichet-kiosk.target",
    "guichet-update.service",
    "guichet-update-recover.service",
)
_PHONE = """\
[Unit]
PartOf=guichet-kiosk.target
[Service]
ExecStart=/usr/bin/guichet-kiosk run
Restart=always
"""
_PROGRAM = """\
#!/bin/sh
case $1 in
    run) exec sleep infinity ;;
    judge-update) systemctl restart guichet-phone.service; {verdict} ;;
    apply) [ "$2" = --after-call ] || systemctl restart guichet-phone.service ;;
esac
"""
# Where a bare host's apt finds both versions.
_ARCHIVE = "/srv/archive"
_SOURCE = f"deb [trusted=yes] file:{_ARCHIVE} ./\n"


@dataclass(frozen=True)
class SmallVersion:
    """A version, what it says when it is to judge itself, and what its postinst does."""

    number: str
    verdict: str = "exit 0"
    postinst: str = ""
    needs: str = ""


def build(version: SmallVersion, folder: Path) -> Path:
    """Make the package; give its file."""
    tree = folder / version.number
    shutil.rmtree(tree, ignore_errors=True)
    units, program = tree / "usr/lib/systemd/system", tree / "usr/bin/guichet-kiosk"
    for place in (units, program.parent, tree / "DEBIAN"):
        place.mkdir(parents=True)
    for name in _UNITS:
        shutil.copy(_DEBIAN / f"{PACKAGE}.{name}", units / name)
    (units / "guichet-phone.service").write_text(_PHONE, encoding="utf-8")
    steps = tree / "usr/libexec/guichet-kiosk"
    steps.mkdir(parents=True)
    shutil.copy(_DEBIAN / "kiosk/update-steps", steps)
    program.write_text(_PROGRAM.format(verdict=version.verdict), encoding="utf-8")
    program.chmod(0o755)
    for number in range(FILES):
        file = tree / f"usr/lib/guichet-kiosk/{number % 100}/{number}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{version.number}\n", encoding="utf-8")
    _write_control(version, tree)
    file = folder / f"{PACKAGE}_{version.number}_all.deb"
    subprocess.run(
        [
            *("dpkg-deb", "-Znone", "--root-owner-group"),
            *("--build", str(tree), str(file)),
        ],
        check=True,
        capture_output=True,
    )
    shutil.rmtree(tree)
    return file


def _write_control(version: SmallVersion, tree: Path) -> None:
    control = tree / "DEBIAN"
    needs = f"Depends: {version.needs}\n" if version.needs else ""
    (control / "control").write_text(
        f"Package: {PACKAGE}\nVersion: {version.number}\nArchitecture: all\n{needs}"
        "Maintainer: Nobody <nobody@example.invalid>\nDescription: a small kiosk\n",
        encoding="utf-8",
    )
    for script in ("postinst", "prerm", "postrm"):
        text = (_DEBIAN / f"{PACKAGE}.{script}").read_text(encoding="utf-8")
        own = version.postinst if script == "postinst" else ""
        (control / script).write_text(text.replace("#DEBHELPER#", own))
        (control / script).chmod(0o755)
    sums = "".join(
        f"{hashlib.md5(file.read_bytes()).hexdigest()}  {file.relative_to(tree)}\n"
        for file in sorted((tree / "usr").rglob("*"))
        if file.is_file()
    )
    (control / "md5sums").write_text(sums, encoding="utf-8")


def offer(host: Host, packages: Sequence[Path]) -> None:
    """Have the host's apt know these packages, and nothing else."""
    host.put(packages, _ARCHIVE)
    told = "\n".join(map(_described, packages))
    host.write(f"{_ARCHIVE}/Packages", told.encode())
    host.write("/etc/apt/sources.list", _SOURCE.encode())
    host.run("apt-get", "--quiet", "update")


def _described(package: Path) -> str:
    fields = subprocess.run(
        ["dpkg-deb", "--field", str(package)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    content = package.read_bytes()
    return (
        f"{fields}Filename: ./{package.name}\nSize: {len(content)}\n"
        f"SHA256: {hashlib.sha256(content).hexdigest()}\n"
    )


def install(host: Host, package: Path, version: SmallVersion) -> None:
    """Make the bare host a kiosk of this version, as an enrolment leaves one."""
    host.write("/etc/guichet-kiosk/grant.json", b"{}")
    host.write("/etc/guichet-kiosk/bundle.toml", b"")
    host.run("mkdir", "-p", FOLDER, "/var/lib/guichet-kiosk/machine")
    host.run("apt-get", "install", "--yes", f"{PACKAGE}={version.number}")
    host.put([package], f"{FOLDER}/kept")
    for unit in ("guichet-kiosk.target", "guichet-update-recover.service"):
        host.run("systemctl", "enable", unit)
    host.run("systemctl", "start", "guichet-kiosk.target")


def begin(host: Host, before: SmallVersion, after: SmallVersion) -> None:
    """Write the step that `guichet-kiosk prepare-update` writes at its end."""
    step = f"installing {before.number} {after.number} 0 -\n"
    host.write(f"{FOLDER}/step", step.encode(), "600")


def files_of(host: Host) -> Mapping[str, int]:
    """Give how many files of each version are there."""
    told = host.run(
        "sh", "-c", "cat /usr/lib/guichet-kiosk/*/* | sort | uniq --count"
    ).split()
    return {told[at + 1]: int(told[at]) for at in range(0, len(told), 2)}

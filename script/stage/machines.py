# SPDX-License-Identifier: AGPL-3.0-or-later
"""A machine as `pip install guichet-virtuel[EXTRA]` leaves it, made without a download.

The wheel is built of a copy of the checkout. What its extra asks for is linked from the
environment of the tests, which holds every distribution at its pinned version: the same ones
that pip would have chosen, and no other.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement

from stage.waiting import PATIENCE

REPOSITORY = Path(__file__).resolve().parents[2]
DISTRIBUTION = "guichet-virtuel"
PACKAGES = ("booking_web", "device_bridge", "provisioning", "sip_endpoints")
_FILES = ("guichet_programs.py", "setup.py", "setup.cfg", "pyproject.toml", "README.md")
# What was made in the checkout and is not committed.
_MADE_HERE = shutil.ignore_patterns("__pycache__", "*.mo")
_IMPORT_ALL = """
import importlib, pkgutil, sys
left_out = tuple(sys.argv[1].split())
for name in sys.argv[2:]:
    package = importlib.import_module(name)
    print(name)
    for found in pkgutil.walk_packages(package.__path__, name + "."):
        if not (found.name + ".").startswith(left_out):
            importlib.import_module(found.name)
            print(found.name)
"""


def copy_sources(target: Path) -> None:
    """Copy what the wheel is built of: what is committed, nothing that was made since."""
    for package in PACKAGES:
        shutil.copytree(REPOSITORY / package, target / package, ignore=_MADE_HERE)
    for name in _FILES:
        shutil.copyfile(REPOSITORY / name, target / name)
    shutil.copyfile(REPOSITORY / "LICENSE", target / "LICENSE")


def build_wheel(sources: Path, folder: Path) -> Path:
    """Build the wheel of `sources` into `folder`, with the tools that are there."""
    _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, sources)
    [wheel] = folder.glob("*.whl")
    return wheel


@dataclass(frozen=True)
class Machine:
    """An environment that holds our wheel, and what one of its extras brings."""

    folder: Path
    brought: frozenset[str]

    @classmethod
    def make(cls, folder: Path, wheel: Path, extra: str) -> "Machine":
        """Make an empty environment in `folder` and install `wheel[extra]` there."""
        subprocess.run(
            [sys.executable, "-m", "venv", "--without-pip", folder], check=True
        )
        machine = cls(folder, frozenset())
        _pip("--python", machine.python, "install", "--no-deps", wheel)
        [ours] = distributions(name=DISTRIBUTION, path=[str(machine.site_packages)])
        found = _needed_by(ours, extra)
        for each in found.values():
            _link(each, machine.site_packages)
        return cls(folder, frozenset(found))

    @property
    def python(self) -> Path:
        """The environment's own Python."""
        return self.folder / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        """Where the packages are."""
        [found] = self.folder.glob("lib/python*/site-packages")
        return found

    def import_all(
        self, packages: Iterable[str], left_out: Iterable[str] = ()
    ) -> set[str]:
        """Import every module of the packages in one process, and name them.

        `left_out` are packages among them that this machine never imports.
        """
        names = " ".join(f"{name}." for name in left_out) or "-"
        done = self._run(self.python, "-I", "-c", _IMPORT_ALL, names, *packages)
        assert done.returncode == 0, done.stderr
        return set(done.stdout.split())

    def run(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one of our programs to its end."""
        return self._run(self.folder / "bin" / program, *words)

    def _run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words,
            cwd=self.folder,
            env={k: v for k, v in os.environ.items() if not k.startswith("GUICHET_")},
            capture_output=True,
            text=True,
            timeout=60 * PATIENCE,
        )


def canonical(name: str) -> str:
    """Give a distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _needed_by(ours: Distribution, extra: str) -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    asked = [(ours, frozenset({extra}))]
    while asked:
        each, extras = asked.pop()
        for text in each.requires or ():
            wanted = Requirement(text)
            if wanted.marker and not any(
                wanted.marker.evaluate({"extra": name}) for name in extras | {""}
            ):
                continue
            key = canonical(wanted.name), frozenset(wanted.extras)
            if key not in seen:
                seen.add(key)
                found[key[0]] = distribution(wanted.name)
                asked.append((found[key[0]], key[1]))
    return found


def _link(installed: Distribution, site_packages: Path) -> None:
    tops = {file.parts[0] for file in installed.files or ()}
    # Programs go elsewhere; single modules share one folder of byte code.
    for top in sorted(tops - {"..", "__pycache__"}):
        (site_packages / top).symlink_to(Path(str(installed.locate_file(top))))


def _pip(*words: str | Path) -> None:
    options = ("--quiet", "--no-index", "--disable-pip-version-check")
    subprocess.run([sys.executable, "-m", "pip", *words, *options], check=True)

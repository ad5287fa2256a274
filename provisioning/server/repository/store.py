# SPDX-License-Identifier: AGPL-3.0-or-later
"""The packages and what is published of them: the one place that runs aptly.

Two suites: `pilot` for the kiosks that try a version first, `stable` for all others. Each
shows a snapshot of the store, with every version that was ever put in, so that a kiosk finds
its former one. See aptly(1).
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from provisioning.asterisk.certificates import write_private
from provisioning.server.programs import Programs
from provisioning.server.repository.places import RepositoryPlaces

PILOT, STABLE = "pilot", "stable"
SUITES = (PILOT, STABLE)
ARCHITECTURES = ("amd64", "arm64")
STORE = "guichet"
_EMPTY = "0-empty"
_PACKAGE = re.compile(r"\s*([a-z0-9.+-]+)_([^_]+)_([a-z0-9]+)")


@dataclass(frozen=True, order=True)
class Package:
    """A package as the store names it."""

    name: str
    version: str
    architecture: str

    @classmethod
    def read(cls, line: str) -> "Package | None":
        """Read `name_version_architecture`; None for another line."""
        found = _PACKAGE.fullmatch(line)
        return cls(*found.groups()) if found else None


class Store:
    """The store of one machine. Every method may raise ProgramFailed."""

    def __init__(self, places: RepositoryPlaces, programs: Programs) -> None:
        self._places = places
        self._programs = programs

    def ensure(self) -> bool:
        """Make the store and its two suites, empty; tell whether they were missing."""
        if self._places.configuration.exists() and set(SUITES) <= set(
            self._published()
        ):
            return False
        configuration = {
            "rootDir": str(self._places.folder),
            "architectures": list(ARCHITECTURES),
            "gpgProvider": "gpg",
            "skipContentsPublishing": True,
            "skipLegacyPool": True,
        }
        text = json.dumps(configuration, indent=2) + "\n"
        write_private(self._places.configuration, text.encode())
        # What was begun and cut off is there already.
        if STORE not in self._aptly("repo", "list", "-raw").split():
            self._aptly("repo", "create", STORE)
        if _EMPTY not in self._aptly("snapshot", "list", "-raw").split():
            self._aptly("snapshot", "create", _EMPTY, "empty")
        for suite in SUITES:
            if suite not in self._published():
                self._publish("snapshot", f"-distribution={suite}", _EMPTY)
        return True

    def add(self, files: list[Path], snapshot: str) -> None:
        """Put packages in, and publish the store as it is now to the pilots."""
        self._aptly("repo", "add", STORE, *(str(file) for file in files))
        self._aptly("snapshot", "create", snapshot, "from", "repo", STORE)
        self._publish("switch", PILOT, snapshot)

    def promote(self) -> None:
        """Publish to all what is published to the pilots."""
        self._publish("switch", STABLE, self._published()[PILOT])

    def withdraw(self, version: str, snapshot: str) -> None:
        """Take a version out of both suites."""
        self._aptly("repo", "remove", STORE, f"$Version (= {version})")
        self._aptly("snapshot", "create", snapshot, "from", "repo", STORE)
        for suite in SUITES:
            self._publish("switch", suite, snapshot)

    def packages(self, suite: str) -> list[Package]:
        """Give the packages of a suite, in no order that means something."""
        shown = self._aptly(
            "snapshot", "show", "-with-packages", self._published()[suite]
        )
        found = [Package.read(line) for line in shown.splitlines()]
        return [package for package in found if package is not None]

    def _published(self) -> dict[str, str]:
        """Give the snapshot of each suite that is published."""
        listed = json.loads(self._aptly("publish", "list", "-json") or "[]")
        return {
            str(each["Distribution"]): str(each["Sources"][0]["Name"])
            for each in listed
        }

    def _publish(self, *arguments: str) -> None:
        try:
            self._programs.run(
                *("env", f"GNUPGHOME={self._places.key_folder}"),
                *self._command("publish", arguments[0], "-batch"),
                f"-architectures={','.join(ARCHITECTURES)}",
                *arguments[1:],
            )
        finally:
            self._programs.try_to_run(
                *("gpgconf", "--homedir", str(self._places.key_folder)),
                *("--kill", "all"),
            )

    def _aptly(self, *arguments: str) -> str:
        return self._programs.run(*self._command(*arguments))

    def _command(self, *arguments: str) -> tuple[str, ...]:
        return ("aptly", f"-config={self._places.configuration}", *arguments)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The packages and what is published of them: the one place that runs aptly.

Suites: `pilot` for the kiosks that try a version first, `stable` for all other kiosks, `site`
for the server itself and counsellors' PCs. Behind each stands a store of aptly's with all the
versions that it was given. See aptly(1).
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from provisioning.asterisk.certificates import write_private
from provisioning.bundles.enrolment_file import PILOT_SUITE
from provisioning.server.programs import Programs
from provisioning.server.repository.errors import RepositoryError
from provisioning.server.repository.places import (
    RepositoryPlaces,
    readable_by_all,
)
from provisioning.server.repository.signing_key import signing_home

PILOT, STABLE, SITE = PILOT_SUITE, "stable", "site"
SUITES = (PILOT, STABLE, SITE)
ARCHITECTURES = ("amd64", "arm64")
_OTHER_CONTENT = "already exists and is different"
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
        """Make the suites, empty; tell whether one was missing."""
        if self._places.configuration.exists() and self._missing() == []:
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
        stores = self._aptly("repo", "list", "-raw").split()
        for suite in self._missing():
            if suite not in stores:
                self._aptly("repo", "create", suite)
            architectures = f"-architectures={','.join(ARCHITECTURES)}"
            self._publish("repo", architectures, f"-distribution={suite}", suite)
        return True

    def add(self, files: Sequence[Path], suite: str = PILOT) -> None:
        """Publish packages, to the pilots. What is there already is left as it is.

        Raises RepositoryError for a version that is there with another content.
        """
        # Programs run in /.
        named = [str(file.absolute()) for file in files]
        with readable_by_all():
            ran = self._programs.try_to_run(
                *self._command("repo", "add", suite, *named)
            )
        if _OTHER_CONTENT in ran.output:
            raise RepositoryError(
                "this version was published with another content: give the new one a"
                " higher number (script/package --as)"
            )
        if ran.exit_code:
            raise RepositoryError(
                f"aptly does not take it: {(ran.output or ran.complaint).strip()}"
            )
        self._publish("update", suite)

    def promote(self, version: str) -> None:
        """Publish a version of the pilots to all."""
        self._aptly("repo", "copy", PILOT, STABLE, f"$Version (= {version})")
        self._publish("update", STABLE)

    def withdraw(self, version: str) -> None:
        """Take a version out of every suite, and off the disk."""
        for suite in SUITES:
            self._aptly("repo", "remove", suite, f"$Version (= {version})")
            self._publish("update", suite)
        self._aptly("db", "cleanup")

    def sign_again(self) -> None:
        """Publish every suite as it is, signed by the key that is here now."""
        for suite in SUITES:
            self._publish("update", suite)

    def packages(self, suite: str) -> list[Package]:
        """Give the packages of a suite, in no order that means something."""
        shown = self._aptly("repo", "show", "-with-packages", suite)
        found = [Package.read(line) for line in shown.splitlines()]
        return [package for package in found if package is not None]

    def _missing(self) -> list[str]:
        listed = json.loads(self._aptly("publish", "list", "-json") or "[]")
        published = {str(each["Distribution"]) for each in listed}
        return [suite for suite in SUITES if suite not in published]

    def _publish(self, verb: str, *arguments: str) -> None:
        with signing_home(self._places, self._programs) as home, readable_by_all():
            self._programs.run(
                *("env", f"GNUPGHOME={home}"),
                *self._command("publish", verb, "-batch", *arguments),
            )

    def _aptly(self, *arguments: str) -> str:
        with readable_by_all():
            return self._programs.run(*self._command(*arguments))

    def _command(self, *arguments: str) -> tuple[str, ...]:
        return ("aptly", f"-config={self._places.configuration}", *arguments)

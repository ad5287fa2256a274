# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where the repository of the site lies, and under which address kiosks find it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from provisioning.server.machine import Machine

FOLDER = "/var/lib/guichet-repository"
# What the front gives out; aptly calls its folder so.
PUBLIC = f"{FOLDER}/public"
KEY_FILE = f"{PUBLIC}/guichet.asc"
KEY_FOLDER = "/etc/guichet/repository-key"
RINGS_FILE = f"{FOLDER}/rings.json"
# Of the site's address.
PATH = "/depot"
# Beside the packages: what a PC's apt is to read of the site's, key and all.
SOURCES_NAME = "guichet.sources"
# By which this machine's apt knows what was published for it.
OWN_SOURCES = "/etc/apt/sources.list.d/guichet.sources"


@dataclass(frozen=True)
class RepositoryPlaces:
    """The files of the repository on a machine."""

    folder: Path
    key_folder: Path

    @classmethod
    def of(cls, machine: Machine) -> "RepositoryPlaces":
        """Give them for this machine."""
        return cls(machine.path(FOLDER), machine.path(KEY_FOLDER))

    @property
    def configuration(self) -> Path:
        """Give aptly's own configuration."""
        return self.folder / "aptly.conf"

    @property
    def public_key(self) -> Path:
        """Give the key by which kiosks know the packages."""
        return self.folder / "public" / "guichet.asc"

    @property
    def sources(self) -> Path:
        """Give what a counsellor's PC puts among its apt's sources."""
        return self.folder / "public" / SOURCES_NAME

    def release(self, suite: str) -> Path:
        """Give the file that says when a suite was signed, by its date."""
        return self.folder / "public" / "dists" / suite / "Release"

    @property
    def rings(self) -> Path:
        """Give what each ring is given, which the pages read."""
        return self.folder / "rings.json"


@contextmanager
def readable_by_all() -> Iterator[None]:
    """Make files that the front can give out, whatever the caller's units and shells allow."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)

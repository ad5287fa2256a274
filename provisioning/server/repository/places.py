# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where the repository of the site lies, and under which address kiosks find it."""

from dataclasses import dataclass
from pathlib import Path

from provisioning.server.machine import Machine

FOLDER = "/var/lib/guichet-repository"
# What the front gives out; aptly calls its folder so.
PUBLIC = f"{FOLDER}/public"
KEY_FILE = f"{PUBLIC}/guichet.asc"
KEY_FOLDER = "/etc/guichet/repository-key"
# Of the site's address.
PATH = "/depot"


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
    def pilots(self) -> Path:
        """Give what is known of the version that the pilots try."""
        return self.folder / "ring.json"

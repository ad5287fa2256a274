# SPDX-License-Identifier: AGPL-3.0-or-later
"""What may be published: one version of the kiosk's package at a time."""

from collections.abc import Sequence
from pathlib import Path

from provisioning.server.programs import Programs
from provisioning.server.repository.errors import RepositoryError
from provisioning.server.repository.store import Package

KIOSK = "guichet-kiosk"
_FORMAT = "${Package}\n${Version}\n${Architecture}"


def package_in(programs: Programs, file: Path) -> Package:
    """Give what the file says it is; raises RepositoryError for another than a kiosk's."""
    shown = ("dpkg-deb", "--show", "--showformat", _FORMAT, str(file.absolute()))
    ran = programs.try_to_run(*shown)
    fields = ran.output.split("\n")
    if ran.exit_code or len(fields) != len(_FORMAT.split("\n")):
        raise RepositoryError(f"{file} is no Debian package that can be read")
    package = Package(*fields)
    if package.name != KIOSK:
        raise RepositoryError(
            f"{file} is {package.name}: kiosks are given {KIOSK} alone. The server's own"
            " packages are installed with apt"
        )
    return package


def version_of(packages: Sequence[Package]) -> str:
    """Give the one version that these are of; raises RepositoryError for several."""
    versions = sorted({package.version for package in packages})
    if len(versions) > 1:
        raise RepositoryError(
            f"these are several versions ({', '.join(versions)}): publish one at a time"
        )
    return versions[0]

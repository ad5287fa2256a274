# SPDX-License-Identifier: AGPL-3.0-or-later
"""What may be published: our own packages, one version of each at a time."""

from collections.abc import Sequence
from pathlib import Path

from provisioning.server.programs import Programs
from provisioning.server.repository.errors import RepositoryError
from provisioning.server.repository.store import Package

KIOSK = "guichet-kiosk"
# Of this machine, and of counsellors' PCs: no ring tries them first.
SERVER, ASTERISK, COUNSELLOR = (
    "guichet-server",
    "guichet-asterisk",
    "guichet-counsellor",
)
OURS = (KIOSK, SERVER, ASTERISK, COUNSELLOR)
_FORMAT = "${Package}\n${Version}\n${Architecture}"


def package_in(programs: Programs, file: Path) -> Package:
    """Give what the file says it is; raises RepositoryError for another than ours."""
    shown = ("dpkg-deb", "--show", "--showformat", _FORMAT, str(file.absolute()))
    ran = programs.try_to_run(*shown)
    fields = ran.output.split("\n")
    if ran.exit_code or len(fields) != len(_FORMAT.split("\n")):
        raise RepositoryError(f"{file} is no Debian package that can be read")
    package = Package(*fields)
    if package.name not in OURS:
        raise RepositoryError(
            f"{file} is {package.name}, none of ours: {', '.join(OURS)}"
        )
    return package


def versions_of(packages: Sequence[Package]) -> dict[str, str]:
    """Give the version of each of ours that is there; raises RepositoryError for several."""
    found: dict[str, str] = {}
    for name in OURS:
        versions = sorted({each.version for each in packages if each.name == name})
        if len(versions) > 1:
            raise RepositoryError(
                f"these are several versions of {name} ({', '.join(versions)}): publish"
                " one at a time"
            )
        if versions:
            found[name] = versions[0]
    return found

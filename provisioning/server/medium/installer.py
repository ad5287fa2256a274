# SPDX-License-Identifier: AGPL-3.0-or-later
"""Debian's installer as Debian's own package has it, which apt fetches and checks.

Its shim and its GRUB are signed for Secure Boot; a PC with UEFI starts them from any medium with
a FAT file system, by their place on it (UEFI specification, 3.5.1.1).
"""

from dataclasses import dataclass
from pathlib import Path

from provisioning.server.errors import ServerError
from provisioning.server.programs import ProgramFailed, Programs

PACKAGE = "debian-installer-13-netboot-amd64"
_FOLDER = "usr/lib/debian-installer/images/13/amd64/text/debian-installer/amd64"
# Where each of its files stands on the medium.
_PLACES = {
    "bootnetx64.efi": "EFI/BOOT/BOOTX64.EFI",
    "grubx64.efi": "EFI/BOOT/grubx64.efi",
    "linux": "guichet/linux",
    "initrd.gz": "guichet/initrd.gz",
}


@dataclass(frozen=True)
class Installer:
    """Its version, and its files by their names on the medium."""

    version: str
    files: dict[str, Path]


def fetch_installer(programs: Programs, folder: Path) -> Installer:
    """Fetch and unpack it, some 310 MB, into an empty folder; raises ServerError."""
    # The newest one alone finds its kernel's modules on Debian's mirrors.
    programs.try_to_run("apt-get", "--quiet", "update")
    try:
        programs.run(
            "env", f"--chdir={folder}", "apt-get", "--quiet", "download", PACKAGE
        )
        [package] = folder.glob(f"{PACKAGE}_*.deb")
        version = programs.run("dpkg-deb", "--field", str(package), "Version").strip()
        programs.run("dpkg-deb", "--extract", str(package), str(folder))
    except (ProgramFailed, ValueError) as error:
        raise ServerError(
            f"Debian's installer ({PACKAGE}) cannot be had: {error}; try apt update, and"
            " look for 400 MB of room in /var/tmp"
        ) from error
    files = {place: folder / _FOLDER / name for name, place in _PLACES.items()}
    missing = sorted(str(file) for file in files.values() if not file.is_file())
    if missing:
        raise ServerError(f"{PACKAGE} {version} has no {', '.join(missing)}")
    return Installer(version, files)

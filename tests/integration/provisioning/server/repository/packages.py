# SPDX-License-Identifier: AGPL-3.0-or-later
"""Packages that hold nothing, and an apt of the test's own that reads the repository."""

import shutil
import subprocess
from pathlib import Path

import pytest

from provisioning.server.repository.places import RepositoryPlaces
from provisioning.server.repository.store import Package

WITH_APTLY = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("aptly") and shutil.which("gpg")),
        reason="needs aptly and GnuPG (script/setup --test)",
    ),
]
OLD, NEW = (
    Package("guichet-kiosk", version, "amd64") for version in ("0.2.0", "0.3.0")
)


def made_package(folder: Path, package: Package, says: str = "a kiosk") -> Path:
    """Make a package of this name and version in a folder of its own."""
    tree = folder / f"{package.version}_{package.architecture} {says}"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(
        f"Package: {package.name}\nVersion: {package.version}\n"
        f"Architecture: {package.architecture}\nMaintainer: nobody <n@example.invalid>\n"
        f"Description: {says}\n"
    )
    file = folder / f"{tree.name}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "--build", tree, file],
        check=True,
        capture_output=True,
    )
    return file


class Apt:
    """An apt that knows this repository alone, in its folder or at the address of a site."""

    def __init__(
        self,
        folder: Path,
        places: RepositoryPlaces,
        suite: str,
        uri: str = "",
        authority: str = "",
        sources: str = "",
    ) -> None:
        for name in ("state/lists/partial", "cache/archives/partial", "etc/apt"):
            (folder / name).mkdir(parents=True)
        (folder / "status").touch()
        source = folder / "etc" / "guichet.list"
        uri = uri or f"file:{places.folder / 'public'}"
        # As kiosks have it: no list that is older than a week.
        options = (
            f"signed-by={places.public_key} check-date=yes check-valid-until=yes"
            f" valid-until-max={7 * 24 * 3600}"
        )
        source.write_text(f"deb [{options}] {uri} {suite} main\n")
        if sources:
            source = source.with_suffix(".sources")
            source.write_text(sources)
        self._archives = folder / "cache" / "archives"
        self._options = [
            *("-o", f"Dir::State={folder}/state"),
            *("-o", f"Dir::State::status={folder}/status"),
            *("-o", f"Dir::Cache={folder}/cache"),
            *("-o", f"Dir::Etc={folder}/etc/apt"),
            *("-o", f"Dir::Etc::sourcelist={source}"),
            *("-o", "Dir::Etc::sourceparts=/dev/null"),
            *("-o", "APT::Architecture=amd64"),
            *("-o", "APT::Sandbox::User=root"),
            *("-o", f"Acquire::https::CaInfo={authority}"),
        ]

    def versions(self, name: str = OLD.name) -> list[str]:
        """Read the lists anew and give the versions of a package, the newest first."""
        self._run("apt-get", "update", "--error-on=any")
        lines = self._run("apt-cache", "madison", name).splitlines()
        return [line.split("|")[1].strip() for line in lines]

    def fetch(self, version: str) -> bytes:
        """Download a version, and give its bytes."""
        named = f"{OLD.name}={version}"
        self._run("apt-get", "install", "--yes", "--download-only", named)
        [file] = self._archives.glob("*.deb")
        return file.read_bytes()

    def _run(self, program: str, *arguments: str) -> str:
        ran = subprocess.run(
            [program, *self._options, *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

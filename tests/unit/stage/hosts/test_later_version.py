# SPDX-License-Identifier: AGPL-3.0-or-later
"""A package under a later version holds the same, and apt takes it for newer."""

import shutil
import subprocess
from pathlib import Path

import pytest

from stage.hosts.packages import NotBuilt, packages_in
from stage.hosts.upgrading import later_version


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg is not here")
def test_it_is_newer_and_holds_the_same(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(
        "Package: try\nVersion: 0.2.0~2026\nArchitecture: all\n"
        "Maintainer: Try <try@example.org>\nDescription: Version: of a try\n"
    )
    (tree / "held").write_text("the same")
    package = tmp_path / "try_0.2.0~2026_all.deb"
    subprocess.run(["dpkg-deb", "--build", tree, package], check=True)

    later = later_version(package, tmp_path / "later")

    version = subprocess.run(
        ["dpkg-deb", "--field", later, "Version"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    newer = ["dpkg", "--compare-versions", version, "gt", "0.2.0~2026"]
    assert subprocess.run(newer).returncode == 0
    subprocess.run(["dpkg-deb", "--extract", later, tmp_path / "out"], check=True)
    assert (tmp_path / "out" / "held").read_text() == "the same"


def test_a_folder_without_packages_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(NotBuilt, match="script/package"):
        packages_in(tmp_path)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What script/package decides, without downloading or building anything."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from runpy import run_path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE_FOLDER = ROOT / "script/package.d"
PARTS = (
    *(f"setup.d/{part}" for part in ("console", "debian", "asterisk")),
    *(f"package.d/{part}" for part in ("root", "asterisk", "building", "checking")),
)
CHECK = run_path(str(PACKAGE_FOLDER / "check_package.py"))


def run_shell(
    code: str, cache: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run shell code with the functions of script/package at hand."""
    sources = "".join(f'source "$REPOSITORY/script/{part}.bash"\n' for part in PARTS)
    settings = {
        "REPOSITORY": str(ROOT),
        "SETUP_FOLDER": str(ROOT / "script/setup.d"),
        "PACKAGE_FOLDER": str(PACKAGE_FOLDER),
        "CACHE": str(cache),
        "PYTHON": sys.executable,
    }
    return subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n{sources}\n{code}"],
        cwd=ROOT,
        env=os.environ | settings | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def make_package(folder: Path, name: str, depends: str) -> Path:
    """Make an empty Debian package."""
    content = folder / name
    (content / "DEBIAN").mkdir(parents=True)
    (content / "DEBIAN/control").write_text(
        f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: Nobody <n@n.invalid>\n"
        f"Description: nothing\nDepends: {depends}\n"
    )
    made = folder / f"{name}_1_all.deb"
    subprocess.run(
        ["dpkg-deb", "-Znone", "--build", content, made],
        check=True,
        capture_output=True,
    )
    shutil.rmtree(content)
    return made


def test_an_unknown_package_is_refused_with_those_there_are() -> None:
    told = subprocess.run(
        [ROOT / "script/package", "guichet-nothing"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert told.stderr.startswith("There is no package guichet-nothing: there are ")


def test_a_root_has_debian_s_archives_and_none_that_the_machine_adds(
    tmp_path: Path,
) -> None:
    told = "\n".join(
        (
            "Debian http://near.example/debian/ Debian",
            "Debian http://near.example/debian/ Debian",
            "Debian http://near.example/debian-security/ Debian-Security",
            "older-defaults file:/usr/share/older-defaults/ older-defaults",
            "Debian Backports http://near.example/backports/ Debian Backports",
        )
    )
    program = tmp_path / "apt-get"
    program.write_text(f"#!/bin/sh\ncat <<'TEXT'\n{told}\nTEXT\n")
    program.chmod(0o755)
    result = run_shell(
        "debian_keyring() { echo KEY; }; suite_sources",
        tmp_path,
        PATH=f"{tmp_path}:{os.environ['PATH']}",
        GUICHET_DEBIAN_MIRROR="",
    )
    assert result.stdout.splitlines() == [
        "deb [signed-by=KEY] http://near.example/debian-security/ trixie-security main",
        "deb [signed-by=KEY] http://near.example/debian/ trixie main",
        "deb [signed-by=KEY] http://near.example/debian/ trixie-updates main",
    ]


def test_where_apt_has_no_archive_of_debian_s_one_is_asked_for(tmp_path: Path) -> None:
    program = tmp_path / "apt-get"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    result = run_shell(
        "start_console; debian_keyring() { echo KEY; }; step Root root suite_sources",
        tmp_path / "cache",
        PATH=f"{tmp_path}:{os.environ['PATH']}",
        GUICHET_DEBIAN_MIRROR="",
    )
    assert result.returncode == 1
    assert "GUICHET_DEBIAN_MIRROR" in result.stderr


def test_asterisk_s_version_grows_with_debian_s_and_with_each_part(
    tmp_path: Path,
) -> None:
    versions = []
    for packed, made in (
        ("1:22.10.1+dfsg+~cs6.17.60671434-1", 4_000_000_000),
        ("1:22.10.1+dfsg+~cs6.17.60671434-1", 4_000_100_000),
        ("1:22.10.1+dfsg+~cs6.17.60671434-2", 4_000_200_000),
        ("1:22.10.2~dfsg+~cs6.17.60671434-1", 4_000_300_000),
    ):
        packages = tmp_path / "packages"
        packages.write_text(f"asterisk {packed} asterisk {packed}\n")
        os.utime(packages, (made, made))
        result = run_shell(f"asterisk_package_version {tmp_path}", tmp_path)
        versions.append(result.stdout)
    assert versions[0] == "22.10.1+guichet1.20961002.0706"
    for lower, higher in zip(versions, versions[1:], strict=False):
        compared = ["dpkg", "--compare-versions", lower, "lt", higher]
        assert subprocess.run(compared, check=False).returncode == 0, (lower, higher)


@pytest.mark.parametrize(
    ("lines", "told", "code"),
    [
        ("", "guichet-asterisk has what Debian has.\n", 0),
        (
            "libssl3 3.5.1-1 3.5.1-2\n",
            "libssl3: 3.5.1-1 is packed, Debian has 3.5.1-2\n"
            "Build it anew: script/package --renew guichet-asterisk\n",
            1,
        ),
    ],
)
def test_what_debian_has_newer_is_told(
    tmp_path: Path, lines: str, told: str, code: int
) -> None:
    file = tmp_path / "newer.list"
    file.write_text(lines)
    program = [sys.executable, PACKAGE_FOLDER / "tell_newer.py"]
    result = subprocess.run(
        [*program, file], capture_output=True, text=True, check=False
    )
    assert (result.stdout, result.returncode) == (told, code)
    result = subprocess.run(
        [*program, "--json", file], capture_output=True, text=True, check=False
    )
    assert json.loads(result.stdout)["ok"] is (code == 0)


def test_a_machine_for_a_package_has_what_it_and_its_companions_depend_on(
    tmp_path: Path,
) -> None:
    make_package(
        tmp_path, "guichet-server", "guichet-asterisk (>= 1), nginx, python3 (>= 3.13)"
    )
    make_package(
        tmp_path, "guichet-asterisk", "libc6 (>= 2.36), default-mta | postfix, nginx"
    )
    result = run_shell(f"needed_of_debian {tmp_path} guichet-server", tmp_path)
    assert result.stdout.split() == ["default-mta", "libc6", "nginx", "python3"]


def test_what_a_purge_leaves_takes_and_changes_is_named() -> None:
    before = {"/etc/kept": "same", "/etc/gone": "a", "/etc/changed": "a"}
    after = {"/etc/kept": "same", "/etc/changed": "b", "/var/lib/new": "c"}
    assert CHECK["differences"](before, after) == [
        "left: /var/lib/new",
        "taken: /etc/gone",
        "changed: /etc/changed: a -> b",
    ]

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The packages' changelog and version come from CHANGELOG.md and setup.cfg alone."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from runpy import run_path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = run_path(str(ROOT / "script/package.d/write_changelog.py"))
read_releases = PROGRAM["read_releases"]
version_of_checkout = PROGRAM["version_of_checkout"]
changelog = PROGRAM["changelog"]

AT = datetime(2026, 12, 4, 9, 30, 15, tzinfo=UTC)
BEFORE = """# Changelog

## Unreleased

- **IT**: a second thing,
  in two lines.
"""
RELEASED = """# Changelog

## Unreleased

## 0.2.0 - 2026-11-27

- **IT**: a first thing.
"""
AFTER = RELEASED.replace("## 0.2.0", "- **IT**: a third thing.\n\n## 0.2.0")


def versions_sort(*versions: str) -> bool:
    """Tell whether dpkg puts these versions in this order."""
    return all(
        subprocess.run(
            ["dpkg", "--compare-versions", lower, "lt", higher], check=False
        ).returncode
        == 0
        for lower, higher in zip(versions, versions[1:], strict=False)
    )


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (BEFORE, "0.2.0~20261204.093015"),
        (RELEASED, "0.2.0"),
        (AFTER, "0.2.0+20261204.093015"),
    ],
)
def test_a_build_is_named_by_where_it_stands_to_the_release(
    text: str, version: str
) -> None:
    assert version_of_checkout("0.2.0", read_releases(text), AT) == version


def test_a_release_upgrades_what_led_to_it_and_is_upgraded_by_what_follows() -> None:
    assert versions_sort(
        "0.2.0~20261127.101500",
        "0.2.0~20261128.080000",
        "0.2.0",
        "0.2.0+20261204.093015",
        "0.2.1~20261205.000000",
        "0.2.1",
    )


def test_a_change_in_several_lines_is_one_point() -> None:
    (release,) = read_releases(BEFORE)
    assert release.changes == ("IT: a second thing, in two lines.",)


def test_a_heading_that_is_no_release_is_refused() -> None:
    with pytest.raises(SystemExit, match="'## Next'"):
        read_releases("# Changelog\n\n## Next\n\n- Something.\n")


def test_the_repository_s_own_changelog_is_one_that_debian_s_tools_read(
    tmp_path: Path,
) -> None:
    file = tmp_path / "changelog"
    file.write_text(changelog(None, AT), encoding="utf-8")
    told = subprocess.run(
        ["dpkg-parsechangelog", "--all", "-l", file],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stderr == ""
    assert told.stdout.startswith("Source: guichet-virtuel\nVersion: ")

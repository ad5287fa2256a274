# SPDX-License-Identifier: AGPL-3.0-or-later
"""What `script/known-holes` says of pinned libraries, by a copy of the advisories."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[2] / "script" / "known-holes"
BY_RANGE = """
  ranges:
  - type: ECOSYSTEM
    events:
    - introduced: "0"
    - fixed: 1.9
    - introduced: 1.10rc1
    - fixed: "1.10.2"
"""
LISTED = '\n  versions:\n  - "1.9"\n  - 1.10\n'


@pytest.fixture
def look(tmp_path: Path):
    """Give a function that looks on a day for the holes of one pinned version."""

    def run(version: str, affected: str, on: str, more: str = ""):
        folder = tmp_path / "vulns" / "some-library"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "PYSEC-2026-1.yaml").write_text(
            f"id: PYSEC-2026-1\nmodified: 2026-11-02T08:00:00Z\n{more}"
            "published: '2026-10-01T08:00:00Z'\naffected:\n"
            f"- package:\n    name: Some_Library\n    ecosystem: PyPI{affected}"
        )
        pins = tmp_path / "constraints.txt"
        pins.write_text(f"# One.\nsome-library=={version}\nother==1.10\n")
        asked = (sys.executable, PROGRAM, tmp_path, "--constraints", pins, "--on", on)
        return subprocess.run(asked, capture_output=True, text=True, check=False)

    return run


def test_a_hole_is_named_with_its_age_and_what_mends_it(look) -> None:
    young = look("1.10", BY_RANGE, "2026-10-20")
    assert young.stdout.splitlines()[0] == (
        "open: some-library 1.10, PYSEC-2026-1, published 2026-10-01, mended in 1.10.2"
    )
    assert young.returncode == 0
    late = look("1.10", LISTED, "2026-11-05")
    assert late.returncode == 1
    assert late.stdout.startswith("BEYOND ITS TIME: some-library 1.10, PYSEC-2026-1,")
    assert "not mended" in late.stdout


@pytest.mark.parametrize(
    ("version", "affected", "more"),
    [
        ("1.10.2", BY_RANGE, ""),
        ("1.9.5", BY_RANGE, ""),
        ("1.1", LISTED, ""),
        ("1.10", LISTED, "withdrawn: 2026-11-01T08:00:00Z\n"),
    ],
)
def test_other_versions_and_what_was_withdrawn_are_none(
    look, version, affected, more
) -> None:
    found = look(version, affected, "2026-11-05", more)
    assert "PYSEC" not in found.stdout
    assert found.returncode == (2 if more else 0)


def test_a_copy_that_is_old_or_empty_tells_nothing(look, tmp_path) -> None:
    old = look("1.1", BY_RANGE.replace('"0"', "1.5"), "2026-11-20")
    assert old.returncode == 2 and "too old to tell" in old.stderr
    for file in tmp_path.glob("vulns/*/*"):
        file.unlink()
    asked = [sys.executable, PROGRAM, tmp_path]
    empty = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert empty.returncode == 2 and "no advisory" in empty.stderr

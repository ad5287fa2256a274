# SPDX-License-Identifier: AGPL-3.0-or-later
"""constraints.txt pins all that .venv holds, and names no index."""

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]


def canonical(name: str) -> str:
    """Return a distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    """Return the pinned version of each distribution."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonical(name): version for name, version in pairs}


def needed(name: str, extras: frozenset[str], seen: dict[str, str]) -> None:
    """Add to seen what an installed distribution needs, and what that needs."""
    found = distribution(name)
    for text in found.requires or ():
        requirement = Requirement(text)
        marker = requirement.marker
        if marker and not any(marker.evaluate({"extra": each}) for each in extras):
            continue
        key = canonical(requirement.name)
        if key in seen and not requirement.extras:
            continue
        seen[key] = distribution(requirement.name).version
        needed(requirement.name, frozenset({"", *requirement.extras}), seen)


def test_each_line_of_the_constraints_is_one_exact_version() -> None:
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert line.startswith("#") or re.fullmatch(r"[\w.-]+==[\w.]+", line), line


def test_all_that_the_project_needs_is_installed_as_pinned() -> None:
    installed: dict[str, str] = {}
    try:
        needed(
            "guichet-virtuel",
            frozenset({"", "web", "kiosk", "captions", "counsellor", "dev"}),
            installed,
        )
    except PackageNotFoundError as error:
        raise AssertionError("run script/setup: setup.cfg has changed") from error
    known = pins()
    assert len(installed) > 40
    for name, version in installed.items():
        assert known.get(name) == version, f"{name}: see docs/setup.md"

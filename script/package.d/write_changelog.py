# SPDX-License-Identifier: AGPL-3.0-or-later
"""Write debian/changelog from CHANGELOG.md and the version in setup.cfg.

A checkout before the release that setup.cfg names sorts below it (`0.2.0~20261127.101500`), one
after that release above it and below the next (`0.2.0+20261127.101500`).
"""

import argparse
import re
import textwrap
from configparser import ConfigParser
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
SOURCE = "guichet-virtuel"
SUITE = "trixie"
HEADING = re.compile(
    r"^## (?P<name>Unreleased|(?P<version>\d+(\.\d+)+) - (?P<day>\d{4}-\d\d-\d\d))$"
)


@dataclass(frozen=True)
class Release:
    """What changed up to a release; without version and time up to now."""

    version: str | None
    at: datetime | None
    changes: tuple[str, ...]


def read_releases(text: str) -> list[Release]:
    """Return the releases of CHANGELOG.md, the newest first."""
    releases = []
    for part in re.split(r"^(?=## )", text, flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        found = HEADING.match(heading)
        if found is None:
            raise SystemExit(
                f"CHANGELOG.md: {heading!r} is neither '## Unreleased' nor '## 0.2.0 - 2026-11-27'"
            )
        day = found["day"]
        releases.append(
            Release(
                found["version"],
                datetime.fromisoformat(f"{day}T12:00:00+00:00") if day else None,
                tuple(_changes(body)),
            )
        )
    return releases


def _changes(body: str) -> list[str]:
    points = re.split(r"^- ", body, flags=re.MULTILINE)[1:]
    return [" ".join(point.replace("**", "").split()) for point in points]


def version_of_checkout(named: str, releases: list[Release], at: datetime) -> str:
    """Return the version of what is not released yet, or of the release."""
    stamp = at.strftime("%Y%m%d.%H%M%S")
    if named not in [release.version for release in releases]:
        return f"{named}~{stamp}"
    if releases[0].version is None and releases[0].changes:
        return f"{named}+{stamp}"
    return named


def entry(version: str, at: datetime, changes: tuple[str, ...], maintainer: str) -> str:
    """Return one entry of debian/changelog."""
    points = [
        textwrap.fill(
            change,
            width=78,
            initial_indent="  * ",
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for change in changes or ("Nothing that a user feels.",)
    ]
    head = f"{SOURCE} ({version}) {SUITE}; urgency=medium"
    signature = f" -- {maintainer}  {format_datetime(at)}"
    return "\n\n".join([head, "\n".join(points), signature]) + "\n"


def changelog(asked: str | None, at: datetime) -> str:
    """Return the whole file."""
    settings = ConfigParser(interpolation=None)
    settings.read(REPOSITORY / "setup.cfg", encoding="utf-8")
    control = (REPOSITORY / "debian/control").read_text("utf-8")
    maintainer = re.findall(r"^Maintainer: (.*)$", control, flags=re.MULTILINE)[0]
    releases = read_releases((REPOSITORY / "CHANGELOG.md").read_text("utf-8"))
    version = asked or version_of_checkout(
        settings["metadata"]["version"], releases, at
    )
    entries = []
    if version not in [release.version for release in releases]:
        newest = releases[0].changes if releases[0].version is None else ()
        entries.append(entry(version, at, newest, maintainer))
    entries += [
        entry(release.version, release.at, release.changes, maintainer)
        for release in releases
        if release.version and release.at
    ]
    return "\n".join(entries)


def main() -> None:
    """Write the file that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--as", dest="asked", default="", help="another version")
    parser.add_argument("--time", type=int, required=True, help="of the last change")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    at = datetime.fromtimestamp(arguments.time, UTC)
    text = changelog(arguments.asked or None, at)
    arguments.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

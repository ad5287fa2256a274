# SPDX-License-Identifier: AGPL-3.0-or-later
"""What each ring is given, and when what the pilots try is for all: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class Trial:
    """A version that the pilots try, and since when."""

    version: str
    published_at: datetime

    def as_json(self) -> dict[str, str]:
        """Give it as one JSON object."""
        return {
            "version": self.version,
            "published_at": self.published_at.isoformat(timespec="seconds"),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Trial":
        """Read what `as_json` wrote."""
        return cls(
            str(document["version"]),
            datetime.fromisoformat(str(document["published_at"])),
        )


@dataclass(frozen=True)
class Rings:
    """The newest version of each ring, empty where there is none, and what is tried."""

    pilot: str = ""
    stable: str = ""
    trial: Trial | None = None

    def as_json(self) -> dict[str, Any]:
        """Give them as one JSON object."""
        trial = self.trial.as_json() if self.trial else None
        return {"pilot": self.pilot, "stable": self.stable, "trial": trial}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Rings":
        """Read what `as_json` wrote."""
        trial = document["trial"]
        return cls(
            str(document["pilot"]),
            str(document["stable"]),
            Trial.from_json(trial) if trial else None,
        )


@dataclass(frozen=True)
class TriedUpdate:
    """The last update that a kiosk tried: how it ended, to which version, why."""

    state: str
    version: str
    at: datetime | None
    cause: str


@dataclass(frozen=True)
class PilotNow:
    """What a pilot told last: its version, its self-test and its last update."""

    kiosk: str
    version: str
    tested_at: datetime | None
    # The last self-test by which a version was put in force there.
    begun_at: datetime | None
    is_ok: bool
    is_silent: bool
    update: TriedUpdate | None = None


# What it means that an update ended so.
HINDERS = {"rolled_back": "took back", "failed": "could not install"}


def hindrances(
    trial: Trial,
    tried_for: timedelta,
    wanted: Sequence[str],
    heard: Mapping[str, PilotNow],
    now: datetime,
) -> list[str]:
    """Give why the version is not for all kiosks yet, a sentence each; none: it is."""
    if not wanted:
        return [
            "no kiosk is a pilot: name some in [updates] of /etc/guichet/server.toml,"
            " then run guichet-server install, or promote it yourself with --now"
        ]
    found = [_hindrance(trial, slug, heard.get(slug)) for slug in wanted]
    waited = now - trial.published_at
    if waited < tried_for:
        left = tried_for - waited
        hours = max(1, round(left.total_seconds() / 3600))
        found.append(f"it is tried for {hours} more hours")
    return [sentence for sentence in found if sentence]


def _hindrance(trial: Trial, slug: str, pilot: PilotNow | None) -> str:
    if pilot is None:
        return f"{slug} was never heard of"
    update = pilot.update
    if update and update.version == trial.version and update.state in HINDERS:
        why = f": {update.cause}" if update.cause else ""
        return f"{slug} {HINDERS[update.state]} {trial.version}{why}"
    if pilot.version != trial.version:
        return f"{slug} has {pilot.version or 'no version'}"
    if not _has_tested(trial, pilot):
        return f"{slug} has not tested itself with it"
    if not pilot.is_ok:
        return f"the self-test of {slug} is red"
    if pilot.is_silent:
        return f"{slug} is silent"
    return ""


def _has_tested(trial: Trial, pilot: PilotNow) -> bool:
    """Tell whether it told a self-test that was made with the version that is tried.

    A kiosk has a version before it has tested it, and tells that it does.
    """
    begun, update = pilot.begun_at, pilot.update
    has_begun = begun is not None and begun > trial.published_at
    if update is None or update.at is None:
        # Somebody installed it by hand.
        return has_begun
    if update.version == trial.version:
        is_later = pilot.tested_at is not None and pilot.tested_at > update.at
        return has_begun or is_later
    # By hand, after an update to another version and the self-test of that one.
    return has_begun and begun is not None and begun > update.at

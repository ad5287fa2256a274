# SPDX-License-Identifier: AGPL-3.0-or-later
"""When what the pilots try is for all: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

# A pilot has passed a morning's self-test with it, and a day of appointments.
TRIED_FOR = timedelta(hours=20)


@dataclass(frozen=True)
class Trial:
    """A version that the pilots try: since when, and which package it is of."""

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
class PilotNow:
    """What a pilot told last: its version, its self-test and when that was made."""

    kiosk: str
    version: str
    tested_at: datetime | None
    is_ok: bool
    is_silent: bool


def hindrances(
    trial: Trial, wanted: Sequence[str], heard: Mapping[str, PilotNow], now: datetime
) -> list[str]:
    """Give why the version is not for all kiosks yet, a sentence each; none: it is."""
    if not wanted:
        return [
            "no kiosk is a pilot: name some in [updates] of /etc/guichet/server.toml,"
            " or promote it yourself with --now"
        ]
    found = [_hindrance(trial, slug, heard.get(slug)) for slug in wanted]
    waited = now - trial.published_at
    if waited < TRIED_FOR:
        left = TRIED_FOR - waited
        hours = max(1, round(left.total_seconds() / 3600))
        found.append(f"it is tried for {hours} more hours")
    return [sentence for sentence in found if sentence]


def _hindrance(trial: Trial, slug: str, pilot: PilotNow | None) -> str:
    if pilot is None:
        return f"{slug} was never heard of"
    if pilot.version != trial.version:
        return f"{slug} has {pilot.version or 'no version'}"
    if pilot.tested_at is None or pilot.tested_at <= trial.published_at:
        return f"{slug} has not tested itself with it"
    if not pilot.is_ok:
        return f"the self-test of {slug} is red"
    if pilot.is_silent:
        return f"{slug} is silent"
    return ""

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which version of their package each ring of kiosks is given, as `guichet-server` notes it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from booking_web.base.settings import Settings


@dataclass(frozen=True)
class PublishedRings:
    """The newest version of each ring, empty where there is none; since when one is tried."""

    pilot: str
    stable: str
    # None: the pilots try nothing that the others are not given.
    tried_since: datetime | None

    @property
    def versions(self) -> frozenset[str]:
        """Give the versions that a kiosk may be given now."""
        return frozenset({self.pilot, self.stable} - {""})


@dataclass(frozen=True)
class SiteRings:
    """The rings of a site: what they are given, and the slugs of the pilots."""

    published: PublishedRings | None = None
    pilots: frozenset[str] = frozenset()

    @property
    def given_out(self) -> frozenset[str] | None:
        """Give the versions that a kiosk may be given now; None: that is not known."""
        return self.published.versions if self.published else None


def site_rings(settings: Settings) -> SiteRings:
    """Give the rings as they are now."""
    file = settings.repository_rings
    return SiteRings(published_rings(Path(file)) if file else None, settings.pilots)


def published_rings(file: Path) -> PublishedRings | None:
    """Give what the rings are given; None where nothing that can be read was published."""
    try:
        told = json.loads(file.read_text())
        pilot, stable, trial = str(told["pilot"]), str(told["stable"]), told["trial"]
        since = datetime.fromisoformat(trial["published_at"]) if trial else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if since is not None and since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    return PublishedRings(pilot, stable, since)

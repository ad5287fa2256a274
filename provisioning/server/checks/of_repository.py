# SPDX-License-Identifier: AGPL-3.0-or-later
"""The check of what kiosks read of the repository: signed of late, or they take nothing of it."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from provisioning.server.answers import Answers
from provisioning.server.checks.check import Checked, absent, failed, ok
from provisioning.server.machine import Machine
from provisioning.server.repository.places import RepositoryPlaces
from provisioning.server.repository.store import SUITES

NAME = "depot"
# It is signed each evening. Kiosks take it for a week.
SIGNED_WITHIN = timedelta(days=2)
_DATE = re.compile(r"(?m)^Date: (.+)$")


def depot(machine: Machine, _answers: Answers) -> Checked:
    """Tell since when the lists of every suite are signed."""
    places = RepositoryPlaces.of(machine)
    signed: list[datetime] = []
    for suite in SUITES:
        try:
            told = _DATE.search(places.release(suite).read_text())
        except OSError:
            return absent(NAME, "there is no repository of packages yet")
        try:
            signed.append(parsedate_to_datetime(told[1] if told else ""))
        except ValueError:
            return failed(
                NAME, f"{places.release(suite)} has no date", "guichet-server promote"
            )
    oldest = min(signed)
    if datetime.now(UTC) - oldest < SIGNED_WITHIN:
        return ok(NAME, f"signed on {oldest:%Y-%m-%d}")
    return failed(
        NAME,
        f"signed on {oldest:%Y-%m-%d}: kiosks believe it for a week",
        "guichet-server promote signs it anew; a timer does so each evening: guichet-server"
        " logs --unit promote",
    )

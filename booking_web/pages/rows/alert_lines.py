# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a page shows alerts that go on: a title, what to do, since when."""

from collections.abc import Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from booking_web.tables.alerts import Alert
from booking_web.words.alerts import details_of, title_of
from booking_web.words.fleet import moment_words
from provisioning.directory.usual_time_zone import usual_time_zone


class AlertLine(NamedTuple):
    """An alert that goes on: what, more about it, since when."""

    title: str
    details: str
    since: str


def alert_lines(session: Session, alerts: Iterable[Alert]) -> list[AlertLine]:
    """Give the lines of these alerts, in their order."""
    zone = ZoneInfo(usual_time_zone(session))
    return [
        AlertLine(
            title_of(alert), details_of(alert, zone), moment_words(alert.seen_at, zone)
        )
        for alert in alerts
    ]

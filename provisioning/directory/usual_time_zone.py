# SPDX-License-Identifier: AGPL-3.0-or-later
"""The clock that a site goes by where no place is named."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from provisioning.database.models import DEFAULT_TIME_ZONE, Relay


def usual_time_zone(session: Session) -> str:
    """Name the zone of most relays; where there is none yet, that of a new one.

    A site on La Réunion tells its zone with its first relay, and not again.
    """
    most = (
        select(Relay.time_zone)
        .group_by(Relay.time_zone)
        .order_by(func.count().desc(), Relay.time_zone)
        .limit(1)
    )
    return session.scalar(most) or DEFAULT_TIME_ZONE

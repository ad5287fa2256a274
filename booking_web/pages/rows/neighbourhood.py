# SPDX-License-Identifier: AGPL-3.0-or-later
"""The relays whose slots are offered to the residents of one: its own and the nearest."""

from sqlalchemy.orm import Session

from booking_web.domain.places.search import nearest_relays
from provisioning.database.models import Relay

NEIGHBOURS = 3
# Farther away is no neighbour to somebody without a car.
NEIGHBOUR_KM = 60.0


def neighbours_of(
    session: Session, relay: Relay
) -> dict[int, tuple[Relay, float | None]]:
    """Give the neighbours by their number, with their distance in km, nearest first."""
    near = [
        (other, km)
        for other, km in nearest_relays(session, relay)[1:]
        if km is None or km <= NEIGHBOUR_KM
    ]
    return {other.id: (other, km) for other, km in near[:NEIGHBOURS]}


def is_offered_at(session: Session, home: Relay, relay_id: int) -> bool:
    """Tell whether the residents of `home` are offered slots of this relay."""
    return relay_id == home.id or relay_id in neighbours_of(session, home)

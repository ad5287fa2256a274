# SPDX-License-Identifier: AGPL-3.0-or-later
"""The relays, how far they lie from each other, and whose slots are offered to whom."""

from math import asin, cos, radians, sin, sqrt

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioning.database.models import Relay

EARTH_RADIUS_KM = 6371.0
NEIGHBOURS = 3
# Farther away is no neighbour to somebody without a car.
NEIGHBOUR_KM = 60.0


def all_relays(session: Session) -> list[Relay]:
    """List every relay, by name."""
    return list(session.scalars(select(Relay).order_by(Relay.name)))


def distance_km(one: Relay, other: Relay) -> float | None:
    """Give the distance as the crow flies (haversine), None where a place is unknown."""
    if one.latitude is None or one.longitude is None:
        return None
    if other.latitude is None or other.longitude is None:
        return None
    north, further_north = radians(one.latitude), radians(other.latitude)
    east = radians(other.longitude - one.longitude)
    half_chord = (
        sin((further_north - north) / 2) ** 2
        + cos(north) * cos(further_north) * sin(east / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, half_chord)))


def nearest_relays(session: Session, relay: Relay) -> list[tuple[Relay, float | None]]:
    """List the relays with their distance in km: itself first, unknown ones last."""
    others = session.scalars(select(Relay).where(Relay.id != relay.id))
    measured = [(other, distance_km(relay, other)) for other in others]
    measured.sort(key=lambda each: (each[1] is None, each[1] or 0.0, each[0].name))
    return [(relay, 0.0), *measured]


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

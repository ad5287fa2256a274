# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a way would have cost that nobody made: distances, and what kilometres come to."""

from collections.abc import Mapping

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from booking_web.tables.statistics import MOST_KILOMETRES, TravelDistance

# Of one car with an engine, its building included, per kilometre: ADEME, Impact CO2, from the
# Base Empreinte. Who had come by bus or with a neighbour is counted like one who drives alone.
GRAMS_CO2E_PER_KILOMETRE = 218
# By car on the roads of the countryside, from door to door: an assumption of ours.
KILOMETRES_PER_HOUR = 50

# From a relay to an organisation, by their numbers.
Distances = Mapping[tuple[int, int], int]


def hours_of(kilometres: int) -> float:
    """Tell how long these would have been driven."""
    return kilometres / KILOMETRES_PER_HOUR


def kilograms_co2e_of(kilometres: int) -> float:
    """Tell what these would have given off."""
    return kilometres * GRAMS_CO2E_PER_KILOMETRE / 1000


def distances(session: Session) -> Distances:
    """Read all that are known."""
    rows = session.scalars(select(TravelDistance))
    return {(each.relay_id, each.organisation_id): each.kilometres for each in rows}


def count_distances(session: Session, relay_id: int) -> int:
    """Tell to how many organisations it is known how far it is from a relay."""
    query = select(func.count()).where(TravelDistance.relay_id == relay_id)
    return session.scalar(query) or 0


def set_distances(
    session: Session, relay_id: int, kilometres: Mapping[int, int | None]
) -> None:
    """Keep how far it is from a relay to organisations; None: not known any more.

    Raises ValueError for what is no distance.
    """
    for number in kilometres.values():
        if number is not None and not 1 <= number <= MOST_KILOMETRES:
            raise ValueError(f"{number} is no distance in kilometres")
    session.execute(
        delete(TravelDistance).where(
            TravelDistance.relay_id == relay_id,
            TravelDistance.organisation_id.in_(list(kilometres)),
        )
    )
    for organisation_id, number in kilometres.items():
        if number is not None:
            session.add(
                TravelDistance(
                    relay_id=relay_id,
                    organisation_id=organisation_id,
                    kilometres=number,
                )
            )

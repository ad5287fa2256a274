# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a relay's poster and leaflet say: where it is, who receives when, and how it goes."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from booking_web.domain.places.published import read_calendar
from booking_web.domain.places.weekly_hours import weekly_hours
from booking_web.domain.residents.telephones import readable_telephone
from booking_web.words.opening_hours import week_lines
from provisioning.database.models import Counter, Organisation, Relay, VisitReason


@dataclass(frozen=True)
class Receiving:
    """An organisation that receives the relay's residents."""

    name: str
    reasons: list[str]
    # Lines of hours; empty: it publishes none.
    hours: list[str]


@dataclass(frozen=True)
class Poster:
    """All that stands on it, in the language of the moment."""

    relay: str
    address: str
    room: str
    telephone: str
    organisations: list[Receiving]


def poster_of(session: Session, relay: Relay, today: date) -> Poster:
    """Read it from the directory and from what the organisations publish."""
    return Poster(
        relay=relay.name,
        address=relay.address or relay.commune,
        room=relay.room,
        telephone=readable_telephone(relay.telephone),
        organisations=[
            Receiving(
                organisation.name,
                _reasons(session, organisation),
                week_lines(weekly_hours(calendar, relay.id, today)),
            )
            for organisation in session.scalars(_RECEIVING)
            if relay.id
            not in (
                calendar := read_calendar(session, organisation, today)
            ).unserved_relays
        ],
    )


def _reasons(session: Session, organisation: Organisation) -> list[str]:
    query = select(VisitReason.name).where(
        VisitReason.organisation_id == organisation.id
    )
    return list(session.scalars(query.order_by(VisitReason.position, VisitReason.name)))


_RECEIVING = (
    select(Organisation)
    .where(
        Organisation.interprets == "",
        exists().where(Counter.organisation_id == Organisation.id),
    )
    .order_by(Organisation.name)
)

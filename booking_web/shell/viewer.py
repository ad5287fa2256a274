# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who looks at the desk, and which relays they may see."""

from dataclasses import dataclass
from typing import NamedTuple, cast

from flask import abort
from flask_login import current_user
from sqlalchemy import Select, Table, bindparam, or_, select
from sqlalchemy.orm import Session

from booking_web.tables.appointment import Appointment
from provisioning.database.models import Kiosk, Relay, UserRole

_RELAYS = select(Relay).order_by(Relay.name)
_RELAY = select(Relay).where(Relay.id == bindparam("relay_id"))
# Of the plain table: asked with each booking.
_PLACE = cast(Table, Relay.__table__).c
_PLACES = select(_PLACE.slug, _PLACE.name, _PLACE.time_zone).order_by(_PLACE.name)
_PLACES_OF_ONE = _PLACES.where(_PLACE.id == bindparam("relay_id"))


class Place(NamedTuple):
    """A relay as a form offers it."""

    slug: str
    name: str
    time_zone: str


@dataclass(frozen=True)
class Viewer:
    """A secretary of one relay, or an administrator of all."""

    user_id: int
    name: str
    # None: every relay.
    relay_id: int | None

    @property
    def actor(self) -> str:
        """Name this person in the journal."""
        return f"user:{self.user_id}"

    @property
    def is_administrator(self) -> bool:
        """Tell whether this person chooses the relay."""
        return self.relay_id is None

    def relays(self, session: Session) -> list[Relay]:
        """List the relays that this person works for, by name."""
        if self.relay_id is None:
            return list(session.scalars(_RELAYS))
        return list(session.scalars(_RELAY, {"relay_id": self.relay_id}))

    def places(self, session: Session) -> list[Place]:
        """List the same relays with what a form needs to offer them, which costs less."""
        if self.relay_id is None:
            found = session.execute(_PLACES)
        else:
            found = session.execute(_PLACES_OF_ONE, {"relay_id": self.relay_id})
        return [Place(*row) for row in found]

    def appointments(self) -> Select[Appointment]:
        """Start a query of the appointments that this person may see and touch.

        Those of the own relay's kiosks, and those that the own town hall booked at others.
        """
        query = select(Appointment).join(Kiosk, Kiosk.id == Appointment.kiosk_id)
        if self.relay_id is not None:
            query = query.where(
                or_(
                    Kiosk.relay_id == self.relay_id,
                    Appointment.town_hall_id == self.relay_id,
                )
            )
        return query

    def appointment(
        self, session: Session, appointment_id: int, *, to_change: bool = False
    ) -> Appointment:
        """Give one appointment; one that this person may not see is not found (404)."""
        query = self.appointments().where(Appointment.id == appointment_id)
        if to_change:
            query = query.with_for_update(of=Appointment)
        appointment = session.scalar(query)
        if appointment is None:
            abort(404)
        return appointment


def viewer() -> Viewer:
    """Give the signed-in person; refuses (403) those whose role has no desk."""
    if current_user.role == UserRole.SECRETARY:
        return Viewer(current_user.id, current_user.name, current_user.relay_id)
    if current_user.role == UserRole.ADMINISTRATOR:
        return Viewer(current_user.id, current_user.name, None)
    abort(403)

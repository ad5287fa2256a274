# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who publishes an organisation's hours, and what of it they may touch."""

from dataclasses import dataclass
from typing import TypeVar

from flask import Blueprint, abort, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from booking_web.tables.appointment import Appointment
from booking_web.tables.hours import Closure, Opening
from provisioning.database.models import Counter, Organisation, Relay, UserRole

blueprint = Blueprint("manager", __name__, url_prefix="/organisme/heures")

Row = TypeVar("Row")


@dataclass(frozen=True)
class Manager:
    """The signed-in manager of one organisation."""

    user_id: int
    organisation_id: int

    @property
    def actor(self) -> str:
        """Name this person in the journal."""
        return f"user:{self.user_id}"

    def organisation(self, session: Session) -> Organisation:
        """Give the organisation that this person manages."""
        return session.get_one(Organisation, self.organisation_id)

    def counters(self, session: Session) -> list[Counter]:
        """List its counters."""
        query = select(Counter).where(Counter.organisation_id == self.organisation_id)
        return list(session.scalars(query.order_by(Counter.name, Counter.id)))

    def relays(self, session: Session) -> list[Relay]:
        """List all relays, by name."""
        return list(session.scalars(select(Relay).order_by(Relay.name)))

    def opening(self, session: Session, opening_id: int) -> Opening:
        """Give a range of hours; another organisation's is not found (404)."""
        query = select(Opening).join(Counter, Counter.id == Opening.counter_id)
        return _found(
            session.scalar(
                query.where(
                    Opening.id == opening_id,
                    Counter.organisation_id == self.organisation_id,
                )
            )
        )

    def closure(self, session: Session, closure_id: int) -> Closure:
        """Give an exception; another organisation's is not found (404)."""
        return _found(
            session.scalar(
                select(Closure).where(
                    Closure.id == closure_id,
                    Closure.organisation_id == self.organisation_id,
                )
            )
        )

    def appointment(
        self, session: Session, appointment_id: int, *, to_change: bool = False
    ) -> Appointment:
        """Give an appointment; another organisation's is not found (404)."""
        query = select(Appointment).where(
            Appointment.id == appointment_id,
            Appointment.organisation_id == self.organisation_id,
        )
        if to_change:
            query = query.with_for_update(of=Appointment)
        return _found(session.scalar(query))


def manager() -> Manager:
    """Give the signed-in manager; refuses (403) every other role."""
    if current_user.role != UserRole.MANAGER:
        abort(403)
    return Manager(current_user.id, current_user.organisation_id)


@blueprint.before_request
def require_sign_in() -> Response | None:
    """Send away whoever is not signed in."""
    if current_user.is_authenticated:
        manager()
        return None
    here = request.full_path if request.method == "GET" else url_for("manager.show")
    return redirect(url_for("accounts.sign_in", next=here.rstrip("?")), 303)


def _found(row: Row | None) -> Row:
    if row is None:
        abort(404)
    return row

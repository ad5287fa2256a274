# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who looks at a console: a counsellor sees their organisation, a secretary their relay."""

from dataclasses import dataclass

from flask import abort
from flask_login import current_user
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from booking_web.tables.appointment import Appointment
from provisioning.database.models import Kiosk, UserRole


@dataclass(frozen=True)
class ConsoleViewer:
    """A signed-in person; None in both limits: every appointment (administrator)."""

    user_id: int
    relay_id: int | None
    organisation_id: int | None

    @property
    def actor(self) -> str:
        """Name this person in the journal."""
        return f"user:{self.user_id}"

    @property
    def is_counsellor(self) -> bool:
        """Tell whether this person comes from the organisation's side."""
        return self.organisation_id is not None

    def appointments(self) -> Select[Appointment]:
        """Start a query of the appointments that this person may see."""
        query = select(Appointment).join(Kiosk, Kiosk.id == Appointment.kiosk_id)
        if self.relay_id is not None:
            query = query.where(Kiosk.relay_id == self.relay_id)
        if self.organisation_id is not None:
            query = query.where(Appointment.organisation_id == self.organisation_id)
        return query

    def appointment(
        self, session: Session, appointment_id: int, *, to_change: bool = False
    ) -> Appointment:
        """Give one appointment; one that this person may not see is not found (404)."""
        query = self.appointments().where(Appointment.id == appointment_id)
        if to_change:
            query = query.with_for_update(of=Appointment)
        else:
            query = query.options(
                joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
                joinedload(Appointment.organisation),
                joinedload(Appointment.counsellor),
                joinedload(Appointment.visit_reason),
            )
        appointment = session.scalar(query)
        if appointment is None:
            abort(404)
        return appointment


def console_viewer() -> ConsoleViewer:
    """Give the signed-in person; refuses (403) those whose role has no console."""
    user = current_user
    if user.role == UserRole.COUNSELLOR:
        return ConsoleViewer(user.id, None, user.organisation_id)
    if user.role == UserRole.SECRETARY:
        return ConsoleViewer(user.id, user.relay_id, None)
    if user.role == UserRole.ADMINISTRATOR:
        return ConsoleViewer(user.id, None, None)
    abort(403)

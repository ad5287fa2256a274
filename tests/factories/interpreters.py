# SPDX-License-Identifier: AGPL-3.0-or-later
"""A service of interpreters on the demo's ground, which has none of its own."""

from sqlalchemy import select, update

from booking_web.tables.appointment import Appointment
from provisioning.database.engine import Database
from provisioning.database.models import Counter, Organisation

# Its counsellors, counters and people are those of interpreters then.
INTERPRETERS = "mission-locale-thierache"
NAMED = "Langue des signes : Mission locale pour l'emploi de Thiérache"


def let_interpret(database: Database, kind: str = "sign") -> None:
    """Have the Mission locale interpret for the others; empty: no more."""
    with database.write() as session:
        session.execute(
            update(Organisation)
            .where(Organisation.slug == INTERPRETERS)
            .values(interprets=kind)
        )


def interpreted_in(database: Database) -> list[str | None]:
    """Give by appointment the service that interprets."""
    with database.read() as session:
        found = session.scalars(select(Appointment).order_by(Appointment.id))
        return [each.interpreter.slug if each.interpreter else None for each in found]


def book_interpreter(database: Database, appointment_id: int) -> None:
    """Have the appointment booked with an interpreter, without holding a slot."""
    with database.write() as session:
        counter = select(Counter.id).join(Organisation)
        session.get_one(
            Appointment, appointment_id
        ).interpreter_counter_id = session.scalars(
            counter.where(Organisation.slug == INTERPRETERS)
        ).one()

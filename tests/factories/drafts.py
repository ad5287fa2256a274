# SPDX-License-Identifier: AGPL-3.0-or-later
"""Drafts of forms: who fills them in, in which appointment, and what is told of them."""

from datetime import date

from sqlalchemy import select, update

from booking_web.base.clock import utc_now
from booking_web.domain.rights.person import Person, Right
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.forms import FormEdition
from provisioning.database.engine import Database
from stage.kiosk_ground import book_one
from tests.factories.orders import add_resident

ANNE, BRUNO = "user:4", "user:5"
ADDRESS = {
    "street": "Bâtiment B\n12 rue des Lilas",
    "postcode": "02120",
    "commune": "Guise",
}
SECRET = "Mme Zoé Lefèvre-Œuvrard 🙂 محمد"


def anne_of(organisation_id: int) -> Person:
    """Give Anne, who fills in with residents for this organisation."""
    return Person(
        user_id=4,
        actor=ANNE,
        rights=frozenset({Right.FILLING}),
        organisation_id=organisation_id,
    )


def edition_of(database: Database, form_id: int) -> int:
    """Give the newest edition of a form."""
    query = select(FormEdition.id).where(FormEdition.form_id == form_id)
    with database.read() as session:
        found = session.scalars(query.order_by(FormEdition.number.desc())).first()
    assert found is not None
    return found


def appointment_of(
    database: Database, resident_id: int | None = None, **where: str
) -> int:
    """Book an appointment for now, for a resident who may be known."""
    appointment = book_one(database, **where)
    with database.write() as session:
        session.execute(
            update(Appointment)
            .where(Appointment.id == appointment)
            .values(resident_id=resident_id)
        )
    return appointment


def resident_in(database: Database) -> int:
    """Write down a resident whose birth date and addresses are known."""
    with database.write() as session:
        born = date(1948, 3, 7)
        mail = "zoe@example.org"
        return add_resident(
            session, utc_now(), birth_date=born, email=mail, **ADDRESS
        ).id


def acts_on_drafts(database: Database) -> list[tuple[str, str]]:
    """List what the journal tells of drafts: the act, and whose it was."""
    with database.read() as session:
        rows = session.scalars(select(JournalEntry).order_by(JournalEntry.id))
        return [(each.act, each.actor) for each in rows if "draft" in each.act]

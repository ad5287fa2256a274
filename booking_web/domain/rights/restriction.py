# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whose data are worked with: the one rule of a restriction (GDPR, article 18).

Who is restricted is kept, and for everybody but the data protection officer not there: not shown,
found, called, written to, told to programs or purged. `Person` asks this of every appointment;
what finds residents, or acts on them by itself, asks it here.
"""

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from booking_web.tables.appointment import Appointment
from booking_web.tables.restrictions import Restriction

Number = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]


def is_unrestricted(resident_id: Number) -> ColumnElement[bool]:
    """Give the condition under which what is this resident's is worked with.

    What is nobody's is.
    """
    found = exists().where(Restriction.resident_id == resident_id)
    return ~found.correlate(resident_id.class_)


def is_of_unrestricted(appointment_id: Number) -> ColumnElement[bool]:
    """Give the same condition of what hangs on an appointment."""
    its = aliased(Appointment)
    found = exists().where(
        its.id == appointment_id, Restriction.resident_id == its.resident_id
    )
    return ~found.correlate(appointment_id.class_)


def is_restricted(session: Session, resident_id: int | None) -> bool:
    """Tell whether nobody works with what is this resident's."""
    return resident_id is not None and session.get(Restriction, resident_id) is not None

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Corrects what is held of a resident wherever it stands, not in the register alone.

A secretary who edits the register leaves appointments under the name that they were booked
with. Who has a right to be named correctly has it there too (GDPR, article 16).
"""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.journal.telling import tell
from booking_web.domain.residents.names import search_key
from booking_web.domain.residents.postal import PostalAddress, put_into
from booking_web.domain.residents.register import edit_resident
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.journal_acts import Act
from booking_web.tables.postal_address import AppointmentAddress


def correct_resident(
    session: Session,
    resident: Resident,
    actor: str,
    now: datetime,
    *,
    name: str,
    telephone: str,
    email: str,
    address: PostalAddress,
    birth_date: date | None,
) -> int:
    """Write all of it everywhere; give how many appointments were changed.

    Appointments that are nameless already stay so.
    """
    edit_resident(
        session,
        resident,
        actor,
        now,
        name=name,
        telephone=telephone,
        email=email,
        address=address,
        birth_date=birth_date,
    )
    doubles = session.scalars(
        select(Resident).where(Resident.merged_into_id == resident.id)
    ).all()
    for double in doubles:
        double.name, double.search_key = name, search_key(name)
    numbers = [resident.id, *(each.id for each in doubles)]
    appointments = session.scalars(
        select(Appointment)
        .where(Appointment.resident_id.in_(numbers), Appointment.resident_name != "")
        .order_by(Appointment.id)
        .with_for_update()
    ).all()
    return sum(
        _corrected(session, each, name, address, actor, now) for each in appointments
    )


def _corrected(
    session: Session,
    appointment: Appointment,
    name: str,
    address: PostalAddress,
    actor: str,
    now: datetime,
) -> bool:
    changed = []
    if appointment.resident_name != name:
        appointment.resident_name = name
        changed.append("name")
    told = session.get(AppointmentAddress, appointment.id)
    if told is not None and put_into(told, address):
        changed.append("address")
    if changed:
        act, detail = Act.APPOINTMENT_CORRECTED, " ".join(changed)
        tell(session, act, appointment, actor=actor, at=now, detail=detail)
    return bool(changed)

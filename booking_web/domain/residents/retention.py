# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which residents need not be known any longer, and forgetting them."""

from datetime import datetime

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.orm import Session

from booking_web.domain.journal.entries import write_down
from booking_web.domain.rights.restriction import is_unrestricted
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.journal_acts import Act
from booking_web.tables.postal_address import AppointmentAddress
from booking_web.tables.states import ON_THE_LINE
from booking_web.tables.waiting import WaitingEntry


def old_entries(session: Session, limit: datetime) -> list[int]:
    """List the entries of the waiting list that are older than the limit and of no use."""
    query = select(WaitingEntry.id).where(
        WaitingEntry.created_at < limit,
        or_(WaitingEntry.until.is_(None), WaitingEntry.until < limit.date()),
        is_unrestricted(WaitingEntry.resident_id),
    )
    return list(session.scalars(query))


def old_residents(session: Session, limit: datetime, entries: list[int]) -> list[int]:
    """List the residents not seen since the limit, who wait for nothing but `entries`.

    A double goes with the one it was merged into.
    """
    in_use = select(Appointment.resident_id).where(
        Appointment.resident_id.is_not(None),
        or_(Appointment.ends_at >= limit, Appointment.state.in_(ON_THE_LINE)),
    )
    waiting = select(WaitingEntry.resident_id).where(WaitingEntry.id.not_in(entries))
    forgotten = session.scalars(
        select(Resident.id).where(
            Resident.seen_at < limit,
            Resident.id.not_in(in_use),
            Resident.id.not_in(waiting),
            is_unrestricted(Resident.id),
        )
    ).all()
    kept_for_another = set(
        session.scalars(
            select(Resident.merged_into_id).where(
                Resident.merged_into_id.in_(forgotten), Resident.id.not_in(forgotten)
            )
        )
    )
    return [each for each in forgotten if each not in kept_for_another]


def forget_addresses(session: Session, ended: Select[int]) -> None:
    """Remove the addresses told with these appointments."""
    session.execute(
        delete(AppointmentAddress).where(AppointmentAddress.appointment_id.in_(ended))
    )


def forget(
    session: Session,
    entries: list[int],
    residents: list[int],
    now: datetime,
    *,
    actor: str = "prune",
    act: Act = Act.RESIDENT_FORGOTTEN,
) -> None:
    """Remove them, which is written down as `act`; appointments stay, and refer to nobody."""
    session.execute(delete(WaitingEntry).where(WaitingEntry.id.in_(entries)))
    session.execute(
        update(Appointment)
        .where(Appointment.resident_id.in_(residents))
        .values(resident_id=None)
    )
    # Doubles refer to the resident that they were merged into.
    session.execute(
        delete(Resident).where(
            Resident.id.in_(residents), Resident.merged_into_id.is_not(None)
        )
    )
    session.execute(delete(Resident).where(Resident.id.in_(residents)))
    for each in residents:
        write_down(
            session,
            act,
            actor=actor,
            at=now,
            detail=f"resident {each}",
            resident_id=each,
        )

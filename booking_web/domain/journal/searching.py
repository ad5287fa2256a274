# SPDX-License-Identifier: AGPL-3.0-or-later
"""Looks for lines of the journal by whom they are of, who acted, how, where and when.

The latest first, and page by page: a page takes as long in a long journal as in a short one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.journal.kinds import ActKind, acts_of
from booking_web.tables.appointment import Appointment, JournalEntry, Resident
from provisioning.database.models import Kiosk, Organisation, Relay, User


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is looked for; nothing given is all."""

    resident_id: int | None = None
    user_id: int | None = None
    kind: ActKind | None = None
    relay_id: int | None = None
    organisation_id: int | None = None
    begins: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class FoundLine:
    """A line, with who it is of as far as that is still known."""

    id: int
    at: datetime
    actor: str
    act: str
    detail: str
    origin: str
    appointment_id: int | None
    starts_at: datetime | None
    resident_id: int | None
    # Empty: of nobody, or of somebody whose name was erased.
    resident_name: str
    relay: str
    organisation: str


def search(
    session: Session, asked: Asked, *, before: int | None = None, limit: int
) -> list[FoundLine]:
    """Give the latest lines that are meant, of those with a number below `before`."""
    query = _query().where(*_conditions(session, asked))
    if before is not None:
        query = query.where(JournalEntry.id < before)
    rows = session.execute(query.order_by(JournalEntry.id.desc()).limit(limit))
    return [_found(row) for row in rows]


def names_of_actors(session: Session, actors: Sequence[str]) -> dict[str, User]:
    """Give the accounts of the people among the actors, by what the journal calls them."""
    numbers = {
        int(number)
        for kind, _, number in (actor.partition(":") for actor in actors)
        if kind == "user" and number.isdecimal()
    }
    if not numbers:
        return {}
    query = select(User).where(User.id.in_(numbers))
    places = (joinedload(User.relay), joinedload(User.organisation))
    found = session.scalars(query.options(*places))
    return {f"user:{each.id}": each for each in found}


def resident_and_doubles(session: Session, resident_id: int) -> list[int]:
    """Give the numbers of a resident's entries: their own, and those merged into it."""
    merged = select(Resident.id).where(Resident.merged_into_id == resident_id)
    return [resident_id, *session.scalars(merged)]


def _query() -> Select[*tuple[object, ...]]:
    of = func.coalesce(JournalEntry.resident_id, Appointment.resident_id)
    return (
        select(
            JournalEntry.id,
            JournalEntry.at,
            JournalEntry.actor,
            JournalEntry.act,
            JournalEntry.detail,
            JournalEntry.origin,
            JournalEntry.appointment_id,
            Appointment.starts_at,
            of.label("resident_id"),
            Appointment.resident_name,
            Resident.name.label("registered_name"),
            Relay.name.label("relay"),
            Organisation.name.label("organisation"),
        )
        .outerjoin(Appointment, Appointment.id == JournalEntry.appointment_id)
        .outerjoin(Resident, Resident.id == of)
        .outerjoin(Kiosk, Kiosk.id == Appointment.kiosk_id)
        .outerjoin(Relay, Relay.id == func.coalesce(Kiosk.relay_id, Resident.relay_id))
        .outerjoin(Organisation, Organisation.id == Appointment.organisation_id)
    )


def _conditions(session: Session, asked: Asked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.resident_id is not None:
        numbers = resident_and_doubles(session, asked.resident_id)
        theirs = select(Appointment.id).where(Appointment.resident_id.in_(numbers))
        found.append(
            or_(
                JournalEntry.resident_id.in_(numbers),
                JournalEntry.appointment_id.in_(theirs),
            )
        )
    if asked.user_id is not None:
        found.append(JournalEntry.actor == f"user:{asked.user_id}")
    if asked.kind is not None:
        found.append(JournalEntry.act.in_(acts_of(asked.kind)))
    if asked.relay_id is not None:
        found.append(
            or_(Kiosk.relay_id == asked.relay_id, Resident.relay_id == asked.relay_id)
        )
    if asked.organisation_id is not None:
        found.append(Appointment.organisation_id == asked.organisation_id)
    if asked.begins is not None:
        found.append(JournalEntry.at >= asked.begins)
    if asked.ends is not None:
        found.append(JournalEntry.at < asked.ends)
    return found


def _found(row: Row[*tuple[object, ...]]) -> FoundLine:
    told = row._mapping
    return FoundLine(
        id=told["id"],
        at=told["at"],
        actor=told["actor"],
        act=told["act"],
        detail=told["detail"],
        origin=told["origin"],
        appointment_id=told["appointment_id"],
        starts_at=told["starts_at"],
        resident_id=told["resident_id"],
        resident_name=told["resident_name"] or told["registered_name"] or "",
        relay=told["relay"] or "",
        organisation=told["organisation"] or "",
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hand-overs, as either side may read them."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, or_, select, update
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from booking_web.domain.rights.person import NotVisible, Person
from booking_web.domain.rights.restriction import is_of_unrestricted
from booking_web.tables.handovers import Handover, HandoverState

SHOWN = 20
_WITH_NAMES: tuple[ORMOption, ...] = (
    joinedload(Handover.from_organisation),
    joinedload(Handover.from_counsellor),
    joinedload(Handover.to_organisation),
    joinedload(Handover.to_counsellor),
    joinedload(Handover.taken_by),
)


def handovers_told(
    session: Session, viewer: Person, appointment_id: int
) -> list[Handover]:
    """List an appointment's that concern the reader's organisation, the newest first.

    Those to it, and those from it: another one's are none of its business. Nothing for who is
    of none.
    """
    if viewer.organisation_id is None:
        return []
    own = viewer.organisation_id
    query = (
        select(Handover)
        .where(
            Handover.appointment_id == appointment_id,
            or_(
                Handover.from_organisation_id == own,
                and_(Handover.to_organisation_id == own, Handover.state.in_(_HAD_LEFT)),
            ),
        )
        .options(*_WITH_NAMES)
        .order_by(Handover.id.desc())
    )
    return list(session.scalars(query))


def handover_of(
    session: Session, viewer: Person, handover_id: int, *, to_change: bool = False
) -> Handover:
    """Give one that the reader's organisation handed over; raises NotVisible."""
    query = select(Handover).where(
        Handover.id == handover_id,
        Handover.from_organisation_id == viewer.own_organisation_id,
        is_of_unrestricted(Handover.appointment_id),
    )
    if to_change:
        query = query.with_for_update(of=Handover)
    found = session.scalar(query.options(*_WITH_NAMES))
    if found is None:
        raise NotVisible
    return found


def handed_to_others(
    session: Session, viewer: Person, now: datetime, within: timedelta
) -> list[Handover]:
    """List the appointments that the organisation handed to others lately, the newest first."""
    if viewer.organisation_id is None:
        return []
    query = (
        select(Handover)
        .join(Handover.appointment)
        .where(
            *_left_for_good(viewer.organisation_id),
            Handover.asked_at > now - within,
            is_of_unrestricted(Handover.appointment_id),
        )
        .options(joinedload(Handover.appointment), *_WITH_NAMES)
        .order_by(Handover.id.desc())
        .limit(SHOWN)
    )
    return list(session.scalars(query))


def forget_handover_notes(session: Session, nameless: Select[int]) -> None:
    """Empty the notes of these appointments."""
    session.execute(
        update(Handover)
        .where(
            Handover.appointment_id.in_(nameless),
            or_(Handover.note != "", Handover.outcome_note != ""),
        )
        .values(note="", outcome_note="")
    )


def _left_for_good(own: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Handover.from_organisation_id == own,
        Handover.to_organisation_id != own,
        Handover.state.in_(_HAD_LEFT),
    )


_HAD_LEFT = tuple(
    each
    for each in HandoverState
    if each not in (HandoverState.ASKED, HandoverState.UNDONE)
)

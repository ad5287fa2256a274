# SPDX-License-Identifier: AGPL-3.0-or-later
"""Calls that are kept for a page, in the database. Pieces of work in the caller's transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell_pages
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Counsellor

logger = structlog.get_logger(__name__)

_IN_CALL = Appointment.state == AppointmentState.IN_CALL


@dataclass(frozen=True)
class Standing:
    """What the database has of calls and of telephones that are pages."""

    # The names of the calls in which somebody speaks, or is kept.
    calls: frozenset[str]
    kept: frozenset[str]
    pages: frozenset[str]


def read_standing(session: Session) -> Standing:
    """Read it; without a page that could be in a call nothing more is asked."""
    pages = frozenset(
        session.scalars(select(Counsellor.slug).where(Counsellor.browser))
    )
    rows = session.execute(
        select(Appointment.call, Appointment.kept_since).where(_IN_CALL)
    ).all()
    return Standing(
        frozenset(row.call for row in rows if row.call),
        frozenset(row.call for row in rows if row.call and row.kept_since),
        pages,
    )


def note_kept(session: Session, kept: Collection[str], now: datetime) -> None:
    """Write down which calls in which somebody speaks are kept, and have pages look again."""
    for appointment in session.scalars(
        select(Appointment)
        .where(_IN_CALL)
        # In one order, so that two dispatchers never wait for each other.
        .order_by(Appointment.id)
        .with_for_update()
    ):
        is_kept = appointment.call in kept
        if is_kept == (appointment.kept_since is not None):
            continue
        appointment.kept_since = now if is_kept else None
        tell_pages(session, News.CALL_KEPT, appointment, now)
        logger.info("call kept" if is_kept else "call resumed", call=appointment.call)

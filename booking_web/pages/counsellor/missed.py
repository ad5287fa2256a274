# SPDX-License-Identifier: AGPL-3.0-or-later
"""The calls that came to nothing, on top of the counsellor's day until they are dealt with."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from booking_web.domain.appointments.missed_calls import is_missed
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.rows.day import Row, row_of
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState
from booking_web.words.dates import moment
from provisioning.database.models import Kiosk

# More stand behind these: they come as those are dealt with.
SHOWN = 10


@dataclass(frozen=True)
class MissedCall:
    """A call that came to nothing, as the page shows it."""

    row: Row
    # Since when it stands so.
    since: str
    # All was said before the line broke: it can be closed.
    can_finish: bool


@dataclass(frozen=True)
class MissedCalls:
    """The latest of them, and how many there are besides."""

    calls: tuple[MissedCall, ...] = ()
    left: int = 0

    @property
    def ids(self) -> frozenset[int]:
        """Number those that are shown: the day's list does not show them again."""
        return frozenset(each.row.id for each in self.calls)


def missed_calls(session: Session, viewer: Person, now: datetime) -> MissedCalls:
    """List those of the organisation, of whatever day; nothing for who receives nobody."""
    if not viewer.may(Right.RECEIVING):
        return MissedCalls()
    wanted = viewer.appointments().where(is_missed())
    found = session.scalars(
        wanted.options(
            joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
            joinedload(Appointment.organisation),
            joinedload(Appointment.counsellor),
            joinedload(Appointment.visit_reason),
        )
        .order_by(Appointment.state_since.desc(), Appointment.id.desc())
        .limit(SHOWN)
    ).all()
    total = len(found)
    if total == SHOWN:
        counted = wanted.with_only_columns(Appointment.id).subquery()
        total = session.scalar(select(func.count()).select_from(counted)) or 0
    return MissedCalls(tuple(_missed(each, now) for each in found), total - len(found))


def _missed(appointment: Appointment, now: datetime) -> MissedCall:
    row = row_of(appointment, now)
    return MissedCall(
        row,
        moment(row.state_since, row.zone, now),
        row.state is AppointmentState.INTERRUPTED,
    )

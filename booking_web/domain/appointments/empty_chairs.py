# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tells who was absent when a counsellor had already come from who was absent before.

Both are `no_show`; the periods tell them apart, as they do for every statistic.
"""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.tables.appointment import Appointment, Period
from booking_web.tables.states import AppointmentState, PeriodKind


def called_in_vain(session: Session, appointments: Iterable[Appointment]) -> set[int]:
    """Give the numbers of those whose resident was absent and who had a call all the same."""
    absent = [
        each.id for each in appointments if each.state == AppointmentState.NO_SHOW
    ]
    if not absent:
        return set()
    query = select(Period.appointment_id).where(
        Period.appointment_id.in_(absent), Period.kind == PeriodKind.IN_CALL
    )
    return set(session.scalars(query))

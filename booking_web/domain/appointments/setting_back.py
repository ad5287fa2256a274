# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sets a state back that a person set by mistake, on the day of the mistake.

What the state was before is read from the journal, which no one can change; setting back is
written there as well. A call that was made is never undone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete
from sqlalchemy.orm import Session

from booking_web.base.local_time import local_day
from booking_web.domain.appointments.lifecycle import move_back
from booking_web.domain.appointments.line.keeping import take_back_place
from booking_web.domain.journal.reading import (
    WrittenMove,
    acts_on,
    last_moves,
    moves_of,
)
from booking_web.domain.journal.telling import Former, tell
from booking_web.tables.appointment import Appointment, Period
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import SET_BACK, AppointmentState, PeriodKind

_S = AppointmentState
_BY_PEOPLE = "user:"


class NothingToSetBack(Exception):
    """The present state is none that a person set today, or no mistake can be behind it."""


class HourTaken(Exception):
    """Somebody else has the hour meanwhile."""


@dataclass(frozen=True)
class Mistake:
    """The move that can be taken back."""

    before: AppointmentState
    after: AppointmentState
    at: datetime


def mistakes(
    session: Session, appointments: Iterable[Appointment], now: datetime
) -> dict[int, Mistake]:
    """Give of each appointment the move that can be taken back now, where there is one."""
    asked = {each.id: each for each in appointments if _may_be_one(each, now)}
    if not asked:
        return {}
    found = {}
    for appointment_id, last in last_moves(session, asked).items():
        mistake = _mistake(asked[appointment_id], last)
        if mistake is not None:
            found[appointment_id] = mistake
    return found


def set_back(
    session: Session,
    appointment: Appointment,
    expected: AppointmentState,
    actor: str,
    now: datetime,
) -> None:
    """Set the appointment back to what it was before `expected`, its state as was seen.

    Its hour is held again; where that has begun and was given to others, who is there waits
    in the line. Raises NothingToSetBack or HourTaken; then nothing has changed.
    """
    mistake = mistakes(session, [appointment], now).get(appointment.id)
    if mistake is None or mistake.after is not expected:
        raise NothingToSetBack
    if mistake.after is _S.ARRIVED:
        # Nobody waited: the statistics must not count it.
        session.flush()
        session.execute(
            delete(Period).where(
                Period.appointment_id == appointment.id,
                Period.kind == PeriodKind.WAITING,
                Period.started_at == mistake.at,
            )
        )
        session.expire(appointment, ["periods"])
        in_line = False
    else:
        in_line = not _has_its_hour(session, appointment, mistake, now)
    former = Former.of(appointment)
    if mistake.after is _S.CANCELLED:
        # Before the move, which tells the new number.
        appointment.sequence += 1
    why = _reason_of(session, appointment, mistake.before)
    move_back(session, appointment, mistake.before, actor=actor, at=now, reason=why)
    appointment.in_line = in_line and mistake.before is _S.ARRIVED
    tell(
        session,
        Act.SET_BACK,
        appointment,
        actor=actor,
        at=now,
        detail=f"{mistake.after}",
        former=former,
    )
    session.flush()


def _may_be_one(appointment: Appointment, now: datetime) -> bool:
    state = AppointmentState(appointment.state)
    zone = ZoneInfo(appointment.kiosk.relay.time_zone)
    is_asked_for = appointment.call_requested_at is not None
    return (
        state in SET_BACK
        and not is_asked_for
        and local_day(appointment.state_since, zone) == local_day(now, zone)
    )


def _mistake(appointment: Appointment, last: WrittenMove) -> Mistake | None:
    if last.after != appointment.state or not last.actor.startswith(_BY_PEOPLE):
        return None
    if last.before not in SET_BACK[last.after]:
        return None
    # Who came without an appointment was there: there is no state before.
    if last.after is _S.ARRIVED and appointment.starts_at <= appointment.created_at:
        return None
    return Mistake(last.before, last.after, last.at)


def _has_its_hour(
    session: Session, appointment: Appointment, mistake: Mistake, now: datetime
) -> bool:
    """Hold what is to come of its hour; False where somebody who is there has to wait."""
    if mistake.before is _S.DONE or mistake.after is _S.DONE:
        return True
    if _waited_in_line(session, appointment):
        return False
    if take_back_place(session, appointment, now):
        return True
    if appointment.starts_at > now:
        raise HourTaken
    return False


def _waited_in_line(session: Session, appointment: Appointment) -> bool:
    acts = acts_on(session, appointment)
    return Act.JOINED_LINE in acts and Act.CALLED_FROM_LINE not in acts


def _reason_of(session: Session, appointment: Appointment, state: _S) -> str:
    """Give why it was in that state the last time."""
    moves = moves_of(session, appointment)
    return next((each.reason for each in moves if each.after is state), "")

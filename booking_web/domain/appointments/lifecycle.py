# SPDX-License-Identifier: AGPL-3.0-or-later
"""Moves appointments through their life cycle, and tells of each move.

The only module that writes `Appointment.state`.
"""

import secrets
from datetime import datetime

import structlog
from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.guests.invitations import (
    end_guest_with_call,
    have_guest_wait,
)
from booking_web.domain.appointments.interpreters.calls import (
    ask_for_interpreter,
    end_with_call,
)
from booking_web.domain.journal.telling import Former, tell
from booking_web.domain.kiosks.screen_row import leave_call
from booking_web.domain.kiosks.wipes import owe_wipe
from booking_web.tables.appointment import (
    NONCE_LENGTH,
    Appointment,
    CounterSlot,
    KioskSlot,
    Period,
)
from booking_web.tables.journal_acts import Act
from booking_web.tables.state_reasons import Reason
from booking_web.tables.states import (
    OVER,
    PERIOD_OF,
    SET_BACK,
    AppointmentState,
    IllegalMove,
    check_move,
)

logger = structlog.get_logger(__name__)

# The kiosk has answered: something of the appointment is on its screens.
_ANSWERED = (AppointmentState.QUEUED, AppointmentState.IN_CALL)


def move(
    session: Session,
    appointment: Appointment,
    state: AppointmentState,
    *,
    actor: str,
    at: datetime,
    reason: str = "",
    former: Former | None = None,
) -> None:
    """Move the appointment to `state`; raises IllegalMove where there is no such move.

    `reason` is a code (`kiosk_offline`), never personal data. Slots are given back when
    the appointment is over for good; after a failed call the resident still sits there.
    `former` is how it was, where hour or place have changed with the state.
    """
    check_move(AppointmentState(appointment.state), state)
    _enter(session, appointment, state, actor, at, reason, former)


def move_back(
    session: Session,
    appointment: Appointment,
    state: AppointmentState,
    *,
    actor: str,
    at: datetime,
    reason: str = "",
) -> None:
    """Move it back to a state that it had before a mistake; as `move` does otherwise."""
    before = AppointmentState(appointment.state)
    if state not in SET_BACK.get(before, ()):
        raise IllegalMove(before, state)
    _enter(session, appointment, state, actor, at, reason)


def await_kiosk(
    session: Session, appointment: Appointment, *, actor: str, at: datetime
) -> None:
    """Have one whose kiosk was busy wait for it, in its place and since it was asked for.

    No person's act leads from a call back to who waits for one: so it is no move of the life
    cycle. Raises IllegalMove unless it is being called.
    """
    before = AppointmentState(appointment.state)
    if before is not AppointmentState.CALLING:
        raise IllegalMove(before, AppointmentState.ARRIVED)
    if appointment.call_requested_at is None:
        appointment.call_requested_at = appointment.state_since
    arrived, why = AppointmentState.ARRIVED, Reason.KIOSK_AWAITED
    _enter(session, appointment, arrived, actor, at, why)


def wait_again(
    session: Session,
    appointment: Appointment,
    *,
    actor: str,
    at: datetime,
    former: Former | None = None,
) -> None:
    """Have one in call wait once more, in the same call: its counsellor hands it over.

    Nothing that is heard of a call leads back to who waits in it: so it is no move of the life
    cycle. Raises IllegalMove unless it is in call.
    """
    before = AppointmentState(appointment.state)
    if before is not AppointmentState.IN_CALL:
        raise IllegalMove(before, AppointmentState.QUEUED)
    queued, why = AppointmentState.QUEUED, Reason.HANDED_OVER
    _enter(session, appointment, queued, actor, at, why, former)


def _enter(
    session: Session,
    appointment: Appointment,
    state: AppointmentState,
    actor: str,
    at: datetime,
    reason: str,
    former: Former | None = None,
) -> None:
    before = AppointmentState(appointment.state)
    appointment.state = state
    appointment.state_reason = reason
    appointment.state_since = at
    if state is not AppointmentState.ARRIVED:
        appointment.in_line = False
    if state is AppointmentState.IN_CALL and not appointment.nonce:
        appointment.nonce = secrets.token_hex(NONCE_LENGTH // 2)
    if state in _ANSWERED:
        owe_wipe(session, appointment, at)
    if before is AppointmentState.IN_CALL:
        appointment.kept_since = None
        leave_call(session, appointment)
        end_with_call(session, appointment, at)
        if state in _ANSWERED:
            have_guest_wait(session, appointment, at)
    if before in _ANSWERED and state not in _ANSWERED:
        end_guest_with_call(session, appointment, at)
    if before in PERIOD_OF:
        _close_period(session, appointment, at)
    if state in PERIOD_OF:
        session.add(
            Period(
                appointment_id=appointment.id,
                kind=PERIOD_OF[state],
                started_at=at,
                counsellor_id=(
                    appointment.counsellor_id
                    if state is AppointmentState.IN_CALL
                    else None
                ),
            )
        )
    if state in OVER:
        release_slots(session, appointment)
    # Read again by `journal.reading`: to set a state back is to know the one before.
    tell(
        session,
        Act.MOVED,
        appointment,
        actor=actor,
        at=at,
        detail=f"{before} -> {state} {reason}",
        former=former,
    )
    if state is AppointmentState.IN_CALL:
        ask_for_interpreter(session, appointment, actor, at)
    logger.info(
        "appointment moved",
        appointment=appointment.id,
        before=str(before),
        state=str(state),
        reason=reason,
    )


def release_slots(session: Session, appointment: Appointment) -> None:
    """Give back the kiosk's and the counter's slots that the appointment holds."""
    for slot in (KioskSlot, CounterSlot):
        session.execute(delete(slot).where(slot.appointment_id == appointment.id))


def _close_period(session: Session, appointment: Appointment, at: datetime) -> None:
    # Nothing is flushed for it: a burst of calls is then written in a few statements.
    for period in session.new:
        if (
            isinstance(period, Period)
            and period.appointment_id == appointment.id
            and period.ended_at is None
        ):
            period.ended_at = at
    with session.no_autoflush:
        open_periods = session.scalars(
            _OPEN_PERIODS, {"appointment_id": appointment.id}
        )
        for period in open_periods:
            period.ended_at = at


_OPEN_PERIODS = select(Period).where(
    Period.appointment_id == bindparam("appointment_id"), Period.ended_at.is_(None)
)

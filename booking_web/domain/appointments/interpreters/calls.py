# SPDX-License-Identifier: AGPL-3.0-or-later
"""How an appointment's second calls stand, and what may be asked of its interpreter's.

The appointment's own call knows nothing of them: no state, no period and no slot of it
depends on who comes or leaves. A guest's call is placed, followed and ended as an interpreter's
is (`appointments.guests` asks for it). Each function works in the caller's writing transaction.
"""

from datetime import datetime

import structlog
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell, tell_pages
from booking_web.tables.appointment import Appointment
from booking_web.tables.interpreters import (
    GOING_ON,
    InterpreterCall,
    InterpreterState,
    WhyNobody,
)
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Counsellor

logger = structlog.get_logger(__name__)

_S = InterpreterState


class NoInterpreterToCall(Exception):
    """Nobody is in call, no interpreter is booked, or one is called or here already."""


class NoInterpreterToSendAway(Exception):
    """No interpreter is called or here."""


def ask_for_interpreter(
    session: Session, appointment: Appointment, actor: str, at: datetime
) -> None:
    """Have the interpreter called into a call that has just begun, where one is booked."""
    if appointment.interpreter_counter_id is not None:
        _ask(session, appointment, actor, at)


def end_with_call(session: Session, appointment: Appointment, at: datetime) -> None:
    """Have the interpreter's call end, since the appointment's own is over."""
    if appointment.interpreter_counter_id is None:
        return
    going_on = call_going_on(session, appointment.id)
    if going_on is None:
        return
    if going_on.placed_at is None:
        # Nobody's telephone has rung for it.
        going_on.state, going_on.ended_at = _S.LEFT, at
    elif going_on.end_requested_at is None:
        going_on.end_requested_at = at


def call_again(
    session: Session, appointment: Appointment, actor: str, now: datetime
) -> None:
    """Have the interpreter called once more; raises NoInterpreterToCall."""
    if (
        appointment.state != AppointmentState.IN_CALL
        or appointment.interpreter_counter_id is None
        or call_going_on(session, appointment.id) is not None
    ):
        raise NoInterpreterToCall
    _ask(session, appointment, actor, now)


def send_away(
    session: Session, appointment: Appointment, actor: str, now: datetime
) -> None:
    """Have the interpreter's call end; raises NoInterpreterToSendAway."""
    going_on = call_going_on(session, appointment.id)
    if going_on is None or going_on.guest_id is not None:
        raise NoInterpreterToSendAway
    if going_on.end_requested_at is None:
        going_on.end_requested_at = now
        tell(session, Act.INTERPRETER_SENT_AWAY, appointment, actor=actor, at=now)


def kiosk_took(call: InterpreterCall, at: datetime) -> None:
    """Note that the kiosk has taken the second call: the telephones ring now."""
    call.taken_at = at


def interpreter_came(
    session: Session, call: InterpreterCall, interpreter: str, actor: str, at: datetime
) -> None:
    """Note who answered, by the slug of their telephone; or that the guest did."""
    call.state, call.here_at = _S.HERE, at
    call.taken_at = call.taken_at or at
    if call.guest_id is not None:
        _tell(session, Act.GUEST_JOINED, call, actor, at)
        return
    call.interpreter_id = session.scalar(
        select(Counsellor.id).where(Counsellor.slug == interpreter)
    )
    _tell(session, Act.INTERPRETER_JOINED, call, actor, at)


def call_ended(
    session: Session,
    call: InterpreterCall,
    actor: str,
    at: datetime,
    known: WhyNobody | None = None,
) -> None:
    """Note that the call is over: who was there left, or nobody had come.

    `known` is why nobody did, where Asterisk remembers it.
    """
    call.ended_at = at
    is_guest = call.guest_id is not None
    if call.state == _S.HERE:
        call.state = _S.LEFT
        left = Act.GUEST_LEFT if is_guest else Act.INTERPRETER_LEFT
        _tell(session, left, call, actor, at)
    elif call.end_requested_at is not None:
        # It was ended before anybody could come.
        call.state = _S.LEFT
        tell_pages(session, News.INTERPRETER_WENT_ON, call.appointment, at)
    else:
        call.state = _S.NOBODY
        took = call.taken_at is not None
        supposed = WhyNobody.NO_ANSWER if took else WhyNobody.KIOSK_REFUSED
        call.reason = known or supposed
        nobody = Act.GUEST_UNANSWERED if is_guest else Act.INTERPRETER_UNANSWERED
        _tell(session, nobody, call, actor, at, call.reason)


def call_going_on(session: Session, appointment_id: int) -> InterpreterCall | None:
    """Give the second call, of an interpreter or a guest, that is asked for or up."""
    return session.scalar(_GOING_ON_OF, {"of": appointment_id})


def last_call(session: Session, appointment_id: int) -> InterpreterCall | None:
    """Give the latest call of an interpreter, also one that is over."""
    return session.scalar(_LAST_OF, {"of": appointment_id})


def _ask(session: Session, appointment: Appointment, actor: str, at: datetime) -> None:
    interpreter = appointment.interpreter
    assert interpreter is not None
    if (former := call_going_on(session, appointment.id)) is not None:
        # Of a call that broke a moment ago; whose channel is still there is hung up.
        former.state, former.ended_at = _S.LEFT, at
        session.flush()
    session.add(
        InterpreterCall(
            appointment_id=appointment.id,
            organisation_id=interpreter.id,
            state=_S.ASKED,
            asked_at=at,
        )
    )
    tell(session, Act.INTERPRETER_CALLED, appointment, actor=actor, at=at)


def _tell(
    session: Session,
    act: Act,
    call: InterpreterCall,
    actor: str,
    at: datetime,
    detail: str = "",
) -> None:
    if call.guest_id is not None:
        detail = f"guest {call.guest_id} {detail}".strip()
    tell(session, act, call.appointment, actor=actor, at=at, detail=detail)
    logger.info(
        "second call",
        act=str(act),
        appointment=call.appointment_id,
        interpreter_call=call.id,
    )


_GOING_ON_OF = select(InterpreterCall).where(
    InterpreterCall.appointment_id == bindparam("of"),
    InterpreterCall.state.in_(GOING_ON),
)
_LAST_OF = (
    select(InterpreterCall)
    .where(
        InterpreterCall.appointment_id == bindparam("of"),
        InterpreterCall.guest_id.is_(None),
    )
    .order_by(InterpreterCall.id.desc())
    .limit(1)
)

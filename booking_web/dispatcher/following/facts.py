# SPDX-License-Identifier: AGPL-3.0-or-later
"""Applies what was heard of a call to its appointment, forwards only.

Facts may come twice (several dispatchers hear the same events) or late: a fact about
another call than the appointment's last one, or one that leads backwards, changes nothing.
"""

from collections import deque
from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.dispatcher.following.call_events import CallFact
from booking_web.domain.appointments.lifecycle import await_kiosk, move
from booking_web.domain.appointments.line.kiosk_awaited import waits_for_kiosk
from booking_web.tables.appointment import Appointment
from booking_web.tables.state_reasons import Reason
from booking_web.tables.states import (
    CALLABLE_AGAIN,
    MOVES,
    ON_THE_LINE,
    OVER,
    AppointmentState,
)
from provisioning.database.models import Counsellor

logger = structlog.get_logger(__name__)

ACTOR = "dispatcher"
_S = AppointmentState


class FactRefused(Exception):
    """A direct call cannot belong to its appointment: it must be hung up."""


def apply(session: Session, facts: Sequence[tuple[CallFact, datetime]]) -> bool:
    """Move the facts' appointments, each at its time; tells whether anything changed.

    Raises FactRefused for a direct call whose appointment is over or in another call.
    """
    wanted = {fact.call.appointment_id for fact, _ in facts}
    found = session.scalars(
        select(Appointment)
        .where(Appointment.id.in_(wanted))
        # In one order, so that two dispatchers never wait for each other.
        .order_by(Appointment.id)
        .with_for_update()
    )
    appointments = {appointment.id: appointment for appointment in found}
    changed = False
    for fact, at in facts:
        appointment = appointments.get(fact.call.appointment_id)
        if appointment is None:
            logger.warning("fact of an unknown appointment", call=fact.call.text)
        elif _apply_one(session, appointment, fact, at):
            changed = True
    return changed


def _apply_one(
    session: Session, appointment: Appointment, fact: CallFact, at: datetime
) -> bool:
    opened = False
    if appointment.call != fact.call.text:
        if not fact.call.is_direct or fact.state not in ON_THE_LINE:
            logger.info("fact of a former call", call=fact.call.text, state=fact.state)
            return False
        _open_direct_call(session, appointment, fact, at)
        opened = True
    state, reason = _as_requested(appointment, fact)
    is_busy = reason == Reason.KIOSK_BUSY and not fact.call.is_direct
    if is_busy and waits_for_kiosk(appointment, at):
        await_kiosk(session, appointment, actor=ACTOR, at=at)
        return True
    steps = path(AppointmentState(appointment.state), state)
    if fact.state is _S.IN_CALL and steps:
        appointment.counsellor_id = _counsellor_id(session, fact.counsellor)
    if steps and steps[-1] is not state:
        reason = Reason.CALL_BROKEN
    for step in steps:
        why = reason if step is steps[-1] else ""
        move(session, appointment, step, actor=ACTOR, at=at, reason=why)
    if steps:
        # Kept while its kiosk was busy: it has its place since then.
        appointment.call_requested_at = None
    if steps and state not in ON_THE_LINE:
        appointment.hangup_requested_at = None
    return opened or bool(steps)


def path(before: AppointmentState, after: AppointmentState) -> list[AppointmentState]:
    """Give the shortest way on from a state on the line; empty where there is none.

    More than one step where what lies between was not heard (the dispatcher was away).
    """
    if before not in ON_THE_LINE or before is after:
        return []
    ways: deque[list[AppointmentState]] = deque([[before]])
    while ways:
        way = ways.popleft()
        for step in sorted(MOVES[way[-1]]):
            if step is after:
                return [*way[1:], step]
            if step in ON_THE_LINE and step not in way:
                ways.append([*way, step])
    # Nothing may stay on the line for ever because two accounts of a call differ.
    return [_S.INTERRUPTED] if after in CALLABLE_AGAIN else []


def _as_requested(
    appointment: Appointment, fact: CallFact
) -> tuple[AppointmentState, str]:
    # The secretary asked for the end of a call that had reached no counsellor.
    fails = fact.state in CALLABLE_AGAIN
    if fails and appointment.hangup_requested_at is not None:
        return _S.INTERRUPTED, Reason.HUNG_UP_BY_SECRETARY
    return fact.state, fact.reason


def _open_direct_call(
    session: Session, appointment: Appointment, fact: CallFact, at: datetime
) -> None:
    before = AppointmentState(appointment.state)
    if before in ON_THE_LINE or before in OVER:
        raise FactRefused(fact.call.text)
    actor = f"counsellor:{fact.counsellor}" if fact.counsellor else ACTOR
    if before is not _S.ARRIVED:
        move(session, appointment, _S.ARRIVED, actor=actor, at=at)
    appointment.attempt += 1
    appointment.call = fact.call.text
    appointment.call_requested_at = None
    appointment.hangup_requested_at = None
    move(session, appointment, _S.CALLING, actor=actor, at=at)


def _counsellor_id(session: Session, slug: str) -> int | None:
    return session.scalar(select(Counsellor.id).where(Counsellor.slug == slug))

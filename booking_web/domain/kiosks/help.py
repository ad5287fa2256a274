# SPDX-License-Identifier: AGPL-3.0-or-later
"""Calls for help from a kiosk's key: it rings at the desk until somebody comes."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from booking_web.domain.journal.telling import tell_readiness
from booking_web.tables.appointment import Appointment, Period
from booking_web.tables.presence import HelpCall
from booking_web.tables.states import ON_THE_LINE, OVER, AppointmentState, PeriodKind
from provisioning.database.models import Kiosk

logger = structlog.get_logger(__name__)

# After this long nobody is coming, and nobody may be there any more.
RINGS_FOR = timedelta(minutes=15)
# How long the screen says that somebody is on the way.
COMING_FOR = timedelta(minutes=2)
# Whoever presses again and again while somebody comes rings once more after this.
QUIET_FOR = timedelta(seconds=20)


def ask_for_help(session: Session, kiosk_id: int, now: datetime) -> HelpCall | None:
    """Ring at the desk; a key pressed again while it rings changes nothing.

    Gives the call that rings now; None where somebody has just said that they come.
    """
    ringing = session.scalar(
        select(HelpCall).where(
            HelpCall.kiosk_id == kiosk_id, HelpCall.answered_at.is_(None)
        )
    )
    if ringing is not None and _is_told(session, ringing, now):
        return ringing
    if ringing is not None:
        # Nobody came to the former one, who may have left: this is another one.
        ringing.answered_at = now
        session.flush()
    elif _is_coming(session, kiosk_id, now - QUIET_FOR):
        return None
    asked = HelpCall(kiosk_id=kiosk_id, asked_at=now)
    session.add(asked)
    tell_readiness(session, kiosk_id, now)
    session.flush()
    logger.info("help asked for", kiosk=kiosk_id, help_call=asked.id)
    return asked


def answer_help(session: Session, call: HelpCall, user_id: int, now: datetime) -> bool:
    """Say that this person goes; tells whether it was still ringing."""
    if call.answered_at is not None:
        return False
    call.answered_at = now
    call.answered_by_id = user_id
    tell_readiness(session, call.kiosk_id, now)
    logger.info("help answered", kiosk=call.kiosk_id, help_call=call.id)
    return True


def ringing_at(kiosk_ids: list[int], now: datetime) -> Select[HelpCall]:
    """Select the calls that ring at these kiosks, the first one first."""
    return (
        select(HelpCall)
        .join(Kiosk, Kiosk.id == HelpCall.kiosk_id)
        .where(
            HelpCall.kiosk_id.in_(kiosk_ids),
            HelpCall.answered_at.is_(None),
            HelpCall.asked_at > now - RINGS_FOR,
        )
        .order_by(HelpCall.asked_at)
    )


def help_told_at(session: Session, kiosk_id: int, now: datetime) -> str:
    """Tell what the kiosk's screen says of help: "asked", "coming" or nothing.

    It is told to who asked, never to the resident after them; at the desk it rings on.
    """
    ringing = session.scalar(ringing_at([kiosk_id], now))
    if ringing is not None and _is_told(session, ringing, now):
        return "asked"
    return "coming" if _is_coming(session, kiosk_id, now - COMING_FOR) else ""


def _is_told(session: Session, ringing: HelpCall, now: datetime) -> bool:
    """Tell whether a call rings for who sits there now."""
    if ringing.asked_at <= now - RINGS_FOR:
        return False
    return not _is_somebody_else(session, ringing.kiosk_id, ringing.asked_at)


def _is_coming(session: Session, kiosk_id: int, since: datetime) -> bool:
    call = session.scalar(
        select(HelpCall)
        .where(
            HelpCall.kiosk_id == kiosk_id,
            HelpCall.answered_at > since,
            HelpCall.answered_by_id.is_not(None),
        )
        .order_by(HelpCall.answered_at.desc())
        .limit(1)
    )
    return call is not None and not _is_somebody_else(session, kiosk_id, call.asked_at)


def _is_somebody_else(session: Session, kiosk_id: int, asked_at: datetime) -> bool:
    """Tell whether who sits there now is not who sat there then.

    Since then a resident was called for the first time, or the one of then is done.
    """
    called_before = exists().where(
        Period.appointment_id == Appointment.id,
        Period.kind == PeriodKind.RINGING,
        Period.started_at <= asked_at,
    )
    came = ~called_before & (
        Appointment.state.in_(ON_THE_LINE)
        | (Appointment.state == AppointmentState.ARRIVED)
        & (Appointment.call_requested_at > asked_at)
    )
    left = called_before & Appointment.state.in_(OVER)
    query = select(Appointment.id).where(
        Appointment.kiosk_id == kiosk_id,
        Appointment.state_since > asked_at,
        came | left,
    )
    return session.scalar(query.limit(1)) is not None

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keys the console's codes into calls, each at most once.

A code is marked as taken in a committed transaction before its first digit sounds: a
dispatcher that dies meanwhile leaves it unfinished, and nobody keys it a second time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking_web.dispatcher.manager.ami import Ami, AmiError, Channel
from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell_pages
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import CodeToPlay
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Kiosk

logger = structlog.get_logger(__name__)

BATCH = 20
# Whoever pressed a button this long ago no longer expects anything of it.
LATE_AFTER = timedelta(seconds=15)
# A code still being keyed keeps the next one of its call waiting no longer than this.
KEYING_AT_MOST = timedelta(seconds=10)


@dataclass(frozen=True)
class ClaimedCode:
    """A code that is ours to key, now."""

    id: int
    code: str
    call: str
    kiosk: str
    appointment_id: int


def take_codes(session: Session, now: datetime) -> list[ClaimedCode]:
    """Claim the next code of each call that is up; drop those that come too late.

    Call it in a write transaction. Two codes of one call never sound at once.
    """
    waiting = session.execute(_WAITING).all()
    if not waiting:
        return []
    busy = set(
        session.scalars(
            select(CodeToPlay.appointment_id).where(
                CodeToPlay.outcome == "playing",
                CodeToPlay.claimed_at > now - KEYING_AT_MOST,
            )
        )
    )
    claimed = []
    for row in waiting:
        code, appointment = row.CodeToPlay, row.Appointment
        is_up = (
            appointment.state == AppointmentState.IN_CALL
            and appointment.call == code.call
        )
        if not is_up or now - code.created_at > LATE_AFTER:
            _drop(session, code, appointment, now)
        elif appointment.id not in busy:
            busy.add(appointment.id)
            code.outcome = "playing"
            code.claimed_at = now
            claimed.append(
                ClaimedCode(code.id, code.code, code.call, row.kiosk, appointment.id)
            )
    return claimed


def mark_played(session: Session, code_id: int, outcome: str, now: datetime) -> None:
    """Note that every digit was keyed (`played`), or that it could not be (`dropped`)."""
    session.execute(
        update(CodeToPlay)
        .where(CodeToPlay.id == code_id)
        .values(outcome=outcome, played_at=now)
    )
    appointment = session.scalar(
        select(Appointment)
        .join(CodeToPlay, CodeToPlay.appointment_id == Appointment.id)
        .where(CodeToPlay.id == code_id)
    )
    if appointment is not None:
        tell_pages(session, News.CODE_SETTLED, appointment, now)


async def key_in(ami: Ami, code: ClaimedCode) -> str:
    """Key the digits on the kiosk's channel; gives the outcome, `played` or `dropped`."""
    try:
        channel = channel_of_kiosk(await ami.channels(), code)
        if channel is None:
            logger.warning("no channel for a code", call=code.call, kiosk=code.kiosk)
            return "dropped"
        for digit in code.code:
            await ami.play_digit(channel.name, digit)
    except AmiError as error:
        # What was keyed so far is an unfinished code, which the kiosk gives up.
        logger.warning("code not keyed", call=code.call, error=str(error))
        return "dropped"
    logger.info("code keyed", call=code.call, appointment=code.appointment_id)
    return "played"


def channel_of_kiosk(channels: list[Channel], code: ClaimedCode) -> Channel | None:
    """Find the kiosk's own leg of the call, whoever placed it."""
    for channel in channels:
        # PJSIP/<endpoint>-<eight hexadecimal digits>
        endpoint = channel.name.rpartition("-")[0]
        is_of_call = channel.variables.get("GUICHET_CALL", code.call) == code.call
        if endpoint == f"PJSIP/{code.kiosk}" and channel.is_up and is_of_call:
            return channel
    return None


def _drop(
    session: Session, code: CodeToPlay, appointment: Appointment, now: datetime
) -> None:
    code.outcome = "dropped"
    code.played_at = now
    tell_pages(session, News.CODE_SETTLED, appointment, now)
    logger.info("code dropped", appointment=appointment.id, code=code.id)


_WAITING = (
    select(CodeToPlay, Appointment, Kiosk.slug.label("kiosk"))
    .join(Appointment, Appointment.id == CodeToPlay.appointment_id)
    .join(Kiosk, Kiosk.id == Appointment.kiosk_id)
    .where(CodeToPlay.outcome == "waiting")
    .order_by(CodeToPlay.id)
    .limit(BATCH)
    .with_for_update(of=CodeToPlay, skip_locked=True)
)

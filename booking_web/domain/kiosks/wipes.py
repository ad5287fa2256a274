# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether a kiosk holds nothing of anybody any more; until it does nobody else is called there.

Each works in the caller's transaction. A kiosk too old to prove its wipes is believed, as
before.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from booking_web.domain.journal.telling import tell, tell_readiness
from booking_web.tables.appointment import Appointment
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import ON_THE_LINE
from booking_web.tables.wipes import FAILURES_LENGTH, KioskWipe, WipeState

logger = structlog.get_logger(__name__)

# A wipe takes seconds. One that is not proven so long after its call is out of order.
PROOF_WITHIN = timedelta(minutes=2)
# So long a kiosk waits for the answer to what it said: what comes may have been said before.
SAID_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True)
class WipeReport:
    """How a kiosk says that it stands: the kiosk's own words for it."""

    # `clean`, `in_call`, `wiping`, `delivering` or `failed`.
    state: str
    appointment: int | None
    failures: Sequence[str] = ()


def owe_wipe(session: Session, appointment: Appointment, at: datetime) -> None:
    """Note that a kiosk has answered a call: from now on it owes a wipe.

    One that failed to wipe what was before has that to wipe as well, and stays out of order.
    """
    with session.no_autoflush:
        row = session.get(KioskWipe, appointment.kiosk_id)
    if row is None:
        return
    if row.state == WipeState.FAILED:
        row.appointment_id = appointment.id
    else:
        _settle(row, WipeState.OWED, appointment.id, at)


def take_wipe_report(
    session: Session, kiosk_id: int, told: WipeReport | None, actor: str, now: datetime
) -> None:
    """Write down how the kiosk says that it stands; None: it is too old to say.

    A wipe that failed is over with `clean` or a proof, and with nothing else that is said, or
    not said: neither that it is tried again, nor a message without a word of it.
    """
    row = session.get(KioskWipe, kiosk_id)
    if told is None:
        if row is not None and row.state != WipeState.FAILED:
            session.delete(row)
            tell_readiness(session, kiosk_id, now)
        return
    if row is None:
        row = KioskWipe(kiosk_id=kiosk_id, state=WipeState.CLEAN, since=now)
        row.failures = ""
        session.add(row)
    before = (row.state, row.failures)
    _take(session, row, told, actor, now)
    if (row.state, row.failures) != before:
        tell_readiness(session, kiosk_id, now)


def take_proof(session: Session, appointment: Appointment, now: datetime) -> None:
    """Note that nothing of the appointment is left at its kiosk."""
    row = session.get(KioskWipe, appointment.kiosk_id)
    if row is None or row.appointment_id != appointment.id:
        return
    # Of the call before, where the resident is called once more.
    if appointment.state not in ON_THE_LINE and row.state != WipeState.CLEAN:
        _settle(row, WipeState.CLEAN, None, now)
        tell_readiness(session, appointment.kiosk_id, now)


def is_held_against() -> ColumnElement[bool]:
    """Tell of each `Appointment` of a query whether its kiosk must be wiped before its call.

    Who was cut off may be called again at once: what is left there is their own.
    """
    is_of_another = and_(
        KioskWipe.state == WipeState.OWED,
        KioskWipe.appointment_id.is_distinct_from(Appointment.id),
    )
    return exists().where(
        KioskWipe.kiosk_id == Appointment.kiosk_id,
        or_(KioskWipe.state == WipeState.FAILED, is_of_another),
    )


def kiosks_not_wiped(
    session: Session, kiosk_ids: Collection[int], now: datetime
) -> dict[int, KioskWipe]:
    """Give those of the kiosks that are out of order, since something may be left there."""
    is_past = ~exists().where(
        Appointment.id == KioskWipe.appointment_id,
        or_(
            Appointment.state.in_(ON_THE_LINE),
            Appointment.state_since > now - PROOF_WITHIN,
        ),
    )
    query = select(KioskWipe).where(
        KioskWipe.kiosk_id.in_(kiosk_ids),
        or_(
            KioskWipe.state == WipeState.FAILED,
            and_(
                KioskWipe.state == WipeState.OWED,
                KioskWipe.since <= now - PROOF_WITHIN,
                is_past,
            ),
        ),
    )
    return {row.kiosk_id: row for row in session.scalars(query)}


def _take(
    session: Session, row: KioskWipe, told: WipeReport, actor: str, now: datetime
) -> None:
    appointment = _of_kiosk(session, row.kiosk_id, told.appointment)
    if told.state == "failed":
        failures = " ".join(told.failures)[:FAILURES_LENGTH]
        is_news = (row.state, row.failures) != (WipeState.FAILED, failures)
        number = appointment.id if appointment else row.appointment_id
        if is_news:
            _settle(row, WipeState.FAILED, number, now)
            row.failures = failures
            logger.error("kiosk not wiped", kiosk=row.kiosk_id, failures=failures)
        if is_news and appointment is not None:
            tell(
                session,
                Act.WIPE_FAILED,
                appointment,
                actor=actor,
                at=now,
                detail=failures,
            )
    elif told.state != WipeState.CLEAN and row.state == WipeState.FAILED:
        return
    elif told.state == "wiping":
        if row.state != WipeState.OWED:
            number = appointment.id if appointment else row.appointment_id
            _settle(row, WipeState.OWED, number, now)
    elif told.state in (WipeState.CLEAN, WipeState.DELIVERING):
        if row.state != told.state and _has_heard(session, row, told, now):
            number = appointment.id if appointment else None
            _settle(row, WipeState(told.state), number, now)


def _settle(
    row: KioskWipe, state: WipeState, appointment_id: int | None, at: datetime
) -> None:
    row.state, row.appointment_id, row.since = state, appointment_id, at
    row.failures = ""


def _of_kiosk(
    session: Session, kiosk_id: int, appointment_id: int | None
) -> Appointment | None:
    """Give the appointment that a kiosk names, if it is one of its own."""
    if appointment_id is None:
        return None
    found = session.get(Appointment, appointment_id)
    return found if found is not None and found.kiosk_id == kiosk_id else None


def _has_heard(
    session: Session, row: KioskWipe, told: WipeReport, now: datetime
) -> bool:
    """Tell whether the kiosk knew of the call that it owes a wipe for as it said this.

    If not, it does not speak of it: neither while the call is up, nor where it was over before
    these words came. Of that one it proves its wipe besides.
    """
    owed = (
        session.get(Appointment, row.appointment_id)
        if row.appointment_id is not None
        else None
    )
    if owed is None:
        return True
    if owed.state in ON_THE_LINE:
        return False
    return told.appointment == owed.id or owed.state_since <= now - SAID_WITHIN

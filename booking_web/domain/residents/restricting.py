# SPDX-License-Identifier: AGPL-3.0-or-later
"""Restricts a resident's data, and lifts it: what that means is decided in `rights.restriction`.

Both are lines of the journal, and open pages look again. An SMS that still lies in its file is
taken back: nobody writes to who is restricted.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from booking_web.base.sms_spool import SmsSpool
from booking_web.domain.journal.entries import write_down
from booking_web.domain.journal.promises import News
from booking_web.domain.journal.searching import resident_and_doubles
from booking_web.domain.journal.sms_files import remove_sms_files
from booking_web.domain.journal.telling import tell_pages
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.journal_acts import Act
from booking_web.tables.restrictions import Ground, Restriction
from booking_web.tables.states import ON_THE_LINE, OVER


class InCallNow(Exception):
    """Nobody is restricted in a call: what is said and scanned in it is worked with."""


class AlreadyRestricted(Exception):
    """They are; a ground or an end is not changed without lifting it."""


class NotRestricted(LookupError):
    """There is nothing to lift."""


def restrict(
    session: Session,
    resident: Resident,
    ground: Ground,
    ends_when: str,
    *,
    spool: SmsSpool,
    actor: str,
    now: datetime,
) -> None:
    """Restrict the resident, and the doubles that were merged into it.

    Raises InCallNow, AlreadyRestricted and SpoolUnreachable, and then nothing has changed.
    """
    if session.get(Restriction, resident.id) is not None:
        raise AlreadyRestricted
    numbers = resident_and_doubles(session, resident.id)
    appointments = _of(session, numbers)
    if any(each.state in ON_THE_LINE for each in appointments):
        raise InCallNow
    remove_sms_files(session, spool, numbers)
    for number in numbers:
        session.add(
            Restriction(
                resident_id=number,
                ground=ground,
                ends_when=ends_when,
                noted_at=now,
                noted_by=actor,
            )
        )
    session.flush()
    act, detail = Act.RESTRICTED, f"resident {resident.id} {ground}"
    write_down(
        session, act, actor=actor, at=now, detail=detail, resident_id=resident.id
    )
    _have_pages_look(session, appointments, now)


def lift(session: Session, resident: Resident, actor: str, now: datetime) -> None:
    """Have the resident be worked with again; raises NotRestricted."""
    numbers = resident_and_doubles(session, resident.id)
    lifted = session.scalars(
        delete(Restriction)
        .where(Restriction.resident_id.in_(numbers))
        .returning(Restriction.resident_id)
    ).all()
    if not lifted:
        raise NotRestricted
    act, detail = Act.RESTRICTION_LIFTED, f"resident {resident.id}"
    write_down(
        session, act, actor=actor, at=now, detail=detail, resident_id=resident.id
    )
    _have_pages_look(session, _of(session, numbers), now)


def restriction_of(session: Session, resident_id: int) -> Restriction | None:
    """Give the restriction that stands."""
    return session.get(Restriction, resident_id)


def count_restricted(session: Session) -> int:
    """Count the residents who are, each once."""
    query = (
        select(func.count(Restriction.resident_id))
        .join(Resident, Resident.id == Restriction.resident_id)
        .where(Resident.merged_into_id.is_(None))
    )
    return session.scalar(query) or 0


def _of(session: Session, numbers: Sequence[int]) -> Sequence[Appointment]:
    return session.scalars(
        select(Appointment)
        .where(Appointment.resident_id.in_(numbers))
        .order_by(Appointment.id)
        .with_for_update(of=Appointment)
    ).all()


def _have_pages_look(
    session: Session, appointments: Sequence[Appointment], now: datetime
) -> None:
    for each in appointments:
        if each.state not in OVER:
            tell_pages(session, News.RESTRICTION_CHANGED, each, now)

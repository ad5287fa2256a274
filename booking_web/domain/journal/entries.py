# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes the journal's lines: the only module that does.

Of an appointment's acts, `telling.tell` is the way in, which tells them too.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from booking_web.base.plain_inserts import insert_row
from booking_web.domain.journal.origin import origin
from booking_web.domain.journal.promises import TOLD
from booking_web.domain.journal.seals import Line, seal
from booking_web.tables.appointment import JournalEntry
from booking_web.tables.journal_acts import Act
from provisioning.database.engine import SIGNING_KEY


def write_down(
    session: Session,
    act: Act,
    *,
    actor: str,
    at: datetime,
    detail: str = "",
    appointment_id: int | None = None,
    resident_id: int | None = None,
) -> None:
    """Append an act to the journal; `detail` must hold nothing personal."""
    line = Line(
        at=at,
        actor=actor,
        act=act,
        appointment_id=appointment_id,
        resident_id=resident_id,
        origin=origin(),
        detail=detail.strip(),
    )
    row = vars(line) | {"seal": seal(line, session.info.get(SIGNING_KEY, ""))}
    if TOLD[act].at_once:
        insert_row(session, JournalEntry, **row)
    else:
        session.add(JournalEntry(**row))


def write_down_listing(
    session: Session, appointment_ids: Sequence[int], *, actor: str, at: datetime
) -> None:
    """Append to the journal that somebody read whose appointments these are."""
    if not appointment_ids:
        return
    first, last = min(appointment_ids), max(appointment_ids)
    detail = f"{len(appointment_ids)} appointments, {first} to {last}"
    write_down(session, Act.LISTED, actor=actor, at=at, detail=detail)

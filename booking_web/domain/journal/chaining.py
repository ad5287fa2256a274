# SPDX-License-Identifier: AGPL-3.0-or-later
"""Gives each line of the journal its place in the chain, soon after it was committed.

Lines are written by many at once and are not linked as they are written: each would wait for
the one before to be committed. Of several who link, one works at a time.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

import structlog
from sqlalchemy import Row, Select, Table, exists, insert, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from booking_web.base.transactions import DatabaseBusy, in_transaction
from booking_web.domain.journal.seals import (
    BEGINNING,
    Line,
    content_digest,
    link_digest,
)
from booking_web.tables.appointment import JournalEntry
from booking_web.tables.journal_links import JournalLink
from provisioning.database.engine import Database, wait_for_turn

# Any number will do, as long as nobody else takes it.
CHAIN_TURN = 7_201_946
LINES_AT_ONCE = 1000
PAUSE_SECONDS = 0.5
# A line may be committed after others that have higher numbers; hardly so long after.
LATE = timedelta(minutes=10)
# How often all lines are looked through for one that came later still.
WHOLE_EVERY = timedelta(hours=6)
# How often the system's log is told where the chain stands.
TOLD_EVERY = timedelta(hours=1)

ENTRY = cast(Table, JournalEntry.__table__)
LINK = cast(Table, JournalLink.__table__)

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Head:
    """The last link of the chain: what says where it stood."""

    position: int
    digest: str

    def __str__(self) -> str:
        return f"{self.position}:{self.digest}"


class Chain:
    """Links what is not linked yet; keeps in mind where there is nothing left to look for."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._after = 0
        self._seen: tuple[datetime, int] | None = None
        self._looked_at_all: datetime | None = None
        self._told_at: datetime | None = None

    def catch_up(self) -> int:
        """Link every line that is committed by now; give how many there were."""
        now = self._now()
        if self._looked_at_all is None or now - self._looked_at_all >= WHOLE_EVERY:
            self._after, self._looked_at_all = 0, now
        linked, after = 0, self._after
        while True:
            waiting = self._waiting_after(after)
            if not waiting:
                break
            link = partial(self._link, after=after)
            linked += in_transaction(self._database, link)
            after = waiting[-1]
        self._leave_out(now)
        self._tell(now)
        return linked

    def keep_up(self, stop: threading.Event) -> None:
        """Go on until told to stop; a database that does not answer is asked again."""
        while not stop.wait(PAUSE_SECONDS):
            try:
                self.catch_up()
            except (DatabaseBusy, OperationalError):
                logger.warning("journal not linked: the database does not answer")
            except Exception:
                # Nobody else links: what failed is told, and tried again.
                logger.exception("journal not linked")

    def _waiting_after(self, after: int) -> list[int]:
        with self._database.read() as session:
            query = waiting(after).with_only_columns(ENTRY.c.id)
            return list(session.scalars(query.limit(LINES_AT_ONCE)))

    def _link(self, session: Session, after: int) -> int:
        wait_for_turn(session.connection(), CHAIN_TURN)
        rows = session.execute(waiting(after).limit(LINES_AT_ONCE)).all()
        head = head_of(session)
        links = []
        for row in rows:
            line = line_of(row)
            content = content_digest(line, row.seal)
            position, before, key = head.position + 1, head.digest, self._key
            digest = link_digest(before, position, row.id, content, line.term, key)
            head = Head(position, digest)
            links.append(
                {
                    "position": position,
                    "entry_id": row.id,
                    "content": content,
                    "term": line.term,
                    "digest": digest,
                }
            )
        if links:
            session.execute(insert(LINK), links)
        return len(links)

    @property
    def _key(self) -> str:
        return self._database.signing_key

    def _leave_out(self, now: datetime) -> None:
        """Look no more at what was there `LATE` ago: it is linked, or never came to be."""
        if self._seen is not None and now - self._seen[0] < LATE:
            return
        if self._seen is not None:
            self._after = self._seen[1]
        with self._database.read() as session:
            last = session.scalar(
                select(ENTRY.c.id).order_by(ENTRY.c.id.desc()).limit(1)
            )
        self._seen = (now, last or 0)

    def _tell(self, now: datetime) -> None:
        if self._told_at is not None and now - self._told_at < TOLD_EVERY:
            return
        self._told_at = now
        with self._database.read() as session:
            head = head_of(session)
        logger.info("journal linked", position=head.position, digest=head.digest)


def head_of(session: Session) -> Head:
    """Give the last link."""
    query = select(LINK.c.position, LINK.c.digest).order_by(LINK.c.position.desc())
    found = session.execute(query.limit(1)).first()
    return Head(found.position, found.digest) if found else Head(0, BEGINNING)


def waiting_since(session: Session) -> datetime | None:
    """Tell when the oldest of the latest lines was written that have no link yet."""
    last = select(LINK.c.entry_id).order_by(LINK.c.position.desc()).limit(1)
    query = waiting(session.scalar(last) or 0).with_only_columns(ENTRY.c.at)
    since: datetime | None = session.scalar(query.limit(1))
    return since


def waiting(after: int = 0) -> Select[Any]:
    """Start a query of the lines with a higher number that have no link yet, in order."""
    linked = exists().where(LINK.c.entry_id == ENTRY.c.id)
    return select(ENTRY).where(ENTRY.c.id > after, ~linked).order_by(ENTRY.c.id)


def line_of(row: Row[Any]) -> Line:
    """Give what a row of the journal says."""
    return Line(
        at=row.at,
        actor=row.actor,
        act=row.act,
        appointment_id=row.appointment_id,
        resident_id=row.resident_id,
        origin=row.origin,
        detail=row.detail,
    )

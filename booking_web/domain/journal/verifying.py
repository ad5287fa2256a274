# SPDX-License-Identifier: AGPL-3.0-or-later
"""Holds the journal to its chain: what was altered, removed or inserted, and where.

Reads alone. A line that is gone after its term is in order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from booking_web.domain.journal.chaining import (
    ENTRY,
    LINK,
    Head,
    line_of,
    waiting,
)
from booking_web.domain.journal.seals import (
    BEGINNING,
    content_digest,
    has_seal_of,
    link_digest,
)

LINKS_AT_ONCE = 2000
# Lines are linked within a second; so long after, whoever links them is not there.
LINKED_WITHIN = timedelta(minutes=5)
# So many are told of; all are counted.
TOLD_OF = 20


class Wrong(StrEnum):
    """What may be wrong."""

    # It says something else than when it was linked.
    ALTERED = "altered"
    # Its link is another than was made.
    LINK_ALTERED = "link_altered"
    REMOVED = "removed"
    # No program of this site wrote it, or it is there twice.
    INSERTED = "inserted"
    # It waits to be linked for longer than it takes.
    NOT_LINKED = "not_linked"
    # The chain does not reach a head that was kept: an older copy came back, or its end is gone.
    OLDER = "older"
    # It reaches it, and is another one.
    REWRITTEN = "rewritten"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: where in the chain, and with which line."""

    wrong: Wrong
    position: int | None = None
    entry_id: int | None = None


@dataclass
class Verified:
    """How the journal stands."""

    head: Head = field(default_factory=lambda: Head(0, BEGINNING))
    # The lines in the chain; of them those that had their term, and those written before
    # there were seals.
    linked: int = 0
    forgotten: int = 0
    unsealed: int = 0
    waiting: int = 0
    wrong: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.wrong

    @property
    def first(self) -> Finding | None:
        """Give what is wrong first, in the chain's order."""
        in_chain = [each for each in self.findings if each.position is not None]
        by_place = sorted(in_chain, key=lambda each: each.position or 0)
        return next(iter(by_place or self.findings), None)

    @property
    def last_sound(self) -> int:
        """Give the last place of the chain before which nothing is wrong."""
        first = self.first
        if first is None or first.position is None:
            return self.head.position
        return min(first.position - 1, self.head.position)

    def find(self, *finding: Any) -> None:
        """Note what is wrong."""
        self.wrong += 1
        if len(self.findings) < TOLD_OF:
            self.findings.append(Finding(*finding))


def verify(
    session: Session,
    site_keys: Sequence[str],
    now: datetime,
    kept_heads: Sequence[Head] = (),
) -> Verified:
    """Look through the whole journal; `kept_heads` are what it was at former times."""
    verified = Verified()
    _walk(session, verified, site_keys, now)
    _find_copies(session, verified)
    _look_at_waiting(session, verified, site_keys, now)
    for kept in kept_heads:
        _hold_to(session, verified, kept)
    return verified


def _walk(
    session: Session, verified: Verified, site_keys: Sequence[str], now: datetime
) -> None:
    for row in _links(session):
        before = verified.head
        if row.position != before.position + 1:
            verified.find(Wrong.REMOVED, before.position + 1)
        elif row.digest not in (
            link_digest(
                *(before.digest, row.position, row.entry_id, row.content, row.term),
                key,
            )
            for key in site_keys
        ):
            verified.find(Wrong.LINK_ALTERED, row.position, row.entry_id)
        elif wrong := _wrong_with(row, verified, site_keys, now):
            verified.find(wrong, row.position, row.entry_id)
        verified.head = Head(row.position, row.digest)
        verified.linked += 1


def _wrong_with(
    row: Row[Any], verified: Verified, site_keys: Sequence[str], now: datetime
) -> Wrong | None:
    if row.id is None:
        if row.term is None or row.term > now:
            return Wrong.REMOVED
        verified.forgotten += 1
        return None
    line = line_of(row)
    if content_digest(line, row.seal) != row.content:
        return Wrong.ALTERED
    # Before there were seals: such lines come first, before any that has one.
    if not row.seal and verified.linked == verified.unsealed:
        verified.unsealed += 1
        return None
    return None if has_seal_of(line, row.seal, site_keys) else Wrong.INSERTED


def _links(session: Session) -> Iterator[Row[Any]]:
    """Go through the chain in its order, each link with its line where there is one."""
    query = (
        select(LINK, ENTRY)
        .outerjoin(ENTRY, ENTRY.c.id == LINK.c.entry_id)
        .order_by(LINK.c.position)
        .limit(LINKS_AT_ONCE)
    )
    position = 0
    while rows := session.execute(query.where(LINK.c.position > position)).all():
        yield from rows
        position = rows[-1].position


def _find_copies(session: Session, verified: Verified) -> None:
    """Find lines that are there twice, seal and all: a line is never sealed as another."""
    last = func.max(LINK.c.position)
    copies = session.execute(
        select(last)
        .group_by(LINK.c.content)
        .having(func.count() > 1, last > verified.unsealed)
        .order_by(last)
    )
    for (position,) in copies:
        verified.find(Wrong.INSERTED, position)


def _look_at_waiting(
    session: Session, verified: Verified, site_keys: Sequence[str], now: datetime
) -> None:
    oldest = None
    for row in session.execute(waiting()):
        verified.waiting += 1
        line = line_of(row)
        if row.seal and not has_seal_of(line, row.seal, site_keys):
            verified.find(Wrong.INSERTED, None, row.id)
        elif not row.seal and verified.linked > verified.unsealed:
            verified.find(Wrong.INSERTED, None, row.id)
        elif now - row.at > LINKED_WITHIN and oldest is None:
            oldest = row.id
    if oldest is not None:
        verified.find(Wrong.NOT_LINKED, None, oldest)


def _hold_to(session: Session, verified: Verified, kept: Head) -> None:
    if kept.position > verified.head.position:
        verified.find(Wrong.OLDER, verified.head.position + 1)
        return
    query = select(LINK.c.digest).where(LINK.c.position == kept.position)
    digest = BEGINNING if kept.position == 0 else session.scalar(query)
    if digest != kept.digest:
        verified.find(Wrong.REWRITTEN, kept.position)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads the figures of a stretch of days, a line for each week, relay, organisation or reason."""

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from booking_web.domain.statistics.asking import Asked, By
from booking_web.tables.statistics import AppointmentFigures, Result, TravelDistance

F = AppointmentFigures
# What is added up, beside how many there are of each result.
SUMS = (
    "queued",
    "answered_in_time",
    "pages_printed",
    "pages_scanned",
    "useful",
    "useless",
    "resolved",
    "concluded",
)
_KEYS: Mapping[By, InstrumentedAttribute[Any]] = {
    By.WEEK: F.week,
    By.RELAY: F.relay_id,
    By.ORGANISATION: F.organisation_id,
    By.REASON: F.visit_reason_id,
}


@dataclass
class Lengths:
    """Waiting or call times: how many there were of each number of seconds."""

    counts: Counter[int] = field(default_factory=Counter)

    @property
    def number(self) -> int:
        """Tell of how many appointments they are."""
        return self.counts.total()

    def percentile(self, percent: int) -> int | None:
        """Give the smallest that at least so many percent do not exceed; None: of none."""
        needed = self.number * percent
        reached = 0
        for seconds, count in sorted(self.counts.items()):
            reached += count * 100
            if reached >= needed:
                return seconds
        return None


@dataclass
class Line:
    """What happened in a week, at a relay, with an organisation, for a reason; or in all."""

    results: Counter[Result] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)
    waited: Lengths = field(default_factory=Lengths)
    spoken: Lengths = field(default_factory=Lengths)
    # Of honoured ones: both ways by road, and how many of them have a known distance.
    kilometres: int = 0
    measured: int = 0

    @property
    def booked(self) -> int:
        """Tell how many appointments there were."""
        return self.results.total()

    def add(self, other: "Line") -> None:
        """Add another line to this one."""
        self.results.update(other.results)
        self.sums.update(other.sums)
        self.waited.counts.update(other.waited.counts)
        self.spoken.counts.update(other.spoken.counts)
        self.kilometres += other.kilometres
        self.measured += other.measured


@dataclass(frozen=True)
class Read:
    """All lines by their key (a Monday, a number; None: no reason was chosen), and the sum."""

    lines: Mapping[Hashable, Line]
    total: Line


def read_figures(session: Session, asked: Asked, by: By) -> Read:
    """Read the figures of what is asked; whoever asks has narrowed it to what they may see."""
    lines: dict[Hashable, Line] = {}
    key = _KEYS[by]
    _read_counts(session, asked, key, lines)
    for column, name in ((F.waited_seconds, "waited"), (F.call_seconds, "spoken")):
        query = (
            select(key, column, func.count())
            .where(*_conditions(asked), column.is_not(None))
            .group_by(key, column)
        )
        for found, seconds, count in session.execute(query):
            getattr(lines[found], name).counts[seconds] += count
    total = Line()
    for line in lines.values():
        total.add(line)
    return Read(lines, total)


def _read_counts(
    session: Session,
    asked: Asked,
    key: InstrumentedAttribute[Any],
    lines: dict[Hashable, Line],
) -> None:
    is_measured = and_(
        F.result == Result.HONOURED, TravelDistance.kilometres.is_not(None)
    )
    query = (
        select(
            key,
            F.result,
            func.count(),
            func.sum(case((is_measured, 2 * TravelDistance.kilometres), else_=0)),
            func.sum(case((is_measured, 1), else_=0)),
            *(func.sum(getattr(F, name)) for name in SUMS),
        )
        .outerjoin(
            TravelDistance,
            and_(
                TravelDistance.relay_id == F.relay_id,
                TravelDistance.organisation_id == F.organisation_id,
            ),
        )
        .where(*_conditions(asked))
        .group_by(key, F.result)
    )
    for found, result, count, kilometres, measured, *sums in session.execute(query):
        line = lines.setdefault(found, Line())
        line.results[Result(result)] += count
        line.kilometres += kilometres
        line.measured += measured
        line.sums.update(dict(zip(SUMS, sums, strict=True)))


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [F.day.between(asked.first, asked.last)]
    for column, wanted in (
        (F.relay_id, asked.relay_id),
        (F.organisation_id, asked.organisation_id),
        (F.visit_reason_id, asked.visit_reason_id),
    ):
        if wanted is not None:
            conditions.append(column == wanted)
    return conditions

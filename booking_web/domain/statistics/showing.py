# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a page, a spreadsheet or a paper tells of the figures: whole, or masked."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from booking_web.domain.statistics.asking import Asked, By
from booking_web.domain.statistics.masking import (
    FEWEST,
    FEWEST_FOR_THE_LONGEST,
    Count,
    Masking,
    masked_pages,
    roughly,
)
from booking_web.domain.statistics.reading import SUMS, Lengths, Line, Read
from booking_web.domain.statistics.travel import hours_of, kilograms_co2e_of
from booking_web.tables.statistics import Result

BOOKED = "booked"
MEASURED = "measured"
_PAGES = ("pages_printed", "pages_scanned")


@dataclass(frozen=True)
class Span:
    """The usual length of time, and the one that 95 of 100 do not exceed, in seconds."""

    median: int | None
    long: int | None


@dataclass(frozen=True)
class ShownLine:
    """A line as it is told. None is "few" of a count, and "not to be told" of all else."""

    # By BOOKED, MEASURED, each result, and each of what is added up.
    counts: Mapping[str, Count]
    waited: Span
    spoken: Span
    service_percent: float | None
    useful_percent: float | None
    kilometres: Count

    @property
    def hours(self) -> float | None:
        """Tell how long these kilometres would have been driven."""
        return None if self.kilometres is None else hours_of(self.kilometres)

    @property
    def kilograms_co2e(self) -> float | None:
        """Tell what these kilometres would have given off."""
        return None if self.kilometres is None else kilograms_co2e_of(self.kilometres)


@dataclass(frozen=True)
class Shown:
    """Lines in the order of their keys, and all of them together."""

    lines: Sequence[tuple[Hashable, ShownLine]]
    total: ShownLine


def show(
    read: Read, asked: Asked, by: By, keys: Sequence[Hashable], masking: Masking | None
) -> Shown:
    """Tell of these keys, whether something happened there or not."""
    nothing = Line()
    lines = [
        (key, _shown(read.lines.get(key, nothing), _cell(asked, by, key), masking))
        for key in keys
    ]
    return Shown(lines, _shown(read.total, _about(asked), masking))


def _shown(line: Line, about: str, masking: Masking | None) -> ShownLine:
    numbers = {BOOKED: line.booked, MEASURED: line.measured}
    numbers |= {str(each): line.results[each] for each in Result}
    numbers |= {name: line.sums[name] for name in SUMS if name not in _PAGES}
    pages = {name: line.sums[name] for name in _PAGES}
    if masking is None:
        return _told(line, {**numbers, **pages}, line.kilometres)
    told = {
        name: masking.count(number, f"{name}|{about}")
        for name, number in numbers.items()
    }
    is_few = told[str(Result.HONOURED)] is None
    for name, number in pages.items():
        told[name] = None if is_few else masked_pages(number)
    measured = told[MEASURED]
    kilometres = (
        None
        if measured is None
        else roughly(line.kilometres / line.measured * measured)
    )
    return _told(line, told, kilometres, is_masked=True)


def _told(
    line: Line,
    counts: Mapping[str, Count],
    kilometres: Count,
    *,
    is_masked: bool = False,
) -> ShownLine:
    return ShownLine(
        counts=counts,
        waited=_span(line.waited, is_masked=is_masked),
        spoken=_span(line.spoken, is_masked=is_masked),
        service_percent=_percent(counts["answered_in_time"], counts["queued"]),
        useful_percent=_percent(
            counts["useful"], _sum(counts["useful"], counts["useless"])
        ),
        kilometres=kilometres,
    )


def _span(lengths: Lengths, *, is_masked: bool) -> Span:
    number = lengths.number
    if is_masked and number < FEWEST:
        return Span(None, None)
    is_long_told = not is_masked or number >= FEWEST_FOR_THE_LONGEST
    return Span(
        lengths.percentile(50), lengths.percentile(95) if is_long_told else None
    )


def _percent(part: Count, whole: Count) -> float | None:
    if part is None or not whole:
        return None
    return min(100.0, 100 * part / whole)


def _sum(one: Count, other: Count) -> Count:
    return None if one is None or other is None else one + other


def _cell(asked: Asked, by: By, key: Hashable) -> str:
    """Name what a line counts, as another page would that is narrowed to it."""
    if isinstance(key, date):
        return _about(
            replace(
                asked,
                first=max(asked.first, key),
                last=min(asked.last, key + timedelta(days=6)),
            )
        )
    if key is None:
        return f"{_about(asked)}|no reason"
    assert isinstance(key, int)
    match by:
        case By.RELAY:
            return _about(replace(asked, relay_id=key))
        case By.ORGANISATION:
            return _about(replace(asked, organisation_id=key))
        case _:
            return _about(replace(asked, visit_reason_id=key))


def _about(asked: Asked) -> str:
    # A reason is one organisation's: to name both is to name it.
    organisation = None if asked.visit_reason_id else asked.organisation_id
    return (
        f"{asked.first}|{asked.last}|{asked.relay_id}|{organisation}"
        f"|{asked.visit_reason_id}"
    )

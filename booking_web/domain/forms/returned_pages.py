# SPDX-License-Identifier: AGPL-3.0-or-later
"""What came back of what was printed: each scanned page's name, the order, what is missing.

Pure rules over what `pages_seen` saw; the key that seals the marks is needed here alone,
outside the process that opens the scan.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from booking_web.domain.forms.mark import Mark, NotOurs, Printing, opened
from booking_web.domain.forms.pages_seen import CodeSeen, PageSeen


class ReturnedKind(StrEnum):
    """What a scanned page is."""

    EXPECTED = "expected"
    # The same page is there already.
    AGAIN = "again"
    # Of the same draft, but printed before it was changed, or after.
    OTHER_PRINTING = "other_printing"
    # Another form of the same appointment.
    OTHER_FORM = "other_form"
    OTHER_APPOINTMENT = "other_appointment"
    # It bears a mark that looks like ours and is not.
    NOT_OURS = "not_ours"
    # Two different marks: two pages lay on the glass.
    SEVERAL_MARKS = "several_marks"
    # Something is written on it, but no mark is seen: cut off, hidden, or another paper.
    NO_MARK = "no_mark"
    BLANK = "blank"


@dataclass(frozen=True)
class ReturnedPage:
    """A scanned page, counted from 1, and what it is.

    To stand upright the picture is turned clockwise by `turn` (0, 90, 180 or 270 degrees),
    then by `askew` (the rest, from -45 to 45). Both are 0 where no mark tells.
    """

    scanned: int
    kind: ReturnedKind
    mark: Mark | None = None
    turn: int = 0
    askew: float = 0.0
    code: CodeSeen | None = None


@dataclass(frozen=True)
class Returned:
    """What came back of one printing.

    `pages` are as they were scanned; `in_order` are the expected ones as they were printed.
    """

    pages: tuple[ReturnedPage, ...]
    in_order: tuple[ReturnedPage, ...]
    missing: tuple[int, ...]
    twice: tuple[int, ...]

    @property
    def is_complete(self) -> bool:
        """Tell whether each printed page came back."""
        return not self.missing


def sort_out(seen: Sequence[PageSeen], printed: Printing, key: bytes) -> Returned:
    """Tell what each scanned page is, of a printing that is waited for."""
    pages: list[ReturnedPage] = []
    first: dict[int, ReturnedPage] = {}
    twice: set[int] = set()
    for each in seen:
        page = _named(each, printed, key)
        if page.kind is ReturnedKind.EXPECTED and page.mark:
            number = page.mark.page
            if number in first:
                twice.add(number)
                page = replace(page, kind=ReturnedKind.AGAIN)
            else:
                first[number] = page
        pages.append(page)
    return Returned(
        tuple(pages),
        tuple(first[number] for number in sorted(first)),
        tuple(each for each in range(1, printed.pages + 1) if each not in first),
        tuple(sorted(twice)),
    )


def _named(seen: PageSeen, printed: Printing, key: bytes) -> ReturnedPage:
    if seen.is_blank:
        return ReturnedPage(seen.number, ReturnedKind.BLANK)
    if not seen.codes:
        return ReturnedPage(seen.number, ReturnedKind.NO_MARK)
    ours: list[tuple[Mark, CodeSeen]] = []
    for code in seen.codes:
        try:
            ours.append((opened(code.content, key), code))
        except NotOurs:
            continue
    if not ours:
        return ReturnedPage(seen.number, ReturnedKind.NOT_OURS)
    if len({mark for mark, _ in ours}) > 1:
        return ReturnedPage(seen.number, ReturnedKind.SEVERAL_MARKS)
    mark, code = ours[0]
    turn, askew = _turn(code)
    return ReturnedPage(seen.number, _kind(mark, printed), mark, turn, askew, code)


def _kind(mark: Mark, printed: Printing) -> ReturnedKind:
    if mark.printing == printed:
        return ReturnedKind.EXPECTED
    if mark.printing.appointment != printed.appointment:
        return ReturnedKind.OTHER_APPOINTMENT
    if mark.printing.draft != printed.draft:
        return ReturnedKind.OTHER_FORM
    return ReturnedKind.OTHER_PRINTING


def _turn(code: CodeSeen) -> tuple[int, float]:
    """Give how far the page must be turned clockwise: quarters, and the rest."""
    upper_left, upper_right, lower_right, lower_left = code.corners
    # Both horizontal edges together: a corner is known to a pixel only.
    across = upper_right[0] - upper_left[0] + lower_right[0] - lower_left[0]
    down = upper_right[1] - upper_left[1] + lower_right[1] - lower_left[1]
    needed = -math.degrees(math.atan2(down, across))
    quarters = round(needed / 90)
    return quarters * 90 % 360, round(needed - quarters * 90, 1)

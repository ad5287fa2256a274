# SPDX-License-Identifier: AGPL-3.0-or-later
"""What each scanned page is: of which printed form, how to turn it, or why it is none.

Pure rules over what `pages_seen` saw; the key that seals the marks is needed here alone,
outside the process that opens the scan.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from booking_web.domain.forms.mark import Mark, NotOurs, Printing, opened
from booking_web.domain.forms.pages_seen import CodeSeen, PageSeen
from booking_web.tables.printed_forms import ReturnedKind


@dataclass(frozen=True)
class PageNamed:
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


def name_pages(
    seen: Sequence[PageSeen],
    appointment: int,
    printed: Collection[Printing],
    key: bytes,
    likely: Collection[Printing] = (),
) -> list[PageNamed]:
    """Tell what each page of a scan is, of an appointment in which these were printed.

    `likely` are those of which somebody must say whether they are the same resident's.
    """
    return [_named(each, appointment, printed, key, likely) for each in seen]


def _named(
    seen: PageSeen,
    appointment: int,
    printed: Collection[Printing],
    key: bytes,
    likely: Collection[Printing],
) -> PageNamed:
    if seen.is_blank:
        return PageNamed(seen.number, ReturnedKind.BLANK)
    if not seen.codes:
        return PageNamed(seen.number, ReturnedKind.NO_MARK)
    ours: list[tuple[Mark, CodeSeen]] = []
    for code in seen.codes:
        try:
            ours.append((opened(code.content, key), code))
        except NotOurs:
            continue
    if not ours:
        return PageNamed(seen.number, ReturnedKind.NOT_OURS)
    if len({mark for mark, _ in ours}) > 1:
        return PageNamed(seen.number, ReturnedKind.SEVERAL_MARKS)
    mark, code = ours[0]
    turn, askew = _turn(code)
    kind = _kind(mark, appointment, printed, likely)
    return PageNamed(seen.number, kind, mark, turn, askew, code)


def _kind(
    mark: Mark,
    appointment: int,
    printed: Collection[Printing],
    likely: Collection[Printing],
) -> ReturnedKind:
    if mark.printing in printed:
        return ReturnedKind.EXPECTED
    if mark.printing in likely:
        return ReturnedKind.TO_CONFIRM
    if mark.printing.draft in {each.draft for each in printed}:
        return ReturnedKind.OTHER_PRINTING
    if mark.printing.appointment != appointment:
        return ReturnedKind.OTHER_APPOINTMENT
    return ReturnedKind.OTHER_FORM


def _turn(code: CodeSeen) -> tuple[int, float]:
    """Give how far the page must be turned clockwise: quarters, and the rest."""
    upper_left, upper_right, lower_right, lower_left = code.corners
    # Both horizontal edges together: a corner is known to a pixel only.
    across = upper_right[0] - upper_left[0] + lower_right[0] - lower_left[0]
    down = upper_right[1] - upper_left[1] + lower_right[1] - lower_left[1]
    needed = -math.degrees(math.atan2(down, across))
    quarters = round(needed / 90)
    return quarters * 90 % 360, round(needed - quarters * 90, 1)

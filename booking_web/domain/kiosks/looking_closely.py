# SPDX-License-Identifier: AGPL-3.0-or-later
"""How closely the second screen shows a document's page, and which part of it."""

from bisect import bisect_left, bisect_right
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell_pages
from booking_web.domain.kiosks.screen_content import WHOLE, Closer
from booking_web.domain.kiosks.screen_row import row_in_call
from booking_web.tables.appointment import Appointment

# Three times: the letters of a usual page, of 10 points, are read from two metres.
STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
READING = 3.0
# How wide a screen is, by its height, and what is written on a page, by the page's width.
SCREEN = 16 / 9
WRITTEN = 0.83
# A page so much wider than high, such as a card alone, is legible as a whole.
WIDE = 1.5
# So much of what is seen the page is moved at a time: the last line stays in sight.
MOVED = 0.6


class Look(StrEnum):
    """What is asked of it, step by step."""

    CLOSER = "closer"
    FARTHER = "farther"
    WHOLE = "whole"
    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"


_MOVES = {
    Look.UP: (0, -1),
    Look.DOWN: (0, 1),
    Look.LEFT: (-1, 0),
    Look.RIGHT: (1, 0),
}


def opened(width: float, height: float) -> Closer:
    """Give how a page of this shape is shown first: its lines as wide as the screen. Pure.

    It begins at the top, and is no larger than it takes to read it.
    """
    if width >= WIDE * height:
        return WHOLE
    zoom = min(READING, SCREEN * height / width / WRITTEN)
    return regular(Closer(zoom, 0.5, 0.0))


def stepped(closer: Closer, look: Look) -> Closer:
    """Give how it is shown after one step; at the last one, as it is. Pure."""
    if look is Look.WHOLE:
        return WHOLE
    if look in _MOVES:
        across, down = _MOVES[look]
        moved = MOVED / closer.zoom
        x, y = closer.x + across * moved, closer.y + down * moved
        return regular(Closer(closer.zoom, x, y))
    if look is Look.CLOSER:
        index = min(bisect_right(STEPS, closer.zoom), len(STEPS) - 1)
    else:
        index = max(bisect_left(STEPS, closer.zoom) - 1, 0)
    # At first the top of the page: that is where one begins to read.
    y = 0.0 if closer.zoom <= 1 else closer.y
    return regular(Closer(STEPS[index], closer.x, y))


def further(closer: Closer) -> Closer | None:
    """Give what follows for who reads a page from its top; None at its end. Pure."""
    on = stepped(closer, Look.DOWN)
    return None if on == closer else on


def regular(closer: Closer) -> Closer:
    """Give it within the limits: no larger than the last step, no room beside the page."""
    zoom = min(max(closer.zoom, STEPS[0]), STEPS[-1])
    edge = 0.5 / zoom
    x, y = (min(max(each, edge), 1 - edge) for each in (closer.x, closer.y))
    return Closer(round(zoom, 3), round(x, 4), round(y, 4))


def look_closely(
    session: Session, appointment: Appointment, wanted: Closer | Look, now: datetime
) -> bool:
    """Have the screen show the page of its document so, or one step on.

    Works in the caller's writing transaction, the appointment's row locked. Give False
    where no document is shown in a call.
    """
    line = row_in_call(session, appointment)
    if line is None or line.document_id is None:
        return False
    known = Closer(line.zoom, line.zoom_x, line.zoom_y)
    new = stepped(known, wanted) if isinstance(wanted, Look) else regular(wanted)
    if new != known:
        line.zoom, line.zoom_x, line.zoom_y = new.zoom, new.x, new.y
        # A pointer that has gone out of sight would take the page back with it.
        if line.pointer_y is not None and abs(line.pointer_y - new.y) > 0.5 / new.zoom:
            line.pointer_x = line.pointer_y = None
        tell_pages(session, News.MIRRORED, appointment, now)
    return True

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a second screen says that people see on it: nobody else can know."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell_pages
from booking_web.domain.kiosks.screen_content import (
    ScreenContent,
    Sight,
    is_fresh,
    screen_content,
)
from booking_web.domain.kiosks.screen_row import row_in_call
from booking_web.tables.appointment import Appointment

# What is said again within so short a time is not written down again.
_NEWS_AFTER = timedelta(seconds=1)


@dataclass(frozen=True)
class InSight:
    """What people see: the name of a sheet (`ScreenContent.sheet`) or nothing, in a language."""

    sheet: str
    language: str


def is_news(content: ScreenContent, told: InSight, now: datetime) -> bool:
    """Tell whether what a screen says is to be written down."""
    return (
        content.told_at is None
        or now - content.told_at >= _NEWS_AFTER
        or content.language != told.language
        or (_is_it(content, told) and content.sight is not Sight.SEEN)
    )


def note_in_sight(
    session: Session, appointment: Appointment, told: InSight, now: datetime
) -> None:
    """Write down what the screen says; pages hear of it where it differs from before.

    Works in the caller's writing transaction, the appointment's row locked. Outside a call
    nothing is written.
    """
    line = row_in_call(session, appointment)
    if line is None:
        return
    content = screen_content(session, appointment, now)
    is_it = _is_it(content, told)
    was = is_fresh(line.told_at, now), line.told_language
    line.told_at, line.told_language = now, told.language
    if is_it:
        line.seen_at = now
    is_now_seen = is_it and content.sight is not Sight.SEEN
    if is_now_seen or was != (True, told.language):
        tell_pages(session, News.PAGE_SEEN, appointment, now)


def _is_it(content: ScreenContent, told: InSight) -> bool:
    return bool(content.sheet) and content.sheet == told.sheet

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the manager's page shows: the week of each counter, exceptions, holidays."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking_web.domain.places.public_holidays import holidays_of
from booking_web.domain.places.published import Rules
from booking_web.domain.rights.person import Person
from booking_web.pages.manager.forms import RECURRENCES
from booking_web.tables.hours import Closure, Opening
from booking_web.words.dates import brief_date, long_date
from booking_web.words.opening_hours import range_words

HOLIDAYS_AHEAD_DAYS = 366


@dataclass(frozen=True)
class ShownRange:
    """A range as it stands in a cell of the week."""

    opening_id: int
    hours: str
    # How often, from when to when, for whom; empty: each week, for everybody.
    notes: str


@dataclass(frozen=True)
class CounterWeek:
    """One line of the week's table."""

    name: str
    # Seven cells, Monday first.
    days: list[list[ShownRange]]

    @property
    def is_empty(self) -> bool:
        """Tell whether the counter is never open."""
        return not any(self.days)


@dataclass(frozen=True)
class ShownClosure:
    """An exception in words."""

    closure_id: int
    days: str
    hours: str
    label: str
    counter: str


def weeks_of(
    session: Session, acting: Person, today: date, language: str
) -> list[CounterWeek]:
    """Give the week of each counter; ranges that are over are left out."""
    counters = acting.counters(session)
    rows = session.scalars(
        select(Opening)
        .where(
            Opening.counter_id.in_([counter.id for counter in counters]),
            or_(Opening.last_day.is_(None), Opening.last_day >= today),
        )
        .order_by(Opening.opens_minute, Opening.id)
    ).all()
    return [
        CounterWeek(
            counter.name,
            [
                [
                    ShownRange(
                        row.id,
                        range_words(row.opens_minute, row.closes_minute, language),
                        notes_of(row, today),
                    )
                    for row in rows
                    if row.counter_id == counter.id and row.weekdays >> day & 1
                ]
                for day in range(7)
            ],
        )
        for counter in counters
    ]


def notes_of(row: Opening, today: date) -> str:
    """Say what is special of a range: recurrence, first and last day, relay."""
    notes = []
    if row.every_weeks > 1:
        words = dict(RECURRENCES).get(str(row.every_weeks))
        notes.append(str(words) if words else f"1/{row.every_weeks}")
    if row.first_day > today:
        notes.append(gettext("dès le %(day)s", day=brief_date(row.first_day)))
    if row.last_day is not None:
        notes.append(gettext("jusqu'au %(day)s", day=brief_date(row.last_day)))
    if row.relay is not None:
        notes.append(row.relay.name)
    return ", ".join(notes)


def closures_of(
    session: Session, acting: Person, today: date, language: str
) -> list[ShownClosure]:
    """Give the exceptions that are not over, in order of time."""
    rows = session.scalars(
        select(Closure)
        .where(
            Closure.organisation_id == acting.organisation_id,
            Closure.last_day >= today,
        )
        .order_by(Closure.first_day, Closure.id)
    )
    return [closure_words(row, language) for row in rows]


def closure_words(row: Closure, language: str) -> ShownClosure:
    """Put an exception into words."""
    days = long_date(row.first_day)
    if row.last_day != row.first_day:
        days = gettext(
            "du %(first)s au %(last)s",
            first=days,
            last=long_date(row.last_day),
        )
    hours = gettext("toute la journée")
    if row.from_minute is not None and row.until_minute is not None:
        hours = range_words(row.from_minute, row.until_minute, language)
    counter = row.counter.name if row.counter else gettext("tous les guichets")
    return ShownClosure(row.id, days, hours, row.label, counter)


def holidays_ahead(rules: Rules, today: date, language: str) -> list[tuple[date, str]]:
    """Give the public holidays of the year to come."""
    last = today + timedelta(days=HOLIDAYS_AHEAD_DAYS)
    return [
        (day, name)
        for year in range(today.year, last.year + 1)
        for day, name in holidays_of(year, rules.holiday_region, language).items()
        if today <= day < last
    ]

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads from the address of a page of statistics what is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import abort, request
from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.base.local_time import local_day
from booking_web.domain.rights.person import Person
from booking_web.domain.statistics.asking import Asked, By
from booking_web.domain.statistics.subjects import Subject, Subjects, subjects_of
from booking_web.shell.forms.day_and_hour import parsed_day
from booking_web.shell.services import services
from provisioning.directory.usual_time_zone import usual_time_zone

USUAL_WEEKS = 12
_FIRST, _LAST = date(2000, 1, 1), date(2200, 1, 1)
_BY = {"semaine": By.WEEK, "relais": By.RELAY, "organisme": By.ORGANISATION}
_BY |= {"motif": By.REASON}


@dataclass(frozen=True)
class AskedPage:
    """What is asked for, what could be, and what was wrong with the days."""

    asked: Asked
    by: By
    subjects: Subjects
    relay: Subject | None
    organisation: Subject | None
    reason: Subject | None
    today: date
    # As they were typed.
    typed: tuple[str, str]
    fault: str = ""

    def address(self, **changes: str) -> dict[str, str]:
        """Give the values of the page's address, some of them changed; empty: left out."""
        values = {
            "du": self.asked.first.isoformat(),
            "au": self.asked.last.isoformat(),
            "relais": self.relay.slug if self.relay else "",
            "organisme": self.organisation.slug if self.organisation else "",
            "motif": self.reason.slug if self.reason else "",
            "par": next(word for word, by in _BY.items() if by is self.by),
        }
        return {name: value for name, value in (values | changes).items() if value}

    @property
    def stretches(self) -> Sequence[tuple[str, date, date]]:
        """Give stretches of days that are often asked for, each with its words."""
        monday = self.today - timedelta(days=self.today.weekday())
        year = self.today.year
        return [
            (
                gettext("%(number)d dernières semaines", number=weeks),
                monday - timedelta(weeks=weeks - 1),
                self.today,
            )
            for weeks in (4, USUAL_WEEKS)
        ] + [
            (str(year), date(year, 1, 1), self.today),
            (str(year - 1), date(year - 1, 1, 1), date(year - 1, 12, 31)),
        ]

    @property
    def by_words(self) -> Sequence[tuple[str, By]]:
        """Give what lines can stand for, each with its word; a single one tells nothing."""
        return [
            (word, by)
            for word, by in _BY.items()
            if by is self.by or len(self.subjects.of(by)) != 1
        ]


def asked_page(session: Session, person: Person) -> AskedPage:
    """Read the address; what is unknown, or another's, is not found (404)."""
    subjects = subjects_of(session, person)
    relay = _chosen("relais", subjects.relays)
    organisation = _chosen("organisme", subjects.organisations)
    reason = _chosen("motif", subjects.reasons)
    by = _BY.get(request.args.get("par", "semaine"))
    if by is None:
        abort(404)
    zone = ZoneInfo(usual_time_zone(session))
    today = local_day(services().now(), zone)
    typed = (request.args.get("du", ""), request.args.get("au", ""))
    first, last, fault = _days(today, *typed)
    asked = Asked(
        first,
        last,
        relay.id if relay else None,
        organisation.id if organisation else None,
        reason.id if reason else None,
    ).within(person)
    if not fault:
        typed = (first.isoformat(), last.isoformat())
    return AskedPage(
        asked, by, subjects, relay, organisation, reason, today, typed, fault
    )


def _chosen(name: str, subjects: Sequence[Subject]) -> Subject | None:
    slug = request.args.get(name)
    if not slug:
        return None
    found = next((each for each in subjects if each.slug == slug), None)
    if found is None:
        abort(404)
    return found


def _days(today: date, first: str, last: str) -> tuple[date, date, str]:
    """Give the days, and what is wrong with those that were typed."""
    usual = (
        today - timedelta(days=today.weekday(), weeks=USUAL_WEEKS - 1),
        today,
    )
    if not first and not last:
        return *usual, ""
    begins, ends = parsed_day(first), parsed_day(last)
    if begins is None or ends is None:
        return *usual, gettext("Écrivez les deux dates, par exemple 01/09/2026.")
    if not (_FIRST <= begins and ends <= _LAST):
        return *usual, gettext("Ces dates ne sont pas possibles.")
    if begins > ends:
        return *usual, gettext("La première date est après la dernière.")
    try:
        Asked(begins, ends)
    except ValueError:
        return *usual, gettext("Choisissez un an au plus.")
    return begins, ends, ""

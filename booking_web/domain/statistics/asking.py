# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is asked of the figures, and what of it a person may be told."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from booking_web.domain.rights.person import NotVisible, Person

# A year, and the day on which it comes round.
MOST_DAYS = 366


class By(StrEnum):
    """What each line of a table stands for."""

    WEEK = "week"
    RELAY = "relay"
    ORGANISATION = "organisation"
    REASON = "reason"


@dataclass(frozen=True)
class Asked:
    """The stretch of days, both included, and what it is narrowed to; None: to nothing."""

    first: date
    last: date
    relay_id: int | None = None
    organisation_id: int | None = None
    visit_reason_id: int | None = None

    def __post_init__(self) -> None:
        """Refuse (ValueError) what ends before it begins, and more than a year."""
        if not 1 <= self.days <= MOST_DAYS:
            raise ValueError("the stretch must be of a day to a year")

    @property
    def days(self) -> int:
        """Tell how many days they are."""
        return (self.last - self.first).days + 1

    def weeks(self) -> list[date]:
        """List the Mondays of the weeks that it touches."""
        monday = self.first - timedelta(days=self.first.weekday())
        return [
            monday + timedelta(weeks=each)
            for each in range((self.last - monday).days // 7 + 1)
        ]

    def within(self, person: Person) -> "Asked":
        """Narrow it to what the person works for; NotVisible where that is another's."""
        asked = self
        if person.relay_id is not None:
            if self.relay_id not in (None, person.relay_id):
                raise NotVisible
            asked = replace(asked, relay_id=person.relay_id)
        if person.organisation_id is not None:
            if self.organisation_id not in (None, person.organisation_id):
                raise NotVisible
            asked = replace(asked, organisation_id=person.organisation_id)
        return asked

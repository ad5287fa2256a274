# SPDX-License-Identifier: AGPL-3.0-or-later
"""A secretary at the keyboard of the booking form; each key and click is counted."""

from datetime import date
from typing import Any

from sqlalchemy import select

from booking_web.base.clock import utc_now
from booking_web.domain.residents.register import create_resident
from booking_web.tables.hours import Opening
from provisioning.database.engine import Database
from provisioning.database.models import Counter, Organisation, Relay, User

WORKDAYS = 0b11111
KNOWN = "Mme Martine Lefèvre"
NEW = "Mme Jeanne Roy"


class CountedPage:
    """A page of playwright's on which every key and every click counts."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.count = 0

    def type(self, text: str) -> None:
        """Type the text, a key a letter."""
        for letter in text:
            self.press(letter)

    def press(self, key: str) -> None:
        """Press one key."""
        self.page.keyboard.press(key)
        self.count += 1

    def click(self, selector: str) -> None:
        """Click once."""
        self.page.click(selector)
        self.count += 1


def publish_hours(database: Database, organisation: str) -> None:
    """Have every counter of the organisation open on all workdays, morning to evening."""
    with database.write() as session:
        counters = session.scalars(
            select(Counter.id)
            .join(Organisation)
            .where(Organisation.slug == organisation)
        )
        for counter_id in counters:
            session.add(
                Opening(
                    counter_id=counter_id,
                    first_day=date(2020, 1, 1),
                    weekdays=WORKDAYS,
                    every_weeks=1,
                    opens_minute=9 * 60,
                    closes_minute=17 * 60,
                )
            )


def know_resident(database: Database, relay: str, name: str) -> int:
    """Write a resident into the relay's register and give their number."""
    with database.write() as session:
        found = session.scalars(select(Relay).where(Relay.slug == relay)).one()
        secretary = session.scalars(
            select(User).where(User.relay_id == found.id)
        ).first()
        assert secretary is not None
        resident = create_resident(session, found.id, name, secretary.id, utc_now())
        return resident.id


def wait_until_ready(page: Any) -> None:
    """Wait until the form has its behaviour and the focus, and the page its live part."""
    page.locator("html.js #resident_name:focus").wait_for()
    # The deferred scripts have run, and htmx has looked at the page.
    page.wait_for_load_state()


def book_known(page: Any) -> int:
    """Book the first free hour for the resident KNOWN; give the keys and clicks."""
    wait_until_ready(page)
    desk = CountedPage(page)
    desk.type("lef")
    desk.press("Enter")
    return _reason_and_hour(desk)


def book_new(page: Any) -> int:
    """Book the first free hour for the resident NEW; give the keys and clicks."""
    wait_until_ready(page)
    desk = CountedPage(page)
    desk.type(NEW)
    desk.press("Enter")
    return _reason_and_hour(desk)


def _reason_and_hour(desk: CountedPage) -> int:
    # The list of residents takes a moment to come, and then the focus moves on.
    desk.page.locator("#subject-filter:focus").wait_for()
    desk.press("3")
    desk.page.locator("#slot-0").wait_for(state="attached")
    desk.press("Enter")
    desk.press("1")
    desk.press("Enter")
    desk.page.locator(".notice-success").wait_for()
    return desk.count

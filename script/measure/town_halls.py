# SPDX-License-Identifier: AGPL-3.0-or-later
"""Town halls whose secretaries book again and again while something else goes on."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from statistics import quantiles

import requests

from booking_web.domain.journal.live_events import last_event_id
from measure.booking_ground import SECRETARIES, organisation_of, secretary_of
from provisioning.database.engine import Database
from stage.html_forms import Form
from stage.web_browser import WebBrowser, form_with

# Those of a town hall, which ask for the row of each of its bookings.
PAGES_A_TOWN_HALL = 3
BOOKINGS = 100
# Four bookings a second in the whole site.
PAUSE_SECONDS = 0.25
FIRST_HOUR = 8


class TownHall:
    """A secretary who has signed in, and books again and again."""

    def __init__(self, url: str, number: int, password: str) -> None:
        self._browser = WebBrowser(url)
        self._browser.sign_in(secretary_of(number), password)
        self._organisation = organisation_of(number)
        self.cookies = "; ".join(
            f"{name}={value}" for name, value in self._browser.session.cookies.items()
        )
        self._page = self._browser.get("/bureau")
        self._form: Form = form_with(
            self._page, lambda each: "submission" in each.values, "booking"
        )
        self._form.choose("organisation", self._organisation)
        self._booked = 0

    def book(self, day: str) -> float:
        """Book the next free half hour of the day; give the milliseconds that it took."""
        hour, half = divmod(self._booked, 2)
        self._booked += 1
        self._form.values |= {
            "resident_name": f"Mme Bench {self._booked}",
            "when": "at",
            "day": day,
            "hour": f"{FIRST_HOUR + hour:02}:{30 * half:02}",
            "submission": f"{self._organisation}-{id(self)}-{self._booked}",
        }
        started = time.perf_counter()
        answer = self._browser.send(self._page, self._form)
        if not answer.is_redirect:
            raise RuntimeError(f"a booking was refused with {answer.status_code}")
        return (time.perf_counter() - started) * 1000

    def ask_for_changes(self, number: int) -> None:
        """Ask as an open page does that was told of this change."""
        answer = requests.get(
            f"{self._browser.url}/bureau/changements?n={number}",
            headers={"Cookie": self.cookies},
            timeout=60,
        )
        answer.raise_for_status()


def town_halls(url: str, passwords: Mapping[str, str]) -> list[TownHall]:
    """Sign in the secretaries of `booking_ground.inventory`."""
    emails = map(secretary_of, range(SECRETARIES))
    with ThreadPoolExecutor(4) as pool:
        return list(
            pool.map(
                lambda told: TownHall(url, told[0], passwords[told[1]]),
                enumerate(emails),
            )
        )


def bookings_p95(
    halls: Sequence[TownHall], database: Database, days: int, *, has_pages: bool
) -> float:
    """Book at one town hall after the other, so many days from now; give it in milliseconds.

    With `has_pages` its open pages ask for each row.
    """
    day = (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
    times = []
    with ThreadPoolExecutor(PAGES_A_TOWN_HALL) as pages:
        for number in range(BOOKINGS):
            hall = halls[number % len(halls)]
            time.sleep(PAUSE_SECONDS)
            times.append(hall.book(day))
            if has_pages:
                with database.read() as session:
                    told = last_event_id(session)
                for _ in range(PAGES_A_TOWN_HALL):
                    pages.submit(hall.ask_for_changes, told)
    return quantiles(times, n=20)[-1]

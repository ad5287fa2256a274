# SPDX-License-Identifier: AGPL-3.0-or-later
"""live.pages: the memory of the server that holds a thousand open pages, and what they cost.

A booking goes on meanwhile: its 95th percentile beside the pages is told with that of an idle
server. For each booking three pages ask for its row, as those of one town hall would.
"""

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles

import psutil
import requests

from booking_web.domain.journal.live_events import last_event_id
from measure.booking_ground import (
    SECRETARIES,
    BookingGround,
    organisation_of,
    secretary_of,
)
from measure.rows import Figures
from provisioning.database.engine import Database
from stage.html_forms import Form
from stage.live_crowd import LiveCrowd
from stage.site import Site
from stage.web_browser import WebBrowser, form_with

PAGES = 1000
# Those of a town hall, which ask for the row of each of its bookings.
PAGES_A_TOWN_HALL = 3
BOOKINGS = 100
# Four bookings a second in the whole site.
PAUSE_SECONDS = 0.25
FIRST_HOUR = 8
HEARD_SECONDS = 30.0
SECRET_KEY = "a secret of the bench alone"


def measure() -> Figures:
    """Book at an idle server, open the pages, book again, and weigh the live server."""
    with ExitStack() as stack:
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="guichet-live-")
        )
        url = f"sqlite:///{folder}/guichet.db"
        ground = BookingGround(Path(folder), url, url)
        ground.provision()
        site = Site(url, Path(folder), secret_key=SECRET_KEY)
        stack.callback(site.kill)
        site.start()
        database = Database(url)
        stack.callback(database.dispose)
        with ThreadPoolExecutor(4) as pool:
            halls = list(
                pool.map(lambda n: _town_hall(site, ground, n), range(SECRETARIES))
            )
        idle = _p95(halls, database, "idle")
        empty_mb = _megabytes(site)
        cookies = [halls[number % SECRETARIES].cookies for number in range(PAGES)]
        with LiveCrowd(site.url, cookies) as crowd:
            crowd.wait(b"event: hello", HEARD_SECONDS)
            beside = _p95(halls, database, "beside")
            crowd.listen(1)
            full_mb = _megabytes(site)
            told = sum(each.count(b"data: appointment") for each in crowd.received)
    return Figures(
        (full_mb,),
        (),
        (
            f"{PAGES} pages, {empty_mb:.0f} MB without; {told} changes told",
            f"95 of 100 bookings took at most {idle:.0f} ms alone,"
            f" {beside:.0f} ms beside the pages: ratio {beside / idle:.2f}",
        ),
    )


class _TownHall:
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


def _town_hall(site: Site, ground: BookingGround, number: int) -> _TownHall:
    return _TownHall(site.url, number, ground.passwords[secretary_of(number)])


def _p95(halls: list[_TownHall], database: Database, when: str) -> float:
    """Book at one town hall after the other, as its open pages ask for the rows."""
    days = {"idle": 1, "beside": 2}
    day = (datetime.now(UTC) + timedelta(days=days[when])).date().isoformat()
    times = []
    with ThreadPoolExecutor(PAGES_A_TOWN_HALL) as pages:
        for number in range(BOOKINGS):
            hall = halls[number % len(halls)]
            time.sleep(PAUSE_SECONDS)
            times.append(hall.book(day))
            if when == "beside":
                with database.read() as session:
                    told = last_event_id(session)
                for _ in range(PAGES_A_TOWN_HALL):
                    pages.submit(hall.ask_for_changes, told)
    return quantiles(times, n=20)[-1]


def _megabytes(site: Site) -> float:
    used: int = psutil.Process(site.live.pid).memory_info().rss
    return used / 2**20

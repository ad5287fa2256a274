# SPDX-License-Identifier: AGPL-3.0-or-later
"""live.pages: the memory of the server that holds a thousand open pages, and what they cost.

A booking goes on meanwhile: its 95th percentile beside the pages is told with that of an idle
server. For each booking three pages ask for its row, as those of one town hall would.
"""

import tempfile
from contextlib import ExitStack
from pathlib import Path

import psutil

from measure.booking_ground import SECRETARIES, BookingGround
from measure.rows import Figures
from measure.town_halls import bookings_p95, town_halls
from provisioning.database.engine import Database
from stage.live_crowd import LiveCrowd
from stage.site import Site

PAGES = 1000
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
        halls = town_halls(site.url, ground.passwords)
        idle = bookings_p95(halls, database, 1, has_pages=False)
        empty_mb = _megabytes(site)
        cookies = [halls[number % SECRETARIES].cookies for number in range(PAGES)]
        with LiveCrowd(site.url, cookies) as crowd:
            crowd.wait(b"event: hello", HEARD_SECONDS)
            beside = bookings_p95(halls, database, 2, has_pages=True)
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


def _megabytes(site: Site) -> float:
    used: int = psutil.Process(site.live.pid).memory_info().rss
    return used / 2**20

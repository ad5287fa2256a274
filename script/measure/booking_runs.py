# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fifty secretaries book at once, at the product and at its peer in turn."""

import json
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode, urlsplit

from measure.booking_ground import (
    SECRETARIES,
    BookingGround,
    booking_ground,
    organisation_of,
    secretary_of,
)
from measure.booking_load import Load, Measured, Post
from measure.booking_load import __file__ as LOAD_FILE
from measure.rows import Figures
from stage.html_forms import Form
from stage.web_browser import WebBrowser, form_with

RUNS = 5
WARM_UP_RUNS = 1
BOOKINGS_EACH = 6
# Each run books a day of its own.
FIRST_HOUR = 8


class BrowserOfSecretary:
    """A secretary who has signed in and read the page; prepares what they send."""

    def __init__(self, ground: BookingGround, number: int) -> None:
        email = secretary_of(number)
        with WebBrowser(f"http://127.0.0.1:{ground.port}") as browser:
            browser.sign_in(email, ground.passwords[email])
            page = browser.get("/bureau")
            self._cookies = "; ".join(
                f"{name}={value}" for name, value in browser.session.cookies.items()
            )
        self._form: Form = form_with(page, lambda each: "submission" in each.values, "")
        self._form.choose("organisation", organisation_of(number))

    def posts(self, day: str) -> list[Post]:
        """Give the forms of one run: a resident nobody knows, an hour that is free."""
        path = urlsplit(self._form.action).path
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": self._cookies,
        }
        return [
            {
                "path": path,
                "headers": headers,
                "body": urlencode(
                    self._form.values
                    | {
                        "resident_name": f"Mme {_some_name()} {_some_name()}",
                        "when": "at",
                        "day": day,
                        "hour": f"{FIRST_HOUR + each:02}:00",
                        "submission": secrets.token_urlsafe(16),
                    }
                ),
            }
            for each in range(BOOKINGS_EACH)
        ]


def measure_bookings(kind: str, figure: Callable[[Measured], float]) -> Figures:
    """Measure on databases of this kind; `figure` is what is taken of each run."""
    ours: list[float] = []
    peer: list[float] = []
    with tempfile.TemporaryDirectory(prefix="guichet-booking-") as folder:
        directory = Path(folder)
        # PostgreSQL drops root's rights and must reach its own folder.
        directory.chmod(0o711)
        with booking_ground(directory, kind) as ground:
            with ThreadPoolExecutor(4) as pool:
                browsers = list(
                    pool.map(
                        lambda number: BrowserOfSecretary(ground, number),
                        range(SECRETARIES),
                    )
                )
            for run in range(RUNS + WARM_UP_RUNS):
                day = (datetime.now(UTC) + timedelta(days=run + 1)).date().isoformat()
                posts = [browser.posts(day) for browser in browsers]
                measured = [
                    figure(_measured({"port": port, "browsers": posts}))
                    for port in (ground.port, ground.peer_port)
                ]
                if run >= WARM_UP_RUNS:
                    ours.append(measured[0])
                    peer.append(measured[1])
    note = f"{SECRETARIES} secretaries, {BOOKINGS_EACH} bookings each a run, on {kind}"
    return Figures(tuple(ours), tuple(peer), (note,))


def bookings_a_second(measured: Measured) -> float:
    """Give the throughput of a run."""
    return len(measured["answers_ms"]) / measured["seconds"]


def slowest_in_a_hundred_ms(measured: Measured) -> float:
    """Give the time that 99 of 100 answers took at most."""
    return quantiles(measured["answers_ms"], n=100)[98]


def _some_name() -> str:
    """Give a name that nearly nobody else has: three syllables of two letters."""
    return "".join(
        secrets.choice("bcdfgjlmnprstv") + secrets.choice("aeiou") for _ in range(3)
    ).title()


def _measured(load: Load) -> Measured:
    client = subprocess.run(
        [sys.executable, LOAD_FILE],
        input=json.dumps(load),
        capture_output=True,
        text=True,
        check=True,
    )
    measured: Measured = json.loads(client.stdout)
    if measured["refused"]:
        raise RuntimeError(f"bookings were refused: {measured['refused'][:5]}")
    return measured

# SPDX-License-Identifier: AGPL-3.0-or-later
"""booking.beside_apply: what 95 of 100 bookings take at most while 1,000 users are made.

The bookings go on, one after the other, from the start of `guichet-provision apply` to its
end; SQLite, whose one write lock both need.
"""

import http.client
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import quantiles

from measure.booking_ground import BookingGround, booking_ground
from measure.booking_runs import BrowserOfSecretary
from measure.rows import Figures

USERS = 1_000
# A secretary who is quick: the figure is about waiting, not about throughput.
PAUSE_SECONDS = 0.1


def measure() -> Figures:
    """Book while the users are applied, and give the 95th percentile."""
    with tempfile.TemporaryDirectory(prefix="guichet-booking-") as folder:
        directory = Path(folder)
        with booking_ground(directory, "sqlite") as ground:
            browser = BrowserOfSecretary(ground, 0)
            applying = _apply(directory)
            try:
                times_ms = _book_until_it_ends(ground, browser, applying)
            finally:
                applying.kill()
                applying.wait()
    note = f"{len(times_ms)} bookings while {USERS} users were made"
    return Figures((quantiles(times_ms, n=20)[18],), (), (note,))


def _apply(directory: Path) -> subprocess.Popen[bytes]:
    inventory = directory / "users.toml"
    inventory.write_text(
        "\n".join(
            f'[[users]]\nemail = "user-{number}@bench.example"\nname = "{number}"\n'
            'role = "secretary"\nrelay = "relay-01"'
            for number in range(USERS)
        )
    )
    return subprocess.Popen(
        [str(Path(sys.executable).with_name("guichet-provision"))]
        + ["--database-url", f"sqlite:///{directory}/ours.db", "apply", str(inventory)]
        + ["--secrets-dir", str(directory / "new-secrets")],
        stdout=subprocess.DEVNULL,
    )


def _book_until_it_ends(
    ground: BookingGround,
    browser: BrowserOfSecretary,
    applying: subprocess.Popen[bytes],
) -> list[float]:
    times_ms: list[float] = []
    connection = http.client.HTTPConnection("127.0.0.1", ground.port, timeout=60)
    for ahead in count(1):
        day = (datetime.now(UTC) + timedelta(days=ahead % 300 + 1)).date().isoformat()
        for post in browser.posts(day):
            if applying.poll() is not None:
                if applying.returncode:
                    raise RuntimeError(f"apply ended with {applying.returncode}")
                return times_ms
            sent_at = time.perf_counter()
            connection.request("POST", post["path"], post["body"], post["headers"])
            answer = connection.getresponse()
            answer.read()
            times_ms.append((time.perf_counter() - sent_at) * 1000)
            # An hour that is taken by now is told as quickly.
            if answer.status not in (302, 303, 409):
                raise RuntimeError(f"a booking was answered {answer.status}")
            time.sleep(PAUSE_SECONDS)
    return times_ms

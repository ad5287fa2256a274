# SPDX-License-Identifier: AGPL-3.0-or-later
"""live.pages.idle: what a thousand open pages on which nothing happens add to a whole site.

By HTTPS, through the front, as an installed site has them. The peer is a bare nginx before a
program that only beats, with as many lines.
"""

import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from measure.bare_streams import BareStreams
from measure.booking_ground import SECRETARIES, BookingGround, secretary_of
from measure.rows import Figures
from provisioning.asterisk.certificates import ensure_certificates
from stage.live_crowd import LiveCrowd
from stage.processes import Program
from stage.site import Site
from stage.web_browser import WebBrowser

PAGES = 1000
HEARD_SECONDS = 60.0
# Two beats of every line.
WINDOW_SECONDS = 30.0
SECRET_KEY = "a secret of the bench alone"


@dataclass(frozen=True)
class Cost:
    """What some programs cost: memory of theirs without and with the pages, and their CPU."""

    empty_mb: float
    full_mb: float
    cpu_percent: float

    @property
    def added_mb(self) -> float:
        """Give what the pages added."""
        return self.full_mb - self.empty_mb

    def in_words(self, whose: str) -> str:
        """Say it in a sentence."""
        return (
            f"{whose}: {self.full_mb:.0f} MB with {PAGES} pages, {self.empty_mb:.0f} MB"
            f" without, {self.cpu_percent:.1f} % of one core meanwhile"
        )


def measure() -> Figures:
    """Weigh a whole site, then the bare programs, each with the pages and without."""
    with tempfile.TemporaryDirectory(prefix="guichet-idle-") as made:
        folder = Path(made)
        tls = folder / "tls"
        ensure_certificates(tls, ["127.0.0.1"])
        with ExitStack() as stack:
            ours = _of_site(folder, tls, stack)
        with ExitStack() as stack:
            peer = _of_bare(folder, tls, stack)
    return Figures(
        (ours.added_mb,),
        (peer.added_mb,),
        (
            ours.in_words("front, pages and live server"),
            peer.in_words("bare nginx and what beats behind it"),
        ),
    )


def _of_site(folder: Path, tls: Path, stack: ExitStack) -> Cost:
    url = f"sqlite:///{folder}/guichet.db"
    ground = BookingGround(folder, url, url)
    ground.provision()
    site = Site(url, folder, secret_key=SECRET_KEY, tls=tls)
    stack.callback(site.kill)
    site.start()
    readers = [_cookies(site, ground, number) for number in range(SECRETARIES)]
    cookies = [readers[number % SECRETARIES] for number in range(PAGES)]
    return _cost(site.url, cookies, site.programs, tls)


def _of_bare(folder: Path, tls: Path, stack: ExitStack) -> Cost:
    beside = folder / "bare"
    beside.mkdir()
    bare = BareStreams(beside, tls, psutil.cpu_count() or 1, stack)
    return _cost(bare.url, [""] * PAGES, bare.programs, tls)


def _cookies(site: Site, ground: BookingGround, number: int) -> str:
    email = secretary_of(number)
    with WebBrowser(site.url, site.authority) as browser:
        browser.sign_in(email, ground.passwords[email])
        kept = browser.session.cookies.items()
        return "; ".join(f"{name}={value}" for name, value in kept)


def _cost(
    url: str, cookies: Sequence[str], programs: Sequence[Program], tls: Path
) -> Cost:
    empty_mb = _megabytes(programs)
    with LiveCrowd(url, cookies, authority=str(tls / "ca.pem")) as crowd:
        crowd.wait(b"event: hello", HEARD_SECONDS)
        began_at, spent = time.monotonic(), _cpu_seconds(programs)
        crowd.listen(WINDOW_SECONDS)
        seconds = time.monotonic() - began_at
        spent = _cpu_seconds(programs) - spent
        return Cost(empty_mb, _megabytes(programs), 100 * spent / seconds)


def _megabytes(programs: Sequence[Program]) -> float:
    """Sum what each process has for itself and its part of what they share."""
    used = [each.memory_full_info().pss for each in _processes(programs)]
    return float(sum(used)) / 2**20


def _cpu_seconds(programs: Sequence[Program]) -> float:
    times = [each.cpu_times() for each in _processes(programs)]
    return float(sum(each.user + each.system for each in times))


def _processes(programs: Sequence[Program]) -> list[psutil.Process]:
    found = []
    for program in programs:
        process = psutil.Process(program.pid)
        found += [process, *process.children(recursive=True)]
    return found

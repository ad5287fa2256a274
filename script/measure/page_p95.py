# SPDX-License-Identifier: AGPL-3.0-or-later
"""page.p95: the desk's page beside two hundred calls, and the same page beside none."""

import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from statistics import quantiles

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.transactions import in_transaction
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.orders import BookingOrder
from booking_web.domain.appointments.rules import Hours
from measure.bare_ami import BareAmi
from measure.bare_call import BareCall
from measure.bench_system import BenchSystem
from measure.inventory import SECRETARY, Crowd, burst_organisation, relay_of
from measure.rows import Figures
from provisioning.database.models import User
from stage.waiting import wait_for
from stage.web_browser import WebBrowser

CROWD = Crowd(200)
RUNS = 3
PAGES = 100
ROWS_OF_THE_DAY = 40
ROW_MINUTES = 15
# A region's calls do not begin in one second.
CALLS_A_SECOND = 20
UP_SECONDS = 60.0


def measure() -> Figures:
    """Ask for the page without a call, then with two hundred that hear music in a queue."""
    with ExitStack() as stack:
        system = stack.enter_context(BenchSystem(CROWD))
        system.stage.start("web")
        system.start_crowd()
        _fill_the_day(system)
        sender = stack.enter_context(BareAmi(system.ami, events=False))
        browser = stack.enter_context(WebBrowser(system.stage.url))
        browser.sign_in(SECRETARY, system.stage.passwords()[SECRETARY])
        _p95(browser)
        alone = tuple(_p95(browser) for _ in range(RUNS))
        _call_everybody(system, sender)
        beside = tuple(_p95(browser) for _ in range(RUNS))
        up = _calls_up(system)
        sender.send(Action="Hangup", Channel="/^PJSIP/kiosk-crowd-/")
        system.stage.asterisk.wait_idle(UP_SECONDS)
    note = f"a day of {ROWS_OF_THE_DAY} rows; {up} calls were up at the end"
    return Figures(beside, alone, (note,))


def _p95(browser: WebBrowser) -> float:
    times = []
    for _ in range(PAGES):
        started = time.perf_counter()
        browser.get("/bureau")
        times.append((time.perf_counter() - started) * 1000)
    return quantiles(times, n=20)[-1]


def _fill_the_day(system: BenchSystem) -> None:
    database = system.stage.database()
    kiosk = CROWD.kiosks()[0]
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

    def work(session: Session) -> None:
        user_id = session.scalars(select(User.id).where(User.email == SECRETARY)).one()
        for number in range(ROWS_OF_THE_DAY):
            request = BookingOrder(
                token=f"row-{number}",
                user_id=user_id,
                relay=relay_of(kiosk),
                organisation=burst_organisation(number),
                resident_name=f"Mme Bench {number}",
                starts_at=midnight + timedelta(minutes=ROW_MINUTES * number),
                minutes=ROW_MINUTES,
                hours=Hours.AGREED,
            )
            book(session, request, midnight)

    in_transaction(database, work)
    database.dispose()


def _call_everybody(system: BenchSystem, sender: BareAmi) -> None:
    for number, kiosk in enumerate(CROWD.kiosks()):
        BareCall(number, kiosk, burst_organisation(number)).originate(sender)
        time.sleep(1 / CALLS_A_SECOND)
    wanted = len(CROWD.kiosks())
    wait_for(lambda: _calls_up(system) >= wanted, "every call is up", UP_SECONDS)


def _calls_up(system: BenchSystem) -> int:
    lines = system.stage.asterisk.cli("core show channels concise").splitlines()
    return sum(line.startswith("PJSIP/kiosk-crowd-") for line in lines)

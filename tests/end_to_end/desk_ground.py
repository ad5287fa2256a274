# SPDX-License-Identifier: AGPL-3.0-or-later
"""A whole system in which counsellors telephone in a browser, and what tests of it do and count.

Chromium has a camera and a microphone of its own. Pictures are counted at both ends.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Error, Page
from sqlalchemy import delete
from sqlalchemy.orm import Session

from booking_web.shell.doorbell import Doorbell
from booking_web.tables.appointment import Appointment
from booking_web.tables.rate_limits import RateLimit
from stage.appointments import AppointmentBook, put_appointment
from stage.browser_desk import BrowserDesks, expect_state, pictures_seen
from stage.chromium import CHROMIUM
from stage.stack import ASTERISK_FILE, Stage
from stage.story import COUNSELLOR, COUNSELLORS_ACCOUNT, KIOSK
from stage.waiting import wait_for

# What a module with calls in the browser carries.
CALLS_IN_A_BROWSER = [
    pytest.mark.real,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium"),
    pytest.mark.skipif(not ASTERISK_FILE.exists(), reason="no Asterisk"),
]

ACCOUNT = COUNSELLORS_ACCOUNT
SERVICE = "mission-locale-thierache"
INTERPRETER = "counsellor-mission-locale-thierache-1"
INTERPRETERS_ACCOUNT = "conseiller@mission-locale-thierache.example"
# Whose telephone is a page, with their account; and so is the MSA's colleague's.
TELEPHONES = {COUNSELLOR: ACCOUNT, INTERPRETER: INTERPRETERS_ACCOUNT}
PARTS = ("asterisk", "web", "live", "front", "dispatcher", KIOSK)
PICTURES = 10
PATIENT_SECONDS = 120

Result = TypeVar("Result")


def write(stage: Stage, work: Callable[[Session], Result]) -> Result:
    """Do the work in the stage's database, and have it looked at."""
    database = stage.database()
    try:
        with database.write() as session:
            result = work(session)
    finally:
        database.dispose()
    Doorbell(str(stage.directory / "doorbell.sock")).ring()
    return result


def call_for(stage: Stage, **values: Any) -> int:
    """Have the kiosk called for a resident who is there; give the appointment."""
    return write(
        stage,
        lambda session: put_appointment(
            session, KIOSK, "msa", call_is_requested=True, **values
        ),
    )


def appointment_of(stage: Stage, number: int) -> Appointment:
    """Give the appointment as it is now."""
    database = stage.database()
    try:
        with database.read() as session:
            return session.get_one(Appointment, number)
    finally:
        database.dispose()


def state_of(stage: Stage, appointment: int) -> str:
    """Give the appointment's state."""
    return str(appointment_of(stage, appointment).state)


def wait_for_state(stage: Stage, appointment: int, state: str) -> None:
    """Return once the appointment is in that state: its page may know it earlier."""
    wait_for(lambda: state_of(stage, appointment) == state, f"it is {state}")


def is_kept(stage: Stage, appointment: int) -> bool:
    """Tell whether the appointment's call waits for its counsellor's page."""
    return appointment_of(stage, appointment).kept_since is not None


def begin_call(stage: Stage, page: Page) -> int:
    """Have somebody called, answer, and return once pictures move; give the appointment."""
    appointment = call_for(stage)
    expect_state(page, "ringing")
    press(page, "answer")
    expect_state(page, "in_call")
    wait_for_pictures(stage, page)
    wait_for_state(stage, appointment, "in_call")
    return appointment


def end_call(stage: Stage, page: Page, appointment: int) -> None:
    """Hang up, from the page: the call is over, and was not cut."""
    press(page, "leave")
    press(page, "now")
    expect_state(page, "waiting")
    wait_for_state(stage, appointment, "done")
    stage.asterisk.wait_idle()


def leave_no_call(stage: Stage, desks: BrowserDesks) -> None:
    """Have every call end, and every page: the next test begins as the first one did."""
    database = stage.database()
    AppointmentBook(database).close_all()
    # Whoever opens their page for each of these tests would have opened it too often.
    with database.write() as session:
        session.execute(delete(RateLimit))
    database.dispose()
    if stage.asterisk.program.is_running:
        # Of a page that closes in its call the call would be kept for a while.
        stage.asterisk.cli("channel request hangup all")
    desks.close_all()
    if stage.asterisk.program.is_running:
        stage.asterisk.wait_idle()


def pictures_at_kiosk(stage: Stage) -> int:
    """Count the counsellor's pictures that the kiosk drew in its call."""
    video = (stage.kiosk(KIOSK).call() or {}).get("video") or {}
    return int(video.get("frames_decoded", 0))


def wait_for_pictures(stage: Stage, page: Page, pictures: int = PICTURES) -> None:
    """Return once so many more came at each end."""
    here, there = pictures_seen(page), pictures_at_kiosk(stage)
    wait_for(
        lambda: (
            pictures_seen(page) >= here + pictures
            and pictures_at_kiosk(stage) >= there + pictures
        ),
        "pictures move both ways",
        PATIENT_SECONDS,
        0.05,
    )


def crash(page: Page) -> None:
    """End the process that draws the page, as a lack of memory would."""
    with suppress(Error):
        page.goto("chrome://crash", timeout=5_000)


def dossier(page: Page) -> str:
    """Give where the frame is."""
    path: str = page.evaluate("frames.dossier.location.pathname")
    return path


def press(page: Page, act: str) -> None:
    """Press a key of the desk."""
    page.locator(f"[data-act={act}]").click()

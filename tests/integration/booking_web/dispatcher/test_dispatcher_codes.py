# SPDX-License-Identifier: AGPL-3.0-or-later
"""A button of the console reaches the kiosk as digits, on the real Asterisk."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from booking_web.domain.kiosks.orders import cancel_jobs, prepare_job
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import JobOrder, Operation
from booking_web.tables.documents import CodeToPlay
from booking_web.tables.states import AppointmentState as S
from stage.appointments import AppointmentBook
from stage.endpoint import Endpoint
from stage.stack import Stage
from stage.waiting import wait_for

pytestmark = pytest.mark.real

KIOSK, ORGANISATION = "kiosk-wassigny", "msa"


def press_scan_and_cancel(stage: Stage, number: int) -> None:
    """Press two buttons at once, as the console does."""
    database = stage.database()
    with database.write() as session:
        appointment = session.get_one(Appointment, number)
        now = datetime.now(UTC)
        order = JobOrder(operation=Operation.SCAN)
        prepare_job(session, appointment, order, "user:1", now)
        cancel_jobs(session, appointment, "user:1", now)
    database.dispose()


def outcomes(stage: Stage, number: int) -> list[str]:
    database = stage.database()
    with database.read() as session:
        query = select(CodeToPlay.outcome).where(CodeToPlay.appointment_id == number)
        found = list(session.scalars(query.order_by(CodeToPlay.id)))
    database.dispose()
    return found


def test_two_buttons_are_two_codes_one_after_the_other_and_each_once(
    dispatched: Stage, book: AppointmentBook, kiosk: Endpoint, counsellor: Endpoint
) -> None:
    number = book.put(KIOSK, ORGANISATION)
    book.wait(number, S.IN_CALL)
    press_scan_and_cancel(dispatched, number)
    wait_for(
        lambda: outcomes(dispatched, number) == ["played", "played"], "codes keyed"
    )
    # A dispatcher that starts again keys nothing a second time.
    dispatched.restart("dispatcher")
    wait_for(lambda: digits(kiosk) == "*71#*0#", "digits heard")
    counsellor.order("hangup")
    book.wait(number, S.DONE)
    assert outcomes(dispatched, number) == ["played", "played"]


def digits(kiosk: Endpoint) -> str:
    call = kiosk.call()
    return call["digits_received"] if call else ""

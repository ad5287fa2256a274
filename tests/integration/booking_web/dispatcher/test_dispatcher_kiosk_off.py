# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk that is switched off: within 15 s the secretary knows, and nothing rings on."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from booking_web.tables.states import AppointmentState as S
from stage.appointments import AppointmentBook
from stage.endpoint import Endpoint
from stage.stack import Stage
from stage.waiting import wait_for

pytestmark = pytest.mark.real

KIOSK, ORGANISATION = "kiosk-wassigny", "msa"
# What secretaries are promised, on a machine that has nothing else to do.
LIMIT_SECONDS = 15.0


@pytest.fixture
def frozen(asterisk_stage: Stage, kiosk: Endpoint) -> Iterator[None]:
    """Freeze the kiosk: registered, and dead for whoever calls it."""
    pid = kiosk.program.pid
    os.kill(pid, signal.SIGSTOP)
    yield
    # Thawed, it would answer the call of a while ago, and be busy for the next test.
    asterisk_stage.restart(KIOSK)


def test_a_kiosk_that_is_not_registered_is_unreachable_at_once(
    dispatched: Stage, book: AppointmentBook
) -> None:
    dispatched.stop(KIOSK)
    wait_for(lambda: not dispatched.asterisk.is_registered(KIOSK), "it is gone")
    number = book.put(KIOSK, ORGANISATION)
    book.wait(number, S.UNREACHABLE, "kiosk_offline", LIMIT_SECONDS)
    assert dispatched.asterisk.channels() == []
    dispatched.start(KIOSK)
    book.change(number, state=S.ARRIVED, call_requested_at=datetime.now(UTC))
    book.wait(number, S.QUEUED)


@pytest.mark.usefixtures("frozen")
def test_a_kiosk_that_is_registered_but_dead_is_unreachable_in_time(
    dispatched: Stage, book: AppointmentBook
) -> None:
    number = book.put(KIOSK, ORGANISATION)
    book.wait(number, S.CALLING)
    book.wait(number, S.UNREACHABLE, "kiosk_silent", LIMIT_SECONDS)
    dispatched.asterisk.wait_idle()

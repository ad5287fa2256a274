# SPDX-License-Identifier: AGPL-3.0-or-later
"""The dispatcher killed (kill -9) in each state: afterwards the appointment is where
Asterisk says it is, and the kiosk was called once.
"""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from booking_web.tables.states import AppointmentState as S
from stage.ami import BareAmi
from stage.appointments import AppointmentBook
from stage.endpoint import Endpoint
from stage.stack import Stage
from stage.waiting import wait_for

pytestmark = pytest.mark.real

KIOSK, ORGANISATION = "kiosk-wassigny", "msa"
COUNSELLOR = "counsellor-msa-1"


def calls_to_kiosk(ami: BareAmi) -> list[str]:
    """Name the calls that ever rang the kiosk since the test began."""
    ami.action("Ping")
    return [
        event["Uniqueid"]
        for event in ami.events
        if event.get("Event") == "Newchannel"
        and event["Channel"].startswith(f"PJSIP/{KIOSK}-")
    ]


def test_killed_before_the_hour_it_calls_once_it_is_back(
    dispatched: Stage,
    book: AppointmentBook,
    ami: BareAmi,
    kiosk: Endpoint,
    counsellor: Endpoint,
) -> None:
    due = datetime.now(UTC) + timedelta(seconds=0.5)
    number = book.put(KIOSK, ORGANISATION, starts_at=due)
    dispatched.kill("dispatcher")
    wait_for(lambda: datetime.now(UTC) > due, "the hour is past")
    assert book.told(number) == ("arrived", "")
    dispatched.start("dispatcher")
    book.wait(number, S.IN_CALL)
    assert calls_to_kiosk(ami) == [f"gv-{number}-1"]


@pytest.fixture
def slow_kiosk(kiosk: Endpoint) -> Iterator[int]:
    """Give the process of a kiosk that is called and does not answer until continued."""
    pid = kiosk.program.pid
    os.kill(pid, signal.SIGSTOP)
    yield pid
    os.kill(pid, signal.SIGCONT)


def test_killed_while_the_kiosk_rings_it_finds_the_call_in_the_queue(
    dispatched: Stage, book: AppointmentBook, ami: BareAmi, slow_kiosk: int
) -> None:
    dispatched.stop(COUNSELLOR)
    number = book.put(KIOSK, ORGANISATION)
    ami.wait_event("DialBegin")
    assert book.told(number) == ("calling", "")
    dispatched.kill("dispatcher")
    os.kill(slow_kiosk, signal.SIGCONT)
    ami.wait_event("QueueCallerJoin")
    assert book.told(number) == ("calling", "")
    dispatched.start("dispatcher")
    book.wait(number, S.QUEUED)
    assert calls_to_kiosk(ami) == [f"gv-{number}-1"]


def test_killed_while_the_resident_waits_it_sees_the_counsellor_answer(
    dispatched: Stage, book: AppointmentBook, ami: BareAmi, kiosk: Endpoint
) -> None:
    dispatched.stop(COUNSELLOR)
    number = book.put(KIOSK, ORGANISATION)
    book.wait(number, S.QUEUED)
    dispatched.kill("dispatcher")
    dispatched.start("dispatcher")
    dispatched.start(COUNSELLOR)
    book.wait(number, S.IN_CALL)
    assert book.periods(number)[-1].counsellor_id is not None
    assert calls_to_kiosk(ami) == [f"gv-{number}-1"]


def test_killed_in_the_call_it_sees_its_end(
    dispatched: Stage,
    book: AppointmentBook,
    ami: BareAmi,
    kiosk: Endpoint,
    counsellor: Endpoint,
) -> None:
    number = book.put(KIOSK, ORGANISATION)
    book.wait(number, S.IN_CALL)
    dispatched.kill("dispatcher")
    dispatched.start("dispatcher")
    assert book.told(number) == ("in_call", "")
    counsellor.order("hangup")
    book.wait(number, S.DONE)
    assert calls_to_kiosk(ami) == [f"gv-{number}-1"]


@pytest.mark.parametrize("killed_in", [S.QUEUED, S.IN_CALL])
def test_a_call_that_ended_while_it_was_dead_is_done(
    dispatched: Stage,
    book: AppointmentBook,
    ami: BareAmi,
    kiosk: Endpoint,
    killed_in: S,
) -> None:
    if killed_in is S.QUEUED:
        dispatched.stop(COUNSELLOR)
    else:
        dispatched.start(COUNSELLOR)
    number = book.put(KIOSK, ORGANISATION)
    book.wait(number, killed_in)
    dispatched.kill("dispatcher")
    dispatched.start(COUNSELLOR)
    ami.wait_event("AgentConnect")
    dispatched.counsellor(COUNSELLOR).order("hangup")
    dispatched.asterisk.wait_idle()
    assert book.told(number) == (killed_in, "")
    dispatched.start("dispatcher")
    book.wait(number, S.DONE)
    assert calls_to_kiosk(ami) == [f"gv-{number}-1"]


def test_a_resident_who_left_while_it_was_dead_is_interrupted(
    dispatched: Stage, book: AppointmentBook, ami: BareAmi, kiosk: Endpoint
) -> None:
    dispatched.stop(COUNSELLOR)
    number = book.put(KIOSK, ORGANISATION)
    book.wait(number, S.QUEUED)
    dispatched.kill("dispatcher")
    dispatched.stop(KIOSK)
    dispatched.asterisk.wait_idle()
    dispatched.start("dispatcher")
    book.wait(number, S.INTERRUPTED, "resident_left")
    assert calls_to_kiosk(ami) == [f"gv-{number}-1"]


def test_an_intent_written_down_but_never_placed_is_not_placed_again(
    dispatched: Stage, book: AppointmentBook, ami: BareAmi, kiosk: Endpoint
) -> None:
    dispatched.kill("dispatcher")
    number = book.put(KIOSK, ORGANISATION)
    book.change(number, state=S.CALLING, call=f"gv-{number}-1", attempt=1)
    dispatched.start("dispatcher")
    book.wait(number, S.INTERRUPTED, "dispatcher_lost")
    assert calls_to_kiosk(ami) == []

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Asterisk killed (kill -9) under the dispatcher: what was on the line is interrupted, and
once Asterisk is back the same appointment can be called again.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from booking_web.tables.states import AppointmentState as S
from stage.appointments import AppointmentBook
from stage.stack import ASTERISK_FILE, Stage, StageOptions
from stage.waiting import wait_for

pytestmark = pytest.mark.real

KIOSK, COUNSELLOR, ORGANISATION = "kiosk-wassigny", "counsellor-msa-1", "msa"
NOTICED_WITHIN_SECONDS = 3.0


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """Give a system of this module's own, whose Asterisk may be killed."""
    if not ASTERISK_FILE.exists():
        pytest.skip("no Asterisk here: run script/setup")
    directory = Path(tempfile.mkdtemp(prefix="guichet-test-"))
    try:
        with Stage(directory, StageOptions(provisions_in_process=True)) as stage:
            stage.prepare()
            stage.start("asterisk", "dispatcher", KIOSK, COUNSELLOR)
            yield stage
    finally:
        shutil.rmtree(directory)


@pytest.fixture
def book(stage: Stage) -> Iterator[AppointmentBook]:
    """Give the appointments of a system in which everything runs and nothing is up."""
    stage.start("asterisk", "dispatcher", KIOSK, COUNSELLOR)
    wait_registered(stage)
    # An endpoint notices only by the silence that its call died with Asterisk.
    for endpoint in (stage.kiosk(KIOSK), stage.counsellor(COUNSELLOR)):
        wait_for(lambda: endpoint.call() is None, f"{endpoint.slug} is free")
    database = stage.database()
    yield AppointmentBook(database)
    AppointmentBook(database).close_all()
    stage.asterisk.cli("channel request hangup all")
    database.dispose()


def wait_registered(stage: Stage) -> None:
    for slug in (KIOSK, COUNSELLOR):
        wait_for(lambda: stage.asterisk.is_registered(slug), f"{slug} is back")


def test_a_call_that_died_with_asterisk_is_interrupted_and_can_be_called_again(
    stage: Stage, book: AppointmentBook
) -> None:
    number = book.put(KIOSK, ORGANISATION)
    book.wait(number, S.IN_CALL)
    stage.kill("asterisk")
    # While it is still away: nobody listens at its door any more.
    book.wait(number, S.INTERRUPTED, "asterisk_lost")
    stage.start("asterisk")
    wait_registered(stage)
    kiosk = stage.kiosk(KIOSK)
    wait_for(lambda: kiosk.call() is None, "the kiosk has given up")
    book.change(number, state=S.ARRIVED, call_requested_at=datetime.now(UTC))
    book.wait(number, S.IN_CALL, timeout_seconds=30)


def test_a_call_lost_while_both_were_dead_is_interrupted(
    stage: Stage, book: AppointmentBook
) -> None:
    number = book.put(KIOSK, ORGANISATION)
    book.wait(number, S.IN_CALL)
    stage.kill("dispatcher")
    stage.kill("asterisk")
    stage.start("asterisk")
    assert book.told(number) == ("in_call", "")
    stage.start("dispatcher")
    book.wait(number, S.INTERRUPTED, "asterisk_lost")


def test_what_falls_due_while_asterisk_is_away_is_called_when_the_kiosk_is_back(
    stage: Stage, book: AppointmentBook
) -> None:
    stage.kill("asterisk")
    number = book.put(KIOSK, ORGANISATION)
    program = stage.program("dispatcher")
    program.wait_until(lambda: "ami lost" in program.log_text())
    assert book.told(number) == ("arrived", "")
    stage.start("asterisk")
    book.wait(number, S.IN_CALL)


def test_a_frozen_asterisk_is_noticed_in_time_and_its_call_goes_on(
    stage: Stage, book: AppointmentBook
) -> None:
    number = book.put(KIOSK, ORGANISATION)
    book.wait(number, S.IN_CALL)
    program, pid = stage.program("dispatcher"), stage.program("asterisk").pid
    losses = program.log_text().count("ami lost")
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_for(
            lambda: program.log_text().count("ami lost") > losses,
            "the dispatcher notices",
            NOTICED_WITHIN_SECONDS,
        )
        assert book.told(number) == ("in_call", "")
    finally:
        os.kill(pid, signal.SIGCONT)
    stage.counsellor(COUNSELLOR).order("hangup")
    book.wait(number, S.DONE)

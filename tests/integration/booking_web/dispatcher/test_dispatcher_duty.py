# SPDX-License-Identifier: AGPL-3.0-or-later
"""Available, paused, wrap-up on the real Asterisk: whom the queue rings, and whom not.

What a page asks for is put into the database here, as the page does.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from booking_web.domain.duty.wishes import be_available, pause
from booking_web.tables.duty import CounsellorDuty, PauseReason
from booking_web.tables.states import AppointmentState as S
from provisioning.database.models import Counsellor
from stage.ami import BareAmi
from stage.appointments import AppointmentBook
from stage.endpoint import Endpoint
from stage.stack import Stage
from stage.waiting import wait_for

pytestmark = pytest.mark.real

KIOSK, ORGANISATION = "kiosk-wassigny", "msa"
COUNSELLOR = "counsellor-msa-1"
AVAILABLE = ("available", "", True)
WRAP_UP = ("wrap_up", "", True)
WRAP_UP_SECONDS = 2


class Duty:
    """The counsellor's duty, as a page shows it and as Asterisk's queue has it."""

    def __init__(self, stage: Stage) -> None:
        self.database = stage.database()
        self._stage = stage

    def wish(self, work: Callable[..., None], *values: object) -> None:
        with self.database.write() as session:
            its = Counsellor.slug == COUNSELLOR
            counsellor = session.scalars(select(Counsellor).where(its)).one()
            work(session, counsellor, *values, datetime.now(UTC))

    def row(self) -> tuple[str, str, bool]:
        with self.database.read() as session:
            row = session.scalars(
                select(CounsellorDuty)
                .join(Counsellor, Counsellor.id == CounsellorDuty.counsellor_id)
                .where(Counsellor.slug == COUNSELLOR)
            ).one_or_none()
            if row is None:
                return AVAILABLE
            return str(row.state), row.reason, row.applied_at is not None

    def wait(self, *row: object) -> None:
        wait_for(lambda: self.row() == row, f"the duty is {row}", 30)

    def held(self) -> str:
        """Give the member's line of the queue, as Asterisk's console shows it."""
        shown = self._stage.asterisk.cli(f"queue show {ORGANISATION}")
        return next(line for line in shown.splitlines() if COUNSELLOR in line)


def change(stage: Stage, statement: str, **values: object) -> None:
    database = stage.database()
    with database.write() as session:
        session.execute(text(statement), values)
    database.dispose()


@pytest.fixture
def duty(dispatched: Stage, counsellor: Endpoint, kiosk: Endpoint) -> Iterator[Duty]:
    """Give the duty of a counsellor who has seconds after a call, and rings for one."""
    limits = "UPDATE organisation SET wrap_up_seconds = :seconds WHERE slug = :slug"
    rings = "UPDATE queues SET timeout = :seconds WHERE name = :slug"
    change(dispatched, limits, seconds=WRAP_UP_SECONDS, slug=ORGANISATION)
    change(dispatched, rings, seconds=1, slug=ORGANISATION)
    found = Duty(dispatched)
    yield found
    change(dispatched, limits, seconds=0, slug=ORGANISATION)
    change(dispatched, rings, seconds=20, slug=ORGANISATION)
    # The next test finds whom it finds: available.
    dispatched.start("dispatcher")
    found.wish(be_available)
    wait_for(lambda: found.row() == AVAILABLE, "the counsellor is available", 30)
    found.database.dispose()


def heard(ami: BareAmi) -> list[str]:
    """Give what the queue did to the counsellor, in order."""
    ami.action("Ping")
    words = {"AgentCalled": "rung", "QueueMemberPause": "paused"}
    return [
        (
            words[event["Event"]]
            if event["Event"] == "AgentCalled" or event["Paused"] == "1"
            else "available"
        )
        for event in ami.events
        if event.get("Event") in words
    ]


def test_neither_a_pause_nor_a_wrap_up_is_rung_and_the_wrap_up_ends_by_itself(
    duty: Duty,
    book: AppointmentBook,
    ami: BareAmi,
    counsellor: Endpoint,
) -> None:
    duty.wish(pause, PauseReason.BREAK)
    duty.wait("paused", "break", True)
    assert "paused:break" in duty.held()
    number = book.put(KIOSK, ORGANISATION)
    book.wait(number, S.QUEUED)
    duty.wish(be_available)
    book.wait(number, S.IN_CALL)
    duty.wait(*WRAP_UP)
    # It rang only once it was told that it may; the pause of the wrap-up came with the call.
    assert heard(ami) == ["paused", "available", "rung", "paused"]
    assert "paused:wrap_up" in duty.held()
    counsellor.order("hangup")
    book.wait(number, S.DONE)
    following = book.put(KIOSK, ORGANISATION)
    book.wait(following, S.QUEUED)
    assert duty.row()[0] == "wrap_up"
    book.wait(following, S.IN_CALL)
    assert heard(ami)[4:6] == ["available", "rung"]
    ended = book.periods(number)[-1].ended_at
    began = book.periods(following)[-1].started_at
    assert ended is not None
    assert (began - ended).total_seconds() >= WRAP_UP_SECONDS


def test_the_telephones_keys_are_seen(duty: Duty, counsellor: Endpoint) -> None:
    # They dial *55 and *56.
    counsellor.order("pause")
    duty.wait("paused", "telephone", True)
    counsellor.order("available")
    duty.wait(*AVAILABLE)


@pytest.fixture
def idle_counsellor(duty: Duty, dispatched: Stage) -> Iterator[Endpoint]:
    """Give the counsellor's telephone, which nobody picks up."""
    dispatched.stop(COUNSELLOR)
    bundle = dispatched.bundles / f"{COUNSELLOR}.toml"
    found = Endpoint(COUNSELLOR, bundle, directory=dispatched.directory)
    found.program.start()
    found.program.wait_until(found.is_registered)
    yield found
    found.program.stop()


def test_three_rings_that_nobody_picks_up_in_a_row_are_a_pause(
    duty: Duty, book: AppointmentBook, ami: BareAmi, idle_counsellor: Endpoint
) -> None:
    number = book.put(KIOSK, ORGANISATION)
    duty.wait("paused", "missed_rings", True)
    assert heard(ami) == ["rung", "rung", "rung", "paused"]
    assert book.told(number)[0] == S.QUEUED
    duty.wish(be_available)
    wait_for(idle_counsellor.call, "it rings again", 30)


def test_a_pause_outlives_asterisk_and_the_dispatcher(
    duty: Duty, dispatched: Stage, counsellor: Endpoint
) -> None:
    duty.wish(pause, PauseReason.MEETING)
    duty.wait("paused", "meeting", True)
    dispatched.kill("dispatcher")
    dispatched.restart("asterisk")
    dispatched.start("dispatcher")
    wait_for(lambda: "paused:meeting" in duty.held(), "Asterisk holds it again")
    duty.wait("paused", "meeting", True)
    # Page and queue disagree: while nobody heard, the queue was told otherwise.
    dispatched.kill("dispatcher")
    dispatched.asterisk.cli(
        f"queue unpause member PJSIP/{COUNSELLOR} queue {ORGANISATION}"
    )
    assert duty.row() == ("paused", "meeting", True)
    dispatched.start("dispatcher")
    duty.wait(*AVAILABLE)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""An interpreter in an appointment's call, on the real Asterisk, with a real kiosk: they come,
leave, are called again; and whatever becomes of them, the appointment's own call goes on.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest
from sqlalchemy import select, text

from booking_web.domain.appointments.interpreters.calls import call_again, send_away
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.interpreters import InterpreterCall
from booking_web.tables.states import AppointmentState as S
from stage.ami import BareAmi
from stage.appointments import AppointmentBook
from stage.endpoint import Endpoint
from stage.stack import Stage
from stage.waiting import wait_for

pytestmark = pytest.mark.real

KIOSK, ORGANISATION = "kiosk-wassigny", "msa"
INTERPRETERS = "mission-locale-thierache"
INTERPRETER = "counsellor-mission-locale-thierache-1"
# How long the interpreters' telephones ring in these tests.
RING_SECONDS = 4


class Interpreted:
    """An appointment that is booked with an interpreter, and what is known of their calls."""

    def __init__(self, stage: Stage, book: AppointmentBook) -> None:
        self.database = stage.database()
        self._book = book
        self.number = book.put(KIOSK, ORGANISATION, interpreter=INTERPRETERS)

    def state(self) -> str:
        return self._book.told(self.number)[0]

    def calls(self) -> list[tuple[str, str]]:
        """Tell how each call of an interpreter stands, and why."""
        with self.database.read() as session:
            found = session.scalars(
                select(InterpreterCall)
                .where(InterpreterCall.appointment_id == self.number)
                .order_by(InterpreterCall.id)
            )
            return [(call.state, call.reason) for call in found]

    def wait_calls(self, *calls: tuple[str, str]) -> None:
        """Return once the calls stand so, while the appointment is in call."""
        wait_for(lambda: self.calls() == list(calls), f"calls are {calls}", 30)
        assert self.state() == S.IN_CALL

    def change(self, work: Callable[..., None]) -> None:
        with self.database.write() as session:
            appointment = session.get_one(Appointment, self.number)
            work(session, appointment, "user:1", datetime.now(UTC))

    def acts(self) -> list[str]:
        with self.database.read() as session:
            found = session.scalars(
                select(JournalEntry.act)
                .where(JournalEntry.appointment_id == self.number)
                .order_by(JournalEntry.id)
            )
            return [act for act in found if act.startswith("interpreter")]


@pytest.fixture
def interpreting(asterisk_stage: Stage) -> Iterator[None]:
    """Have an organisation of the stage interpret, with telephones that ring for seconds."""
    database = asterisk_stage.database()
    change = text(
        "UPDATE organisation SET interprets = :kind, abandon_after_seconds = :seconds"
        " WHERE slug = :slug"
    )
    with database.write() as session:
        session.execute(
            change, {"kind": "sign", "seconds": RING_SECONDS, "slug": INTERPRETERS}
        )
    yield
    with database.write() as session:
        session.execute(change, {"kind": "", "seconds": 300, "slug": INTERPRETERS})
    database.dispose()


@pytest.fixture
def interpreted(
    interpreting: None,
    dispatched: Stage,
    book: AppointmentBook,
    kiosk: Endpoint,
    counsellor: Endpoint,
) -> Iterator[Interpreted]:
    """Give an appointment whose call, with an interpreter, begins now."""
    found = Interpreted(dispatched, book)
    yield found
    found.database.dispose()


@pytest.fixture
def interpreter(asterisk_stage: Stage) -> Iterator[Endpoint]:
    """Give the registered interpreter, who takes calls by themselves."""
    asterisk_stage.start(INTERPRETER)
    yield asterisk_stage.counsellor(INTERPRETER)
    asterisk_stage.stop(INTERPRETER)


def joined(kiosk: Endpoint) -> bool:
    """Tell whether the kiosk has let an interpreter in."""
    second = kiosk.status()["interpreter"]
    return second is not None and second["stage"] == "confirmed"


def remembered(stage: Stage) -> str:
    """Give what Asterisk itself remembers of the kiosk's call."""
    return stage.asterisk.cli(f"database get guichet {KIOSK}")


def test_an_interpreter_joins_and_leaves_and_the_call_goes_on(
    dispatched: Stage,
    ami: BareAmi,
    interpreter: Endpoint,
    interpreted: Interpreted,
    kiosk: Endpoint,
    counsellor: Endpoint,
) -> None:
    interpreted.wait_calls(("here", ""))
    wait_for(lambda: joined(kiosk), "the kiosk lets the interpreter in")
    call = interpreter.call()
    assert call is not None and call["appointment_id"] == str(interpreted.number)
    assert "Dupont" not in str(interpreter.status())
    before = remembered(dispatched)
    assert f"gv-{interpreted.number}-1|in_call" in before
    interpreter.order("hangup")
    interpreted.wait_calls(("left", ""))
    # The first call knows nothing of it, and ends as it always did.
    assert remembered(dispatched) == before
    assert counsellor.call() is not None
    counsellor.order("hangup")
    wait_for(lambda: interpreted.state() == S.DONE, "the appointment is done")
    assert interpreted.acts() == [
        "interpreter_called",
        "interpreter_joined",
        "interpreter_left",
    ]


def test_the_end_of_the_call_takes_the_interpreter_along(
    dispatched: Stage,
    interpreter: Endpoint,
    interpreted: Interpreted,
    book: AppointmentBook,
    counsellor: Endpoint,
) -> None:
    interpreted.wait_calls(("here", ""))
    counsellor.order("hangup")
    book.wait(interpreted.number, S.DONE)
    wait_for(lambda: interpreted.calls() == [("left", "")], "the interpreter left")
    wait_for(lambda: interpreter.call() is None, "the interpreter's telephone is free")
    kinds = [period.kind for period in book.periods(interpreted.number)]
    assert kinds == ["waiting", "ringing", "queued", "in_call"]


def test_nobody_answers_and_the_interpreter_is_called_again(
    dispatched: Stage, interpreted: Interpreted, asterisk_stage: Stage, kiosk: Endpoint
) -> None:
    interpreted.wait_calls(("nobody", "no_answer"))
    wait_for(lambda: kiosk.status()["interpreter"] is None, "the second call is over")
    asterisk_stage.start(INTERPRETER)
    try:
        interpreted.change(call_again)
        interpreted.wait_calls(("nobody", "no_answer"), ("here", ""))
        interpreted.change(send_away)
        interpreted.wait_calls(("nobody", "no_answer"), ("left", ""))
        interpreted.change(call_again)
        interpreted.wait_calls(("nobody", "no_answer"), ("left", ""), ("here", ""))
    finally:
        asterisk_stage.stop(INTERPRETER)


def test_an_interpreter_whose_telephone_is_cut_is_told_to_have_left(
    dispatched: Stage,
    interpreter: Endpoint,
    interpreted: Interpreted,
    kiosk: Endpoint,
) -> None:
    interpreted.wait_calls(("here", ""))
    # As when its plug is pulled: no BYE, no media.
    interpreter.program.kill()
    wait_for(lambda: interpreted.calls() == [("left", "")], "noticed", 60)
    assert interpreted.state() == S.IN_CALL
    assert kiosk.call() is not None


def test_a_dispatcher_killed_in_the_call_finds_the_interpreter_there(
    dispatched: Stage,
    ami: BareAmi,
    interpreter: Endpoint,
    interpreted: Interpreted,
    kiosk: Endpoint,
) -> None:
    interpreted.wait_calls(("here", ""))
    dispatched.kill("dispatcher")
    dispatched.start("dispatcher")
    log = dispatched.program("dispatcher").log_text
    wait_for(lambda: "compared with asterisk" in log(), "it has compared")
    assert interpreted.calls() == [("here", "")]
    assert interpreted.state() == S.IN_CALL
    assert joined(kiosk)
    # And follows them on: they leave.
    interpreter.order("hangup")
    interpreted.wait_calls(("left", ""))


def test_a_dispatcher_that_was_dead_when_the_interpreter_left_learns_it(
    dispatched: Stage, interpreter: Endpoint, interpreted: Interpreted, kiosk: Endpoint
) -> None:
    interpreted.wait_calls(("here", ""))
    dispatched.kill("dispatcher")
    interpreter.order("hangup")
    wait_for(lambda: kiosk.status()["interpreter"] is None, "the second call is over")
    assert interpreted.calls() == [("here", "")]
    dispatched.start("dispatcher")
    interpreted.wait_calls(("left", ""))


@pytest.fixture
def old_kiosk(asterisk_stage: Stage, tmp_path: Path) -> Iterator[Endpoint]:
    """Give a telephone at the kiosk's place that takes one call, as kiosks did once."""
    asterisk_stage.stop(KIOSK)
    bundle = asterisk_stage.kiosk(KIOSK).bundle
    copytree(
        bundle.parent, tmp_path, ignore=ignore_patterns("*.sock"), dirs_exist_ok=True
    )
    (tmp_path / "log").mkdir(exist_ok=True)
    # The counsellors' telephone has a table of its own in the place of the kiosk's.
    own = tmp_path / "counsellor-old.toml"
    shared, _, _ = (tmp_path / bundle.name).read_text().partition("[kiosk]")
    shared = shared.replace(f"{bundle.stem}.sock", f"{own.stem}.sock")
    own.write_text(f'{shared}[counsellor]\nslug = "{own.stem}"\n')
    old = Endpoint(own.stem, own, directory=tmp_path, options=("--auto-answer",))
    try:
        old.program.start()
        old.wait_registered()
        yield old
    finally:
        old.program.stop()


def test_a_kiosk_that_takes_no_second_call_is_told_as_such(
    interpreting: None,
    dispatched: Stage,
    ami: BareAmi,
    old_kiosk: Endpoint,
    interpreter: Endpoint,
    counsellor: Endpoint,
    book: AppointmentBook,
) -> None:
    interpreted = Interpreted(dispatched, book)
    interpreted.wait_calls(("nobody", "kiosk_refused"))
    assert old_kiosk.call() is not None and interpreter.call() is None
    interpreted.database.dispose()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Somebody is telephoned to from a call: real dispatcher, Asterisk and kiosk, an operator's line.

The line is reached by TLS with its certificate looked at, and signed in at by MD5; who picks up
speaks G.711. Nothing but the dispatcher reaches it.
"""

import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import create_autospec

import pytest
from sqlalchemy import select

from booking_web.dispatcher.interpreting.standing import TELEPHONES
from booking_web.domain.appointments.guests.invitations import send_guest_away
from booking_web.domain.appointments.guests.numbers import Trunk
from booking_web.domain.appointments.guests.telephoning import Relation, telephone
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.guests import Guest
from booking_web.tables.interpreters import InterpreterCall
from booking_web.tables.states import AppointmentState as S
from measure.tones import levels_of, write_tones
from provisioning.asterisk.layout import SiteLayout
from provisioning.asterisk.trunk import TRUNK
from provisioning.server.checks.check import State
from provisioning.server.checks.of_line import telephone_line
from provisioning.server.machine import Machine
from stage.ami import BareAmi
from stage.appointments import AppointmentBook
from stage.endpoint import VIRTUAL_DEVICES, Endpoint
from stage.operator_line import SHOWN, OperatorLine, Outside, operator_line
from stage.processes import Program
from stage.sip_probe import SipProbe
from stage.softphone import add_softphone
from stage.stack import REPOSITORY, Stage
from stage.waiting import wait_for
from tests.unit.provisioning.server.machines import some_answers

pytestmark = pytest.mark.real

KIOSK, ORGANISATION = "kiosk-guise", "msa"
COUNSELLOR = "counsellor-msa-1"
TYPED, DIALLED = "06 12 34 56 78", "0612345678"
RESIDENT_HZ, COUNSELLOR_HZ, OUTSIDE_HZ = 1500, 1100, 1900
# What an account might try to dial, and what might stand where a number should.
ELSEWHERE = (DIALLED, "0892701239", "+33612345678", "start", "s", "h")
ELSEWHERE += (TRUNK, f"{DIALLED}%40{TRUNK}", f"PJSIP%2F{DIALLED}%40{TRUNK}")
HOSTILE = ("", "kiosk-guise", f"{DIALLED}&PJSIP/kiosk-guise", f"{DIALLED}@x", "0" * 25)
HOSTILE += ("${EXTEN}", f"{DIALLED},25,g", f"{DIALLED};x=1", "9\u0669")
HEARD_SECONDS = 5.0
HEARD_DB, SILENT_DB = 8.0, -25.0
PATIENCE = 60


@pytest.fixture
def line(asterisk_stage: Stage) -> Iterator[OperatorLine]:
    with operator_line(asterisk_stage, OUTSIDE_HZ) as line:
        yield line


class Telephoned:
    """An appointment in call, and what becomes of who is telephoned to."""

    def __init__(
        self, stage: Stage, book: AppointmentBook, *telephones: Program
    ) -> None:
        self.stage, self.book, self.telephones = stage, book, telephones
        self.database = stage.database()
        self.number = book.put(KIOSK, ORGANISATION)
        book.wait(self.number, S.IN_CALL)

    def telephone(self) -> None:
        """Have the number called, as the counsellor's button does."""
        trunk = Trunk(caller_number=SHOWN, calls_an_hour=20)
        with self.database.write() as session:
            telephone(
                session,
                session.get_one(Appointment, self.number),
                TYPED,
                Relation.GUARDIAN,
                "Mme Petit",
                trunk,
                "user:1",
                datetime.now(UTC),
            )

    def send_away(self) -> None:
        with self.database.write() as session:
            appointment = session.get_one(Appointment, self.number)
            send_guest_away(session, appointment, "user:1", datetime.now(UTC))

    def stands(self) -> tuple[str, str]:
        """Tell how the last call outside stands, and why; one that rings, "rings"."""
        with self.database.read() as session:
            newest = select(InterpreterCall).order_by(InterpreterCall.id.desc())
            call = session.scalars(newest).first()
            assert call is not None and call.guest is not None
            is_ringing = call.state == "asked" and call.guest.rings_at is not None
            return "rings" if is_ringing else call.state, call.reason

    def wait(self, *stands: str) -> None:
        """Return once it stands so; the call itself goes on."""
        wait_for(lambda: self.stands() == stands, f"it is {stands}", PATIENCE)
        assert self.book.told(self.number)[0] == S.IN_CALL

    def numbers_kept(self) -> list[str]:
        with self.database.read() as session:
            return [each for each in session.scalars(select(Guest.telephone)) if each]

    def acts(self) -> list[str]:
        with self.database.read() as session:
            found = session.scalars(
                select(JournalEntry)
                .where(JournalEntry.appointment_id == self.number)
                .order_by(JournalEntry.id)
            )
            return [f"{x.act} {x.detail}" for x in found if x.act.startswith("guest")]


def program(stage: Stage, name: str, *words: str) -> Program:
    return Program(
        name,
        [sys.executable, "-m", *words],
        directory=stage.directory,
        log=stage.directory / "log" / f"{name}.log",
        environment={"PYTHONPATH": f"{REPOSITORY / 'script'}:{REPOSITORY}"},
    )


@pytest.fixture
def telephoned(
    dispatched: Stage, book: AppointmentBook, tmp_path: Path
) -> Iterator[Telephoned]:
    """Give a call in which resident and counsellor each say a tone."""
    said = {}
    for hz in (RESIDENT_HZ, COUNSELLOR_HZ):
        said[hz] = tmp_path / f"says-{hz}.wav"
        write_tones(said[hz], [hz], 90.0)
    known = dispatched.kiosk(KIOSK)
    kiosk = Endpoint(KIOSK, known.bundle, directory=dispatched.directory)
    kept = str(tmp_path / "resident.wav")
    words = (kept, str(said[RESIDENT_HZ]), "run", str(known.bundle), *VIRTUAL_DEVICES)
    kiosk.program = program(dispatched, "heard-kiosk", "stage.heard_kiosk", *words)
    bundle = str(dispatched.bundle_for_another(COUNSELLOR))
    words = ("--role", "counsellor", "--play", str(said[COUNSELLOR_HZ]))
    words += ("--keep", str(tmp_path / "counsellor.wav"), "--size", "640x360")
    counsellor = program(
        dispatched, "heard-counsellor", "measure.bare_telephone", bundle, *words
    )
    registered = dispatched.asterisk.is_registered
    try:
        kiosk.program.start()
        counsellor.start()
        kiosk.wait_registered()
        counsellor.wait_until(lambda: registered(COUNSELLOR))
        found = Telephoned(dispatched, book, kiosk.program, counsellor)
        yield found
        found.database.dispose()
    finally:
        counsellor.stop()
        kiosk.program.stop()


def assert_hears(file: Path, first: int, second: int) -> None:
    """Assert that both tones were in it, about as loud."""
    found = levels_of(file, [first, second])
    assert abs(found[second]) < HEARD_DB, f"{file.name}: {found}"


def test_who_is_telephoned_to_is_heard_by_both_and_hears_both_and_all_that_may_happen(
    telephoned: Telephoned, line: OperatorLine, tmp_path: Path
) -> None:
    stage = telephoned.stage
    telephoned.telephone()
    telephoned.wait("here", "")
    # The spoken sentence is over: the two others come.
    wait_for(lambda: line.call.sound.seconds_heard > 14, "they talk", PATIENCE)
    assert (line.call.number, line.challenged) == (DIALLED, 1)
    assert SHOWN in line.call.shown
    outside = line.call.sound.keep(tmp_path / "outside.wav", HEARD_SECONDS)
    assert_hears(outside, RESIDENT_HZ, COUNSELLOR_HZ)
    found = levels_of(outside, [RESIDENT_HZ, OUTSIDE_HZ])
    assert found[OUTSIDE_HZ] < SILENT_DB, f"they hear themselves: {found}"
    assert telephoned.numbers_kept() == []
    line.hang_up()
    telephoned.wait("left", "")

    line.outside = Outside.IS_BUSY
    telephoned.telephone()
    telephoned.wait("nobody", "busy")
    line.outside = Outside.DOES_NOT_ANSWER
    telephoned.telephone()
    telephoned.wait("nobody", "no_answer")
    line.outside = Outside.DOES_NOT_EXIST
    telephoned.telephone()
    telephoned.wait("nobody", "not_connected")

    line.outside = Outside.RINGS
    telephoned.telephone()
    telephoned.wait("rings", "")
    # Killed while it rings, the dispatcher finds it ringing and calls nobody twice.
    placed = len(line.calls)
    stage.kill("dispatcher")
    stage.start("dispatcher")
    telephoned.send_away()
    telephoned.wait("left", "")
    wait_for(lambda: line.call.is_over, "it rings no more", PATIENCE)
    assert len(line.calls) == placed

    line.outside = Outside.PICKS_UP
    telephoned.telephone()
    telephoned.wait("here", "")
    with telephoned.database.write() as session:
        appointment = session.get_one(Appointment, telephoned.number)
        appointment.hangup_requested_at = datetime.now(UTC)
    telephoned.book.wait(telephoned.number, S.DONE)
    wait_for(lambda: line.call.is_over, "it is hung up with the call", PATIENCE)
    for each in telephoned.telephones:
        each.stop()
    assert_hears(tmp_path / "resident.wav", COUNSELLOR_HZ, OUTSIDE_HZ)
    assert_hears(tmp_path / "counsellor.wav", RESIDENT_HZ, OUTSIDE_HZ)
    assert [call.number for call in line.calls] == [DIALLED] * len(line.calls)
    told = telephoned.acts()
    assert told[0].endswith(" guardian ..78") and told[0].startswith("guest_telephoned")
    logs = [
        *(stage.directory / "log").glob("*.log"),
        *(stage.directory / "asterisk" / "log").iterdir(),
    ]
    whole = "\n".join([*told, *(log.read_text(errors="replace") for log in logs)])
    for form in (DIALLED, DIALLED.removeprefix("0"), TYPED):
        assert form not in whole


def test_the_server_s_check_sees_the_line_and_whether_the_operator_is_there(
    asterisk_stage: Stage,
) -> None:
    machine = create_autospec(Machine, instance=True)
    machine.layout = SiteLayout.single(asterisk_stage.directory)
    machine.asterisk.side_effect = asterisk_stage.asterisk.cli
    with operator_line(asterisk_stage):
        found = telephone_line(machine, some_answers())
        assert found.state is State.OK, found
    found = telephone_line(machine, some_answers())
    assert found.state is State.FAILED and "does not answer" in found.says


def telephones(stage: Stage) -> list[tuple[str, str, str]]:
    """Give every account of the site: its name, its secret, how it signs in."""
    softphone = add_softphone(stage, "sous-prefecture-vervins")
    accounts = [(softphone.user, softphone.secret, "MD5")]
    for slug in (KIOSK, COUNSELLOR):
        bundle = tomllib.loads((stage.bundles / f"{slug}.toml").read_text())
        accounts.append((slug, str(bundle["sip"]["secret"]), "SHA-256"))
    return accounts


def how_it_went(stage: Stage, ami: BareAmi, position: int, number: str) -> str:
    """Give this to the dialplan as a number, and what that remembers of it."""
    call = f"gi-{position}-1"
    ami.action(
        "Originate",
        variables=(
            f"GUICHET_CALL={call}",
            f"GUICHET_KIOSK={KIOSK}",
            f"GUICHET_TELEPHONE={number}",
            "GUICHET_QUEUE_SECONDS=25",
        ),
        Channel="Local/start@guichet-telephone-call",
        Application="NoOp",
        Async="true",
    )

    def remembered() -> list[str]:
        return (stage.asterisk.astdb(TELEPHONES, KIOSK) or "").split("|")

    wait_for(lambda: remembered()[0] == call, f"{call} is over", PATIENCE)
    return remembered()[-1]


def test_no_telephone_reaches_the_line_and_nobody_comes_in_by_it(
    asterisk_stage: Stage, ami: BareAmi, line: OperatorLine
) -> None:
    ca_file = asterisk_stage.directory / "tls" / "ca.pem"
    with SipProbe("tls", asterisk_stage.ports.sip_tls, ca_file) as tls:
        for user, secret, algorithm in telephones(asterisk_stage):
            for target in ELSEWHERE:
                answer = tls.invite(target, user, secret, algorithm=algorithm)
                assert answer.code == 404, f"{user} {target}"
        # Under its name one is a stranger, at the port of all and at its own.
        for target in (KIOSK, COUNSELLOR, DIALLED, "start", "s"):
            assert tls.invite(target, TRUNK, encrypted=False).code == 401
    # What is no number is dialled by nobody, whoever gave it to the dialplan.
    for position, number in enumerate(HOSTILE):
        assert how_it_went(asterisk_stage, ami, position, number) == "REFUSED"
    assert line.calls == [] and line.challenged == 0
    # Nor has whoever is called another number called, which nobody has looked at.
    line.outside = Outside.SENDS_ELSEWHERE
    assert how_it_went(asterisk_stage, ami, len(HOSTILE), DIALLED) == "BUSY"
    assert [call.number for call in line.calls] == [DIALLED]

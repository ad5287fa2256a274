# SPDX-License-Identifier: AGPL-3.0-or-later
"""The agent: what it tells, when, and how it does what it is asked."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sip_endpoints.machine.agent.agent import RETRY_SECONDS, Acts, Agent
from sip_endpoints.machine.agent.api import (
    Heard,
    Order,
    OrderKind,
    read_heard,
)
from sip_endpoints.machine.agent.cameras import CameraWatch
from sip_endpoints.machine.agent.printer import EVERY_SECONDS, PrinterWatch
from sip_endpoints.machine.agent.report import certificate_ends, packages
from sip_endpoints.machine.agent.rotation import Rotation
from sip_endpoints.machine.checks.check import CheckReason
from sip_endpoints.machine.checks.owed import OwedTest
from sip_endpoints.machine.devices.found import Found, Kind
from sip_endpoints.machine.enrolment.grant import GrantMalformed, read_grant
from sip_endpoints.machine.enrolment.storing import keep_grant, kept_grant
from sip_endpoints.machine.server.faults import (
    Cause,
    ProblemAnswered,
    SiteUnreachable,
)
from sip_endpoints.machine.system.errors import ProgramFailed
from sip_endpoints.machine.system.places import Places
from sip_endpoints.machine.system.units import Units
from stage.dated_server import write_certificate
from stage.enrolment_server import granted
from tests.unit.sip_endpoints.machine.running import Programs, said

WEBCAM = Found(Kind.CAMERA, "HD Webcam", "HD Webcam", "/dev/video0")
AWAY = SiteUnreachable(Cause.NO_ANSWER, "away")


@dataclass
class Server:
    """What the agent is answered, and what it brought."""

    orders: list[Order] = field(default_factory=list)
    repository: object = None
    free_seconds: int = 0
    fault: Exception | None = None
    reports: int = 0
    tests: list[dict[str, Any]] = field(default_factory=list)
    archives: dict[int, bytes] = field(default_factory=dict)

    def _reached(self) -> None:
        if self.fault is not None:
            raise self.fault

    def report(self, told: dict[str, Any]) -> Heard:
        """Take a report; hand the orders out once."""
        self._reached()
        self.reports += 1
        orders, self.orders = tuple(self.orders), []
        return Heard(orders, 60, self.repository, self.free_seconds)

    def bring_self_test(self, tested: dict[str, Any]) -> None:
        """Take a self-test."""
        self._reached()
        self.tests.append(tested)

    def bring_result(self, order: int, archive: bytes) -> None:
        """Take an archive."""
        self._reached()
        self.archives[order] = archive


@dataclass
class Machine:
    """What the agent does to its machine."""

    in_call: bool = False
    tested: dict[str, Any] | None = None
    owed: OwedTest | None = None
    did: list[str] = field(default_factory=list)
    is_updating: bool = True
    repositories: list[object] = field(default_factory=list)
    free: list[int] = field(default_factory=list)

    def acts(self) -> Acts:
        """Give them as an agent takes them."""
        return Acts(
            report=dict,
            is_in_call=lambda: self.in_call,
            start_self_test=lambda reason: self.did.append(f"self-test {reason.value}"),
            last_self_test=lambda: self.tested,
            owed_self_test=lambda: self.owed,
            collect=lambda: b"archive",
            rotate=lambda: self.did.append("rotate"),
            settle=lambda: None,
            keep_repository=self.repositories.append,
            start_update=lambda: self.did.append("update"),
            is_updating=lambda: self.is_updating,
            catch_up=self.free.append,
        )


def self_test(at: str, reason: str = "asked") -> dict[str, Any]:
    return {"at": at, "reason": reason, "order": None, "checks": []}


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def agent(server: Server, machine: Machine) -> Agent:
    return Agent(lambda: server, machine.acts(), "")


def test_it_reports_at_once_and_then_as_often_as_it_is_told(
    agent: Agent, server: Server
) -> None:
    for now in (1.0, 2.0, 60.0, 61.0, 62.0):
        agent.turn(now)
    assert server.reports == 2


def test_each_report_brings_how_long_nobody_is_expected(
    agent: Agent, server: Server, machine: Machine
) -> None:
    server.free_seconds = 3600
    agent.turn(1.0)
    server.fault = AWAY
    agent.turn(61.0)
    assert machine.free == [3600]


def test_a_self_test_is_told_once_and_as_soon_as_it_was_made(
    agent: Agent, server: Server, machine: Machine
) -> None:
    agent.turn(1.0)
    machine.tested = self_test("10:00", "morning")
    agent.turn(2.0)
    agent.turn(3.0)
    assert [each["at"] for each in server.tests] == ["10:00"]
    assert agent.told_test == "10:00"


def test_what_was_told_before_a_restart_is_not_told_again(
    server: Server, machine: Machine
) -> None:
    machine.tested = self_test("10:00")
    Agent(lambda: server, machine.acts(), "10:00").turn(1.0)
    assert server.tests == []


def test_the_test_that_was_asked_for_names_its_order(
    agent: Agent, server: Server, machine: Machine
) -> None:
    server.orders = [Order(7, OrderKind.SELF_TEST)]
    agent.turn(1.0)
    assert machine.did == ["self-test asked"]
    machine.tested = self_test("10:00", "morning")
    agent.turn(2.0)
    machine.tested = self_test("10:01")
    agent.turn(3.0)
    assert [each["order"] for each in server.tests] == [None, 7]


def test_a_server_that_is_away_is_told_later(
    agent: Agent, server: Server, machine: Machine
) -> None:
    server.fault, machine.tested = AWAY, self_test("10:00")
    agent.turn(1.0)
    server.fault = None
    agent.turn(2.0)
    assert server.reports == 0
    agent.turn(1.0 + RETRY_SECONDS)
    assert (server.reports, len(server.tests)) == (1, 1)


def test_nothing_that_would_cut_a_call_is_done_in_it(
    agent: Agent, server: Server, machine: Machine
) -> None:
    machine.in_call = True
    kinds = (OrderKind.SELF_TEST, OrderKind.ROTATE, OrderKind.UPDATE)
    server.orders = [Order(number, kind) for number, kind in enumerate(kinds, start=1)]
    server.orders.append(Order(9, OrderKind.DIAGNOSE))
    agent.turn(1.0)
    agent.turn(2.0)
    assert (machine.did, server.archives) == ([], {9: b"archive"})
    machine.in_call = False
    agent.turn(3.0)
    assert machine.did == ["self-test asked", "rotate", "update"]
    agent.turn(4.0)
    assert machine.did == ["self-test asked", "rotate", "update"]


def test_a_self_test_that_a_call_was_in_the_way_of_is_made_once_after_it(
    agent: Agent, machine: Machine
) -> None:
    machine.in_call, machine.owed = True, OwedTest("10:00", CheckReason.ENROLMENT)
    agent.turn(1.0)
    assert machine.did == []
    machine.in_call = False
    agent.turn(2.0)
    agent.turn(3.0)
    assert machine.did == ["self-test enrolment"]


def test_a_second_call_makes_the_self_test_owed_anew(
    agent: Agent, machine: Machine
) -> None:
    machine.owed = OwedTest("10:00", CheckReason.MORNING)
    agent.turn(1.0)
    machine.owed = OwedTest("10:01", CheckReason.MORNING)
    agent.turn(2.0)
    machine.owed = None
    agent.turn(3.0)
    assert machine.did == ["self-test morning", "self-test morning"]


def test_an_update_that_was_begun_is_not_begun_again_by_the_same_order(
    agent: Agent, server: Server, machine: Machine
) -> None:
    for now, order in ((1.0, 7), (100.0, 7), (200.0, 8)):
        server.orders = [Order(order, OrderKind.UPDATE)]
        agent.turn(now)
    assert machine.did == ["update", "update"]


def test_an_order_that_found_nothing_newer_is_answered_by_a_self_test(
    agent: Agent, server: Server, machine: Machine
) -> None:
    server.orders = [Order(7, OrderKind.UPDATE)]
    agent.turn(1.0)
    agent.turn(2.0)
    assert machine.did == ["update"]
    machine.is_updating = False
    agent.turn(3.0)
    agent.turn(4.0)
    assert machine.did == ["update", "self-test asked"]
    machine.tested = self_test("10:00")
    agent.turn(5.0)
    assert [each["order"] for each in server.tests] == [7]


def test_where_packages_come_from_is_kept_as_the_server_says(
    agent: Agent, server: Server, machine: Machine
) -> None:
    agent.turn(1.0)
    assert machine.repositories == []
    server.repository = {"uri": "https://guichet.example.fr/depot/"}
    agent.turn(100.0)
    assert machine.repositories == [server.repository]


@pytest.mark.parametrize("status", [401, 403, 409, 500])
def test_a_refusal_is_not_the_end(agent: Agent, server: Server, status: int) -> None:
    server.fault = ProblemAnswered(status, "no")
    agent.turn(1.0)
    server.fault = None
    agent.turn(1.0 + RETRY_SECONDS)
    assert server.reports == 1


def test_a_self_test_that_the_server_refuses_is_not_brought_for_ever(
    agent: Agent, server: Server, machine: Machine
) -> None:
    agent.turn(1.0)
    server.fault, machine.tested = ProblemAnswered(422, "no"), self_test("10:00")
    agent.turn(2.0)
    assert agent.told_test == "10:00"


@pytest.mark.parametrize(
    ("content", "orders", "seconds"),
    [
        ({}, (), 60),
        ({"report_seconds": 30}, (), 30),
        ({"report_seconds": 0}, (), 5),
        ({"report_seconds": "soon"}, (), 60),
        ({"free_seconds": "long"}, (), 60),
        (
            {
                "orders": [
                    {"id": 1, "kind": "rotate"},
                    {"id": 2, "kind": "dance"},
                    {"id": "x", "kind": "rotate"},
                    "rotate",
                    None,
                ]
            },
            (Order(1, OrderKind.ROTATE),),
            60,
        ),
    ],
)
def test_an_order_that_is_none_is_passed_over(
    content: dict[str, Any], orders: tuple[Order, ...], seconds: int
) -> None:
    assert read_heard(content) == Heard(orders, seconds)


def test_packages_that_are_installed_are_told() -> None:
    shown = "sway 1.10 installed\nchromium 1 config-files\nbroken\n"
    assert packages(Programs({"dpkg-query": said(shown)})) == {"sway": "1.10"}


@pytest.mark.parametrize(
    ("kept", "ends"),
    [
        (None, None),
        ({"checks": [{"name": "certificate", "details": {"ends": "2027"}}]}, "2027"),
        ({"checks": [{"name": "certificate", "details": None}]}, None),
        ({"checks": ["nonsense"]}, None),
    ],
)
def test_the_end_of_the_certificates_is_that_of_the_last_self_test(
    kept: dict[str, Any] | None, ends: str | None
) -> None:
    assert certificate_ends(kept) == ends


def test_a_camera_that_comes_back_is_taken_once_no_call_is_up() -> None:
    found: list[Found] = [WEBCAM]
    asked: list[bool] = []
    calls = [True]

    def let_phone_end() -> bool:
        asked.append(calls[0])
        return not calls[0]

    watch = CameraWatch(lambda: list(found), let_phone_end)
    watch.look()
    found.clear()
    watch.look()
    assert asked == []
    found.append(WEBCAM)
    watch.look()
    calls[0] = False
    watch.look()
    watch.look()
    assert asked == [True, False]


@pytest.fixture
def enrolled(tmp_path: Path) -> Places:
    now = datetime.now(UTC)
    file, _ = write_certificate(tmp_path, now, now + timedelta(days=1))
    places = Places(tmp_path)
    answer = granted("https://guichet.fr", file.read_text(encoding="ascii"))
    keep_grant(read_grant(answer), places)
    return places


def renewed(places: Places) -> dict[str, Any]:
    authority = kept_grant(places).sip_authority
    answer = granted("https://guichet.fr", authority)
    answer["bundle"]["kiosk"]["token"] = "another-token"
    answer["bundle"]["sip"]["secret"] = "another-secret"
    return answer


def test_new_secrets_wait_for_the_end_of_the_call(enrolled: Places) -> None:
    programs, calls = Programs(), [True]
    rotation = Rotation(enrolled, Units(programs), lambda: not calls[0])
    rotation.settle()
    rotation.take(renewed(enrolled))
    rotation.settle()
    assert kept_grant(enrolled).bundle["kiosk"]["token"] == "an-api-token"
    assert not [line for line in programs.ran if "restart" in line]
    calls[0] = False
    rotation.settle()
    rotation.settle()
    assert kept_grant(enrolled).bundle["kiosk"]["token"] == "another-token"
    assert "another-secret" in enrolled.bundle.read_text()
    assert [line for line in programs.ran if "restart" in line] == [
        "systemctl restart --no-block guichet-phone.service guichet-bridge.service"
        " guichet-screen.service"
    ]
    assert not (enrolled.settings / "grant.next.json").exists()


def test_new_secrets_do_not_disturb_a_self_test(enrolled: Places) -> None:
    testing = said("guichet-self-test@asked.service loaded activating start The test\n")
    programs = Programs({"systemctl list-units": testing})
    rotation = Rotation(enrolled, Units(programs), lambda: True)
    rotation.take(renewed(enrolled))
    rotation.settle()
    assert kept_grant(enrolled).bundle["kiosk"]["token"] == "an-api-token"
    del programs.answers["systemctl list-units"]
    rotation.settle()
    assert kept_grant(enrolled).bundle["kiosk"]["token"] == "another-token"


def test_an_agent_that_died_between_both_steps_ends_the_second(
    enrolled: Places,
) -> None:
    Rotation(enrolled, Units(Programs()), lambda: False).take(renewed(enrolled))
    Rotation(enrolled, Units(Programs()), lambda: True).settle()
    assert kept_grant(enrolled).bundle["sip"]["secret"] == "another-secret"


def test_an_answer_that_holds_no_secrets_changes_nothing(enrolled: Places) -> None:
    rotation = Rotation(enrolled, Units(Programs()), lambda: True)
    with pytest.raises(GrantMalformed):
        rotation.take({"bundle": {}})
    rotation.settle()
    assert kept_grant(enrolled).bundle["kiosk"]["token"] == "an-api-token"


def test_a_printer_that_comes_later_is_set_up_once() -> None:
    found: list[Found] = []
    made: list[Found] = []
    watch = PrinterWatch(lambda: "auto", lambda: bool(made), lambda: found, made.append)
    assert not watch.look(1.0)
    found.append(Found(Kind.PRINTER, "HP", "HP", "ipp://hp.local/ipp/print"))
    assert not watch.look(2.0)
    assert watch.look(1.0 + EVERY_SECONDS)
    assert not watch.look(1.0 + 2 * EVERY_SECONDS)
    assert made == found


def test_a_printer_that_was_set_up_meanwhile_is_left_as_it_is() -> None:
    made: list[Found] = []

    def find() -> list[Found]:
        made.append(Found(Kind.PRINTER, "HP", "HP"))
        return made

    watch = PrinterWatch(lambda: "auto", lambda: bool(made), find, made.append)
    assert not watch.look(1.0)
    assert len(made) == 1


@pytest.mark.parametrize("choice", ["none", "virtual", "auto", "Another"])
def test_where_nobody_can_know_which_printer_none_is_set_up(choice: str) -> None:
    found = [Found(Kind.PRINTER, name, name) for name in ("A", "B")]
    made: list[Found] = []
    watch = PrinterWatch(lambda: choice, lambda: False, lambda: found, made.append)
    assert not watch.look(1.0)
    assert made == []


def test_a_printer_that_cannot_be_set_up_is_tried_again() -> None:
    tries: list[Found] = []

    def make(printer: Found) -> None:
        tries.append(printer)
        raise ProgramFailed("lpadmin: no")

    found = [Found(Kind.PRINTER, "HP", "HP")]
    watch = PrinterWatch(lambda: "auto", lambda: False, lambda: found, make)
    assert not watch.look(1.0)
    assert not watch.look(1.0 + EVERY_SECONDS)
    assert len(tries) == 2

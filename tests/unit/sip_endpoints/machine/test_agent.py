# SPDX-License-Identifier: AGPL-3.0-or-later
"""The agent: what it tells, when, and how it does what it is asked."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from sip_endpoints.machine.agent.agent import RETRY_SECONDS, Acts, Agent
from sip_endpoints.machine.agent.api import Heard, Order, OrderKind, read_heard
from sip_endpoints.machine.agent.report import certificate_ends, packages
from sip_endpoints.machine.server.faults import (
    Cause,
    ProblemAnswered,
    SiteUnreachable,
)
from tests.unit.sip_endpoints.machine.running import Programs, said

AWAY = SiteUnreachable(Cause.NO_ANSWER, "away")


@dataclass
class Server:
    """What the agent is answered, and what it brought."""

    orders: list[Order] = field(default_factory=list)
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
        return Heard(orders, 60)

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
    did: list[str] = field(default_factory=list)
    can_update: bool = False

    def acts(self) -> Acts:
        """Give them as an agent takes them."""

        def update() -> bool:
            self.did.append("update")
            return self.can_update

        return Acts(
            report=dict,
            is_in_call=lambda: self.in_call,
            start_self_test=lambda: self.did.append("self-test"),
            last_self_test=lambda: self.tested,
            collect=lambda: b"archive",
            rotate=lambda: self.did.append("rotate"),
            settle=lambda: None,
            start_update=update,
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
    assert machine.did == ["self-test"]
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
    assert machine.did == ["self-test", "rotate", "update"]
    agent.turn(4.0)
    assert machine.did == ["self-test", "rotate", "update"]


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

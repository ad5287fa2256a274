# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a kiosk's machine tells and what the server knows of it, each on its side of the wall."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from booking_web.api.kiosk.blueprint import PREFIX
from booking_web.api.kiosk.enrolment_schemas import AskingMachineSchema
from booking_web.api.kiosk.machine_schemas import (
    CheckSchema,
    MachineSchema,
    OrdersSchema,
    SelfTestSchema,
)
from booking_web.domain.fleet.machines import REPORT_SECONDS
from booking_web.tables.fleet import CheckState, OrderKind, TestReason
from booking_web.words.self_tests import CAUSES, CHECKS
from sip_endpoints.machine.agent import api as kiosk_api
from sip_endpoints.machine.agent.report import report
from sip_endpoints.machine.checks import check as kiosk_check
from sip_endpoints.machine.checks.sentences import CAUSES as KIOSK_CAUSES
from sip_endpoints.machine.server.faults import Cause
from sip_endpoints.machine.system.errors import MachineError
from sip_endpoints.machine.system.places import Places


class NoSession:
    """A graphical session that does not answer."""

    def outputs(self) -> None:
        """Refuse."""
        raise MachineError("no session")


def test_every_cause_that_a_kiosk_may_tell_has_its_sentence() -> None:
    assert set(KIOSK_CAUSES) - set(CAUSES) == set()
    assert {str(cause) for cause in Cause} - set(CAUSES) == set()


def test_the_checks_their_states_and_reasons_are_the_same() -> None:
    assert {str(name) for name in kiosk_check.CheckName} == set(CHECKS)
    assert {str(state) for state in kiosk_check.CheckState} == set(CheckState)
    assert {str(reason) for reason in kiosk_check.CheckReason} == set(TestReason)


def test_a_kiosk_knows_every_order() -> None:
    assert {str(kind) for kind in kiosk_api.OrderKind} == set(OrderKind)
    told = OrdersSchema().dump(
        {
            "orders": [
                {"id": number, "kind": kind} for number, kind in enumerate(OrderKind, 1)
            ],
            "report_seconds": REPORT_SECONDS,
            "free_seconds": 1200,
            "repository": None,
        }
    )
    heard = kiosk_api.read_heard(told)
    assert [str(order.kind) for order in heard.orders] == [str(k) for k in OrderKind]
    assert (heard.report_seconds, heard.free_seconds) == (REPORT_SECONDS, 1200)


class KeptSite:
    """A server that keeps what it is sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, dict[str, Any]]] = []

    def send(self, method: str, path: str, told: dict[str, Any]) -> Any:
        """Keep it, and answer nothing."""
        self.sent.append((method, path, told))
        return SimpleNamespace(content={})


def test_the_server_takes_a_kiosk_s_word_for_new_secrets() -> None:
    site = KeptSite()
    kiosk_api.MachineApi(site).new_secrets("a" * 64)  # type: ignore[arg-type]
    [(method, path, told)] = site.sent
    assert (method, path) == ("POST", f"{PREFIX}/secrets")
    assert AskingMachineSchema().load(told) == {"machine_id": "a" * 64}


def test_the_server_takes_what_a_kiosk_reports(tmp_path) -> None:
    places = Places(tmp_path)
    places.machine.mkdir(parents=True)
    told = report("a" * 64, places, None, NoSession())  # type: ignore[arg-type]
    taken = MachineSchema().load(told)
    assert taken["version"] == told["version"]
    assert taken["disk_bytes"] == told["disk_bytes"]
    assert taken["booted_at"] < datetime.now(UTC)
    assert taken["security_lists"] == {"signed_at": None}


def test_the_server_takes_what_a_kiosk_found() -> None:
    checks = [
        kiosk_check.passed(kiosk_check.CheckName.NETWORK, loss_percent=0.1),
        kiosk_check.failed(kiosk_check.CheckName.CAMERA, "black_picture", mean=3),
        kiosk_check.absent(kiosk_check.CheckName.SCANNER),
    ]
    for each in checks:
        assert CheckSchema().load(each.to_json())["name"] == each.name
    told = {
        "at": datetime.now(UTC).isoformat(),
        "version": "1",
        "reason": str(kiosk_check.CheckReason.MORNING),
        "order": None,
        "checks": [each.to_json() for each in checks],
    }
    assert len(SelfTestSchema().load(told)["checks"]) == 3

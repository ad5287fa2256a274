# SPDX-License-Identifier: AGPL-3.0-or-later
"""The client that kiosks' machines really use, at the real server."""

import gzip
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from booking_web.domain.fleet.diagnosis import fetch_archive
from booking_web.domain.fleet.machines_now import kiosk_machine
from booking_web.domain.fleet.orders import ask_kiosk
from booking_web.tables.fleet import OrderKind, SelfTest
from provisioning.database.models import Kiosk
from sip_endpoints.machine.agent.api import MachineApi
from sip_endpoints.machine.agent.report import report
from sip_endpoints.machine.checks.check import CheckName, failed, passed
from sip_endpoints.machine.server.faults import ProblemAnswered
from sip_endpoints.machine.server.site import Site
from sip_endpoints.machine.system.errors import MachineError
from sip_endpoints.machine.system.places import Places

WASSIGNY = "kiosk-wassigny"
OWN, OTHER = "a" * 64, "b" * 64


class NoSession:
    """A graphical session that does not answer."""

    def outputs(self) -> None:
        """Refuse."""
        raise MachineError("no session")


@pytest.fixture(scope="module")
def server(shared_ground, serving_pages, tmp_path_factory):
    """Give one server for all of these tests."""
    folder = tmp_path_factory.mktemp("server")
    with serving_pages(shared_ground, folder, "--workers", "1") as server:
        yield server


@pytest.fixture
def ground(fresh_shared_ground):
    """Give the database behind the one server, as it was at first."""
    return fresh_shared_ground


@pytest.fixture
def agent(server, ground) -> MachineApi:
    return MachineApi(Site(server.url, token=ground.kiosk_tokens[WASSIGNY]))


@pytest.fixture
def ask(database):
    """Give a function that asks the kiosk for something."""

    def order(kind):
        now = datetime.now(UTC)
        with database.write() as session:
            query = select(Kiosk.id).where(Kiosk.slug == WASSIGNY)
            kiosk_id = session.scalars(query).one()
            return kiosk_id, ask_kiosk(session, kiosk_id, kind, "user:1", now).id

    return order


def told(tmp_path, machine=OWN):
    places = Places(tmp_path)
    places.machine.mkdir(parents=True, exist_ok=True)
    return report(machine, places, None, NoSession())


def test_a_machine_reports_and_does_what_it_is_asked(
    agent, ask, database, tmp_path
) -> None:
    _, test_id = ask(OrderKind.SELF_TEST)
    kiosk_id, archive_id = ask(OrderKind.DIAGNOSE)
    heard = agent.report(told(tmp_path))
    assert [(each.id, str(each.kind)) for each in heard.orders] == [
        (test_id, "self_test"),
        (archive_id, "diagnose"),
    ]
    checks = [passed(CheckName.SOUND), failed(CheckName.CAMERA, "no_camera")]
    agent.bring_self_test(
        {
            "at": datetime.now(UTC).isoformat(),
            "version": "1",
            "reason": "asked",
            "order": test_id,
            "checks": [each.to_json() for each in checks],
        }
    )
    agent.bring_result(archive_id, gzip.compress(b"logs"))
    now = datetime.now(UTC)
    with database.write() as session:
        machine = kiosk_machine(session, WASSIGNY, now)
        assert machine is not None and not machine.is_silent
        assert machine.report.machine_id == OWN and machine.orders == []
        assert session.scalars(select(SelfTest.order_id)).all() == [test_id]
        assert machine.has_failed
        content = fetch_archive(session, kiosk_id, archive_id, now)
        assert gzip.decompress(content) == b"logs"


def test_another_machine_with_the_same_token_is_refused_and_told(
    agent, database, tmp_path
) -> None:
    agent.report(told(tmp_path))
    with pytest.raises(ProblemAnswered) as refused:
        agent.report(told(tmp_path, OTHER))
    assert refused.value.status == 409
    with database.read() as session:
        machine = kiosk_machine(session, WASSIGNY, datetime.now(UTC))
    assert machine.is_another and machine.needs_somebody(datetime.now(UTC))
    assert machine.report.machine_id == OWN
    assert machine.report.stranger_id == OTHER

# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a kiosk's update ended and why: what its programs tell, and what the pages say of it."""

import re
from pathlib import Path

from booking_web.api.kiosk.machine_schemas import MachineSchema, OrdersSchema
from booking_web.domain.fleet.machines_now import PACKAGE
from booking_web.words.updates import CAUSES
from provisioning.bundles.enrolment_file import Repository
from provisioning.server.repository.given_out import KIOSK
from provisioning.server.repository.rings import HINDERS
from sip_endpoints.machine.agent import api as kiosk_api
from sip_endpoints.machine.packages.apt import PACKAGE as KIOSK_PACKAGE
from sip_endpoints.machine.packages.outcome import Outcome, UpdateState
from sip_endpoints.machine.packages.repository import read_repository

ROOT = Path(__file__).parents[2]
# Where a kiosk's programs name a cause, in Python and in the shell.
NAMED = re.compile(
    r"""NotPrepared\(\s*"(\w+)"|cause = "(\w+)" if .* else "(\w+)"|_STOPPED = "(\w+)\""""
    r"""|end_with failed (\w+)|restoring 0 (\w+)|cause=(\w+) ;;"""
)


def causes_of_kiosks() -> set[str]:
    machine = ROOT / "sip_endpoints" / "machine"
    files = [*machine.glob("packages/*.py"), *machine.glob("updates/*.py")]
    text = "".join(file.read_text() for file in files)
    text += (ROOT / "debian" / "kiosk" / "update-steps").read_text()
    return {name for found in NAMED.findall(text) for name in found if name}


def test_every_cause_that_a_kiosk_may_tell_is_said_in_words() -> None:
    told = causes_of_kiosks()
    assert {"no_download", "not_whole", "broken", "never_judged"} <= told
    assert told - set(CAUSES) == set()


def test_the_server_takes_each_state_as_a_kiosk_tells_it() -> None:
    machine = {"version": "1", "machine_id": "a" * 64}
    for state in UpdateState:
        outcome = Outcome(state, "1.2-1", "1.3-1", "2026-11-24T02:12:00+00:00", "x")
        taken = MachineSchema().load(machine | {"update": outcome.to_json()})["update"]
        assert (taken["from_version"], taken["to_version"]) == ("1.2-1", "1.3-1")
        assert taken["state"].value == state.value
    assert set(HINDERS) == {UpdateState.ROLLED_BACK.value, UpdateState.FAILED.value}


def test_both_sides_name_the_same_package() -> None:
    assert PACKAGE == KIOSK == KIOSK_PACKAGE


def test_a_kiosk_reads_where_its_packages_are() -> None:
    key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
    site = Repository("https://guichet.example/depot", "stable", key, frozenset("b"))
    for slug, suite in (("a", "stable"), ("b", "pilot")):
        answer = {"orders": [], "report_seconds": 60, "repository": site.of_kiosk(slug)}
        heard = kiosk_api.read_heard(OrdersSchema().dump(answer))
        read = read_repository(heard.repository)
        assert read is not None
        assert (read.uri, read.suite) == ("https://guichet.example/depot", suite)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A call comes right after the enrolment, before the kiosk could test itself."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sip_endpoints.control import ControlServer, Outcome
from sip_endpoints.machine.checks import command as checks_command
from sip_endpoints.machine.checks.check import (
    BEFORE_UPDATE,
    CheckName,
    CheckReason,
    passed,
)
from sip_endpoints.machine.checks.owed import read_owed
from sip_endpoints.machine.checks.self_test import SelfTest, read_kept
from sip_endpoints.machine.enrolment import command
from sip_endpoints.machine.enrolment.readiness import AFTER_CALL
from sip_endpoints.machine.system.places import Places
from sip_endpoints.machine.system.programs import LIMIT_SECONDS, Ran
from sip_endpoints.machine.system.units import AGENT, PHONE, SCREEN, Units
from stage.dated_server import write_certificate
from stage.enrolment_server import granted
from tests.unit.sip_endpoints.machine.running import Programs


@dataclass
class Kiosk(Programs):
    """A machine whose telephone is in a call or not; its self-test unit runs the command."""

    places: Places = field(default_factory=Places)
    # The call begins when the telephone was told to end for the new files, or is up before.
    in_call: bool = False
    call_comes: bool = True
    ran_before: bool = True

    def obey(self, name: str, argument: str) -> Outcome:
        """Answer as the telephone does at its control socket."""
        outcome = Outcome()
        if name == "quit" and self.in_call:
            outcome.fail("in call")
        elif name == "quit":
            self.in_call = self.call_comes
            outcome.succeed()
        else:
            call = {"id": "gv-1-1"} if self.in_call else None
            outcome.succeed(registered=True, call=call)
        return outcome

    def __call__(
        self,
        arguments: Sequence[str],
        *,
        limit_seconds: float = LIMIT_SECONDS,
        environment: Mapping[str, str] | None = None,
        may_fail: bool = False,
    ) -> Ran:
        """Run the self-test where its unit is started; note the others."""
        line = " ".join(arguments)
        if "ActiveState" in line:
            self.ran.append(line)
            return Ran(0, "active\n" if self.ran_before else "inactive\n", "")
        if line.startswith("systemctl start guichet-self-test@"):
            reason = line.partition("@")[2].partition(".")[0]
            self.ran.append(line)
            result = self_test(reason)
            return Ran(result.exit_code, result.output, "")
        return super().__call__(arguments, may_fail=may_fail)


def self_test(reason: str) -> Result:
    return CliRunner().invoke(checks_command.self_test, ["--reason", reason])


@pytest.fixture
def kiosk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kiosk]:
    kiosk = Kiosk(places=Places(tmp_path))
    for module in (command, checks_command):
        monkeypatch.setattr(module, "Places", lambda: kiosk.places)
    monkeypatch.setattr(command, "Units", lambda: Units(kiosk))
    monkeypatch.setattr(command, "start", lambda units: units.start())
    for name in ("need_root", "set_up_printing", "await_start"):
        monkeypatch.setattr(command, name, lambda *_: "")
    # Every check, without a camera, a screen and a server.
    nothing: dict[CheckName, Any] = {}
    green = [passed(CheckName.PHONE)]
    monkeypatch.setattr(SelfTest, "_first_checks", lambda _: nothing)
    monkeypatch.setattr(SelfTest, "_server_checks", lambda _: green)
    monkeypatch.setattr(SelfTest, "_last_checks", lambda _: nothing)
    kiosk.places.runtime.mkdir(parents=True)
    server = ControlServer(kiosk.places.phone_socket, kiosk.obey)
    is_over = threading.Event()

    def serve() -> None:
        while not is_over.wait(0.01):
            server.poll()

    thread = threading.Thread(target=serve)
    thread.start()
    yield kiosk
    is_over.set()
    thread.join()
    server.close()


def enrol(tmp_path: Path, *options: str) -> Result:
    now = datetime.now(UTC)
    file, _ = write_certificate(tmp_path, now, now + timedelta(days=1))
    grant = granted("https://guichet.fr", file.read_text(encoding="ascii"))
    carried = tmp_path / "kiosk-guise.guichet"
    carried.write_text(json.dumps(grant))
    return CliRunner().invoke(command.enrol, ["--file", str(carried), *options])


def test_enrol_says_that_a_call_is_up_and_ends_well(
    kiosk: Kiosk, tmp_path: Path
) -> None:
    result = enrol(tmp_path)
    assert result.exit_code == 0, result.output
    assert AFTER_CALL in result.output
    assert "n'a pas pu s'essayer" not in result.output
    owed = read_owed(kiosk.places.self_test_owed)
    assert owed is not None and owed.reason is CheckReason.ENROLMENT
    assert read_kept(kiosk.places.self_test) is None
    # The page of the second screen is not taken away from those who talk.
    assert f"systemctl restart {SCREEN}" not in kiosk.ran


def test_a_script_reads_that_the_self_test_comes_after_the_call(
    kiosk: Kiosk, tmp_path: Path
) -> None:
    result = enrol(tmp_path, "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert (told["ready"], told["after_call"], told["checks"]) == (False, True, [])


def test_a_call_that_is_up_already_has_the_agent_put_all_in_force_after_it(
    kiosk: Kiosk, tmp_path: Path
) -> None:
    kiosk.in_call = True
    result = enrol(tmp_path)
    assert (result.exit_code, AFTER_CALL in result.output) == (0, True)
    assert kiosk.places.upgraded.exists()
    assert kiosk.ran[-1] == f"systemctl restart --no-block {AGENT}"
    assert not any("self-test@" in line for line in kiosk.ran)


def test_without_a_call_it_is_ready_at_once(kiosk: Kiosk, tmp_path: Path) -> None:
    kiosk.call_comes = False
    result = enrol(tmp_path, "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["ready"], told["after_call"]) == (0, True, False)
    assert not kiosk.places.self_test_owed.exists()
    assert f"systemctl restart {SCREEN}" in kiosk.ran


def test_a_kiosk_that_did_not_run_is_started_once(kiosk: Kiosk, tmp_path: Path) -> None:
    kiosk.call_comes = kiosk.ran_before = False
    assert enrol(tmp_path).exit_code == 0
    assert not [line for line in kiosk.ran if "restart" in line and PHONE in line]
    assert any(line.startswith("systemctl start --no-block") for line in kiosk.ran)


def test_the_self_test_after_the_call_settles_what_was_owed(
    kiosk: Kiosk, tmp_path: Path
) -> None:
    enrol(tmp_path)
    refused = self_test("enrolment")
    assert refused.exit_code == 1
    assert "l'essai attend la fin de l'appel" in refused.output
    kiosk.in_call = False
    assert self_test("enrolment").exit_code == 0
    assert not kiosk.places.self_test_owed.exists()
    kept = read_kept(kiosk.places.self_test)
    assert kept is not None and kept["reason"] == "enrolment"


def test_a_look_before_an_update_is_not_owed(kiosk: Kiosk, tmp_path: Path) -> None:
    kiosk.call_comes = False
    enrol(tmp_path)
    kiosk.in_call = True
    assert self_test(BEFORE_UPDATE).exit_code == 1
    assert not kiosk.places.self_test_owed.exists()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is provisioned reaches a running Asterisk: no reload, no call dropped."""

import json
import tomllib
from collections.abc import Iterator

import pytest

from stage.ami import BareAmi
from stage.asterisk_alone import asterisk_alone
from stage.endpoint import Endpoint
from stage.sip_probe import SipProbe
from stage.stack import ASTERISK_FILE, Stage
from stage.waiting import wait_for

pytestmark = pytest.mark.real

CAF, CAF_COUNSELLOR = "caf", "counsellor-caf-1"


@pytest.fixture(scope="module")
def asterisk_stage() -> Iterator[Stage]:
    """Give a system whose directory no other test has changed; only Asterisk runs."""
    if not ASTERISK_FILE.exists():
        pytest.skip("no Asterisk here: run script/setup")
    with asterisk_alone() as stage:
        yield stage


def answer_to_register(stage: Stage, secret: str) -> int:
    """Register the CAF's counsellor by a bare client over TLS; give the answer's code.

    Each time on a new connection: Asterisk closes one that has been silent for long.
    """
    ca_file = stage.directory / "tls" / "ca.pem"
    with SipProbe("tls", stage.ports.sip_tls, ca_file) as probe:
        return probe.register(CAF_COUNSELLOR, secret).code


@pytest.fixture
def caf_secret(asterisk_stage: Stage) -> Iterator[str]:
    """Add the CAF by the one command; give its counsellor's secret; remove it again."""
    folder = asterisk_stage.directory / "caf"
    asterisk_stage.provision(
        "add-organisation",
        CAF,
        *("--name", "Caisse d'allocations familiales", "--counsellor", 'Ève; "CAF"'),
        *("--secrets-dir", str(folder), "--sip-server", "127.0.0.1"),
    )
    bundle = tomllib.loads((folder / f"{CAF_COUNSELLOR}.toml").read_text())
    yield bundle["sip"]["secret"]
    if CAF in asterisk_stage.provision("list", "organisations", "--json"):
        asterisk_stage.provision("remove", CAF, "caf-1", CAF_COUNSELLOR)


def test_a_fourth_organisation_is_there_during_a_call_that_goes_on(
    asterisk_stage: Stage,
    ami: BareAmi,
    kiosk: Endpoint,
    counsellor: Endpoint,
    request: pytest.FixtureRequest,
) -> None:
    complaints = asterisk_stage.asterisk.complaints()
    ami.place_call(kiosk.slug, "msa", "gv-901-1", appointment="901")
    ami.wait_event("AgentConnect")
    channels = sorted(asterisk_stage.asterisk.channels())
    assert len(channels) == 2

    secret = request.getfixturevalue("caf_secret")

    assert answer_to_register(asterisk_stage, secret) == 200
    queue = asterisk_stage.asterisk.cli(f"queue show {CAF}")
    assert f"{CAF_COUNSELLOR} (PJSIP/{CAF_COUNSELLOR})" in queue
    assert sorted(asterisk_stage.asterisk.channels()) == channels
    seen = wait_for(
        lambda: ((kiosk.call() or {}).get("video") or {}).get("frames_decoded"),
        "the kiosk sees the counsellor",
    )
    wait_for(
        lambda: kiosk.call()["video"]["frames_decoded"] > seen, "the picture moves on"
    )
    assert asterisk_stage.asterisk.complaints() == complaints


def test_a_name_with_marks_of_its_own_is_read_by_asterisk_as_it_was_written(
    asterisk_stage: Stage, caf_secret: str
) -> None:
    shown = asterisk_stage.asterisk.cli(f"pjsip show endpoint {CAF_COUNSELLOR}")
    assert "\"Ève; 'CAF'\" <" in shown


def test_a_rotated_secret_is_the_only_one_that_registers_from_then_on(
    asterisk_stage: Stage, caf_secret: str
) -> None:
    assert answer_to_register(asterisk_stage, caf_secret) == 200
    rotated = json.loads(
        asterisk_stage.provision("rotate-secret", CAF_COUNSELLOR, "--print", "--json")
    )
    assert answer_to_register(asterisk_stage, caf_secret) == 401
    assert answer_to_register(asterisk_stage, rotated["password"]) == 200


def test_what_is_removed_may_not_register_and_has_no_queue(
    asterisk_stage: Stage, caf_secret: str
) -> None:
    asterisk_stage.provision("remove", CAF, "caf-1", CAF_COUNSELLOR)
    assert answer_to_register(asterisk_stage, caf_secret) == 401
    assert "No such queue" in asterisk_stage.asterisk.cli(f"queue show {CAF}")

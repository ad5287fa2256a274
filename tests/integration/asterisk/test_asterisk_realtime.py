# SPDX-License-Identifier: AGPL-3.0-or-later
"""What provisioning adds takes effect at once, without a reload, and drops nothing."""

from pathlib import Path

import pytest

from stage.ami import BareAmi
from stage.endpoint import Endpoint
from stage.stack import Stage
from stage.waiting import wait_for

pytestmark = pytest.mark.real

CAF = """
[[organisations]]
slug = "caf"
name = "Caisse d'allocations familiales"
short_name = "CAF"

[[counters]]
slug = "caf-1"
name = "Guichet 1"
organisation = "caf"

[[counsellors]]
slug = "counsellor-caf-1"
name = "Conseiller de la CAF"
organisation = "caf"
"""


def test_an_organisation_added_during_a_call_takes_the_next_call(
    asterisk_stage: Stage,
    ami: BareAmi,
    kiosk: Endpoint,
    counsellor: Endpoint,
    tmp_path: Path,
) -> None:
    asterisk_stage.start("kiosk-guise")
    ami.place_call("kiosk-wassigny", "msa", "gv-201-1")
    ami.wait_event("AgentConnect", Queue="msa")
    before = asterisk_stage.asterisk.cli("core show settings")

    inventory = tmp_path / "caf.toml"
    inventory.write_text(CAF)
    asterisk_stage.apply(inventory)
    asterisk_stage.start("counsellor-caf-1")
    ami.place_call("kiosk-guise", "caf", "gv-202-1")
    connected = ami.wait_event("AgentConnect", Queue="caf")

    assert connected["Interface"] == "PJSIP/counsellor-caf-1"
    for endpoint in (kiosk, counsellor):
        call = endpoint.call()
        assert call and (call["stage"], call["appointment_id"]) == ("confirmed", "1")
    after = asterisk_stage.asterisk.cli("core show settings")
    assert reload_time(after) == reload_time(before)


def test_a_counsellor_who_is_removed_is_no_longer_let_in(
    asterisk_stage: Stage, ami: BareAmi, tmp_path: Path
) -> None:
    asterisk_stage.provision(
        "add-counsellor",
        "counsellor-msa-2",
        *("--name", "Remplaçante", "--organisation", "msa"),
        *("--secrets-dir", str(asterisk_stage.bundles)),
        *("--sip-server", "127.0.0.1"),
        *("--sip-port", str(asterisk_stage.ports.sip_tls)),
        *("--sip-ca", str(asterisk_stage.directory / "tls/ca.pem")),
    )
    asterisk_stage.read_bundles()
    asterisk_stage.start("counsellor-msa-2")
    asterisk_stage.stop("counsellor-msa-2")
    asterisk_stage.provision("remove", "counsellor-msa-2")
    replacement = asterisk_stage.counsellor("counsellor-msa-2")
    replacement.program.start()
    try:
        wait_for(lambda: "401" in replacement.program.log_text(), "it is refused")
        assert not asterisk_stage.asterisk.is_registered("counsellor-msa-2")
    finally:
        asterisk_stage.stop("counsellor-msa-2")


def reload_time(settings: str) -> str:
    [line] = [line for line in settings.splitlines() if "Last reload time" in line]
    return line

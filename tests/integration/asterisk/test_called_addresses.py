# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whoever is called is called where they registered from, at a real Asterisk.

Whose contact leads elsewhere (`maddr`, RFC 3261, 19.1.1) is not called at all.
"""

import tomllib
from collections.abc import Iterator

import pytest

from stage.ami import BareAmi
from stage.endpoint import Endpoint
from stage.redirecting_kiosk import answer_request
from stage.sip_probe import SipProbe
from stage.stack import Stage

pytestmark = pytest.mark.real

COUNSELLOR = "counsellor-msa-1"


@pytest.fixture
def tls(asterisk_stage: Stage) -> Iterator[SipProbe]:
    ca_file = asterisk_stage.directory / "tls" / "ca.pem"
    with SipProbe("tls", asterisk_stage.ports.sip_tls, ca_file) as probe:
        yield probe


def register(stage: Stage, tls: SipProbe, parameter: str = "") -> None:
    """Register the counsellor with a number of one's choice, and this parameter."""
    bundle = tomllib.loads((stage.bundles / f"{COUNSELLOR}.toml").read_text())
    contact = f"sip:0899701239@127.0.0.1;transport=tls{parameter}"
    answer = tls.register(COUNSELLOR, str(bundle["sip"]["secret"]), contact=contact)
    assert answer.code == 200, answer
    # A queue rings who answers, and takes them for gone otherwise.
    answer_request(tls, "OPTIONS", "200 OK")


def test_a_counsellor_whose_contact_leads_elsewhere_is_not_called(
    asterisk_stage: Stage, tls: SipProbe, ami: BareAmi, kiosk: Endpoint
) -> None:
    register(asterisk_stage, tls, ";maddr=127.0.0.1")
    ami.place_call(kiosk.slug, "msa", "gv-1-1")
    tried = ami.wait_event("Hangup")
    assert COUNSELLOR in tried["Channel"]
    heard = iter(lambda: tls.receive(0.5), None)
    assert not [head for head, _ in heard if head.startswith("INVITE")]
    assert kiosk.call() is not None
    # Without it the same telephone is called where it came from.
    register(asterisk_stage, tls)
    answer_request(tls, "INVITE", "486 Busy Here")

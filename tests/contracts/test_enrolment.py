# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a machine and the server both know of an enrolment is equal on both sides."""

import json
import re
from pathlib import Path

import pytest

from booking_web.api.kiosk.enrolment_schemas import ATTEMPT
from booking_web.shell.site.host_cookies import KIOSK_COOKIE
from provisioning.asterisk.certificates import ensure_certificates
from provisioning.bundles.bundle import Access
from provisioning.bundles.enrolment_file import SiteFiles, enrolment_at, file_of
from provisioning.directory.credentials import new_sip_secret
from provisioning.directory.enrolment_codes import (
    ALPHABET,
    new_enrolment_code,
    normalised_code,
    proof_key_of,
    proof_of,
    public_id_of,
)
from provisioning.inventory.plan import Kind
from sip_endpoints.machine.enrolment.attempt import begin_attempt
from sip_endpoints.machine.enrolment.code import read_code
from sip_endpoints.machine.enrolment.grant import read_grant_file
from sip_endpoints.machine.session.profile import FORMER_COOKIE, KEPT_COOKIE

KIOSK = "kiosk-guise"
DIRECTORY = {
    Kind.KIOSK: {KIOSK: {"relay": "guise"}},
    Kind.RELAY: {"guise": {"commune": "Guise", "name": "Relais de Guise"}},
    Kind.COUNSELLOR: {},
}


@pytest.mark.parametrize("as_typed", [str, str.lower, lambda c: c.replace("-", "  ")])
def test_a_code_of_the_server_is_one_to_the_machine(as_typed) -> None:
    for _ in range(50):
        typed = as_typed(new_enrolment_code())
        code = read_code(typed)
        assert code.normalised == normalised_code(typed)
        assert code.public_id == public_id_of(code.normalised)


def test_every_character_of_a_code_is_one_on_both_sides() -> None:
    for character in ALPHABET:
        assert read_code(character * 20).normalised == normalised_code(character * 20)


@pytest.mark.parametrize("authority", [None, "a certificate", "autorité"])
def test_the_server_s_proof_is_believed_by_who_has_the_code_alone(authority) -> None:
    code, other = (read_code(new_enrolment_code()) for _ in range(2))
    proof = proof_of(proof_key_of(code.normalised), (authority or "").encode())
    assert code.proves(authority, proof)
    assert not other.proves(authority, proof)
    assert not code.proves("another", proof)


def test_the_machine_s_attempt_is_one_to_the_server(tmp_path: Path) -> None:
    attempt = begin_attempt(tmp_path / "attempt", read_code(new_enrolment_code()))
    assert re.fullmatch(ATTEMPT[0].regex, attempt)


@pytest.mark.parametrize("has_web_ca", [True, False])
def test_the_machine_reads_what_the_server_writes(tmp_path: Path, has_web_ca) -> None:
    ensure_certificates(tmp_path, ["guichet.example"])
    authority = tmp_path / "ca.pem"
    access = Access("guichet.example", 5061, authority, "https://guichet.example")
    site = SiteFiles(access, authority, authority if has_web_ca else None)
    secret = new_sip_secret(KIOSK, with_token=True)
    text = file_of(enrolment_at(site)(secret, DIRECTORY))
    grant = read_grant_file(text)
    assert (grant.slug, grant.site) == (KIOSK, "https://guichet.example")
    assert grant.sip_authority == authority.read_text()
    assert grant.web_authority == (authority.read_text() if has_web_ca else None)
    assert grant.bundle == json.loads(text)["bundle"]
    assert grant.bundle["bridge"]["token"] == secret.token


def test_the_cookie_that_lets_a_screen_in_is_the_one_that_a_wipe_leaves() -> None:
    assert KEPT_COOKIE == KIOSK_COOKIE.name(is_secure=True)
    assert FORMER_COOKIE == KIOSK_COOKIE.name(is_secure=False)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may register, with what, over which transport."""

import json
import re
import secrets
import tomllib
from collections.abc import Iterator

import pytest

from stage.ami import BareAmi
from stage.endpoint import Endpoint
from stage.sip_probe import SipProbe
from stage.softphone import SoftphoneAccount, add_softphone
from stage.stack import Stage

pytestmark = pytest.mark.real

KIOSK = "kiosk-guise"


def secret_of(stage: Stage, slug: str) -> str:
    bundle = tomllib.loads((stage.bundles / f"{slug}.toml").read_text())
    return str(bundle["sip"]["secret"])


@pytest.fixture
def tls(asterisk_stage: Stage) -> Iterator[SipProbe]:
    ca_file = asterisk_stage.directory / "tls" / "ca.pem"
    with SipProbe("tls", asterisk_stage.ports.sip_tls, ca_file) as probe:
        yield probe


@pytest.fixture(scope="module")
def softphone(asterisk_stage: Stage) -> SoftphoneAccount:
    return add_softphone(asterisk_stage, "sous-prefecture-vervins")


def test_a_kiosk_registers_over_tls_with_a_verified_certificate(
    asterisk_stage: Stage, kiosk: Endpoint
) -> None:
    assert kiosk.status()["registered"] is True
    assert asterisk_stage.asterisk.is_registered("kiosk-wassigny")


def test_the_right_secret_registers(asterisk_stage: Stage, tls: SipProbe) -> None:
    assert tls.register(KIOSK, secret_of(asterisk_stage, KIOSK)).code == 200


@pytest.mark.parametrize(
    ("user", "secret"),
    [
        (KIOSK, "wrong"),
        (KIOSK, ""),
        ("nobody", "secret"),
        ("anonymous", "secret"),
        ("%27%20OR%20%271%27%3D%271", "secret"),
    ],
)
def test_anything_else_is_refused(tls: SipProbe, user: str, secret: str) -> None:
    assert tls.register(user, secret).code in (401, 403)


def test_another_kiosks_secret_is_refused(asterisk_stage: Stage, tls: SipProbe) -> None:
    assert tls.register(KIOSK, secret_of(asterisk_stage, "kiosk-wassigny")).code == 401


def test_a_kiosks_md5_digest_is_refused(asterisk_stage: Stage, tls: SipProbe) -> None:
    assert tls.register(KIOSK, secret_of(asterisk_stage, KIOSK), "MD5").code == 401


def test_the_database_holds_no_secret(asterisk_stage: Stage) -> None:
    content = (asterisk_stage.directory / "guichet.db").read_bytes()
    content += (asterisk_stage.directory / "guichet.db-wal").read_bytes()
    assert KIOSK.encode() in content
    for endpoint in asterisk_stage.endpoints:
        assert secret_of(asterisk_stage, endpoint).encode() not in content


def test_a_refused_registration_is_in_the_security_log(
    asterisk_stage: Stage, tls: SipProbe
) -> None:
    tls.register(KIOSK, "certainly-wrong")
    log = (asterisk_stage.directory / "asterisk/log/security").read_text()
    failed = [line for line in log.splitlines() if "ChallengeResponseFailed" in line]
    told = json.loads(failed[-1])["logmsg"]["message"]
    assert f'AccountID="{KIOSK}"' in told


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_softphone_registers_in_the_clear_where_the_site_allows_it(
    asterisk_stage: Stage, softphone: SoftphoneAccount, transport: str
) -> None:
    with SipProbe(transport, asterisk_stage.ports.sip) as probe:
        assert probe.register(softphone.user, softphone.secret, "MD5").code == 200


def test_a_kiosk_that_registered_in_the_clear_is_not_called_in_the_clear(
    asterisk_stage: Stage, ami: BareAmi
) -> None:
    with SipProbe("udp", asterisk_stage.ports.sip) as probe:
        probe.register(KIOSK, secret_of(asterisk_stage, KIOSK))
        ami.place_call(KIOSK, "msa", "gv-900-1")
        answer = ami.wait_event("OriginateResponse")
        assert answer["Response"] == "Failure"
        assert probe.hears_nothing()
    asterisk_stage.start(KIOSK)
    asterisk_stage.stop(KIOSK)


def test_nobody_registers_in_anothers_place(
    asterisk_stage: Stage, tls: SipProbe
) -> None:
    secret = secret_of(asterisk_stage, KIOSK)
    for other in ("kiosk-wassigny", "counsellor-msa-1", "counsellor-nobody-1"):
        contacts = asterisk_stage.asterisk.contacts(other)
        assert tls.register(KIOSK, secret, address_of=other).code in (403, 404)
        assert asterisk_stage.asterisk.contacts(other) == contacts


def test_a_softphone_that_must_be_encrypted_is_not_heard_and_not_called_in_the_clear(
    asterisk_stage: Stage, tls: SipProbe, ami: BareAmi
) -> None:
    phone = add_softphone(asterisk_stage, "msa", in_clear=False)
    told = tls.invite(KIOSK, phone.user, phone.secret, encrypted=False, algorithm="MD5")
    assert told.code == 488
    with SipProbe("udp", asterisk_stage.ports.sip) as probe:
        probe.register(phone.user, phone.secret, "MD5")
        ami.action(
            "Originate",
            Channel=f"PJSIP/{phone.user}",
            Timeout="3000",
            Application="Wait",
            Data="1",
            Async="true",
        )
        answer = ami.wait_event("OriginateResponse")
        assert answer["Response"] == "Failure"
        assert probe.hears_nothing()


def test_requests_without_a_call_do_nothing_and_keep_nobody_out(
    asterisk_stage: Stage, tls: SipProbe
) -> None:
    secret = secret_of(asterisk_stage, KIOSK)
    for number in range(300):
        method = ("INFO", "OPTIONS", "BYE", "UPDATE", "REFER", "NOTIFY")[number % 6]
        lines = [
            f"{method} sip:{KIOSK}@127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/TLS {tls.address};rport;branch=z9hG4bK{secrets.token_hex(8)}",
            "Max-Forwards: 70",
            f"From: <sip:{KIOSK}@127.0.0.1>;tag=1",
            f"To: <sip:{KIOSK}@127.0.0.1>;tag=2",
            f"Call-ID: {secrets.token_hex(8)}",
            f"CSeq: 1 {method}",
            "Content-Type: application/dtmf-relay",
            "Content-Length: 24",
        ]
        body = "Signal=1\r\nDuration=100\r\n"
        tls.send("\r\n".join([*lines, "", body]).encode())
    with SipProbe(
        "tls",
        asterisk_stage.ports.sip_tls,
        asterisk_stage.directory / "tls" / "ca.pem",
    ) as another:
        assert another.register(KIOSK, secret).code == 200
    assert asterisk_stage.asterisk.channels() == []


def challenge_of(probe: SipProbe, method: str, user: str) -> list[str]:
    """Give the answer to a stranger's request, without what differs each time."""
    mark = secrets.token_hex(8)
    lines = [
        f"{method} sip:{KIOSK}@127.0.0.1 SIP/2.0",
        f"Via: SIP/2.0/TLS {probe.address};rport;branch=z9hG4bK{mark}",
        "Max-Forwards: 70",
        f"From: <sip:{user}@127.0.0.1>;tag=1",
        f"To: <sip:{user}@127.0.0.1>",
        f"Call-ID: {mark}",
        f"CSeq: 1 {method}",
        f"Contact: <sip:{user}@{probe.address}>",
        "Content-Length: 0",
    ]
    probe.send("\r\n".join([*lines, "", ""]).encode())
    while heard := probe.receive(10):
        if mark in heard[0]:
            text = heard[0].replace(user, "USER").replace(mark, "MARK")
            return re.sub(r'(nonce|opaque)="[^"]*"|tag=\S+', r"\1", text).split("\r\n")
    raise AssertionError("no answer")


@pytest.mark.parametrize("method", ["REGISTER", "INVITE", "OPTIONS"])
def test_nobody_learns_from_a_challenge_which_names_there_are(
    tls: SipProbe, method: str
) -> None:
    names = [KIOSK, "counsellor-msa-1", "kiosk-nowhere", "nobody"]
    kiosk, counsellor, *strangers = [challenge_of(tls, method, n) for n in names]
    assert kiosk[0] == "SIP/2.0 401 Unauthorized"
    assert kiosk == counsellor
    assert strangers == [kiosk, kiosk]

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The telephone of a guest's page at a real Asterisk: it calls nobody, and is nobody else."""

import hashlib
import socket
import tomllib
from collections.abc import Iterator

import pytest

from provisioning.asterisk.realtime_rows import REALM, guest_rows, guest_telephone
from provisioning.asterisk.realtime_tables import compare_rows
from provisioning.database.realtime import PjsipAuth
from stage.ami import BareAmi
from stage.redirecting_kiosk import answer_request
from stage.sip_probe import SipProbe
from stage.stack import Stage

pytestmark = pytest.mark.real

NUMBER = 7
GUEST, SECRET = guest_telephone(NUMBER), "drawn for this test"
COUNSELLOR, KIOSK = "counsellor-msa-1", "kiosk-wassigny"
SOMEWHERE = (KIOSK, COUNSELLOR, "msa", "start", "h", "s", "*55", GUEST, "0033321000000")


@pytest.fixture
def guest(asterisk_stage: Stage) -> Iterator[None]:
    """Give a guest's telephone, made as for an invitation and removed after it."""
    database = asterisk_stage.database()
    ha1 = hashlib.md5(f"{GUEST}:{REALM}:{SECRET}".encode()).hexdigest()
    made = []
    with database.write() as session:
        for row in guest_rows(NUMBER):
            columns = {**row.key, **row.columns}
            if row.table is PjsipAuth:
                columns["password_digest"] = f"MD5:{ha1}"
            session.add(row.table(**columns))
            made.append((row.table, row.key["id"]))
    yield
    with database.write() as session:
        for table, name in made:
            session.delete(session.get_one(table, name))
    database.dispose()


@pytest.fixture
def tls(asterisk_stage: Stage) -> Iterator[SipProbe]:
    ca_file = asterisk_stage.directory / "tls" / "ca.pem"
    with SipProbe("tls", asterisk_stage.ports.sip_tls, ca_file) as probe:
        yield probe


def test_a_guest_calls_nobody_and_registers_as_nobody_else(
    asterisk_stage: Stage, tls: SipProbe, guest: None
) -> None:
    for target in SOMEWHERE:
        answer = tls.invite(target, GUEST, SECRET, algorithm="MD5")
        assert answer.code == 404, target
    assert tls.invite(KIOSK, GUEST, "guessed", algorithm="MD5").code == 401
    for other in (COUNSELLOR, KIOSK):
        answer = tls.register(GUEST, SECRET, "MD5", address_of=other)
        assert answer.code >= 400, other
        assert not asterisk_stage.asterisk.is_registered(other)


def test_a_guest_is_called_where_they_came_from_whatever_they_say(
    asterisk_stage: Stage, tls: SipProbe, guest: None, ami: BareAmi
) -> None:
    """A guest names an operator's address and a number: no call is sent there."""
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.setblocking(False)
        port = elsewhere.getsockname()[1]
        target = f"sip:0899701239@127.0.0.1:{port};transport=tls"
        assert tls.register(GUEST, SECRET, "MD5", contact=target).code == 200
        [contact] = asterisk_stage.asterisk.contacts(GUEST)
        assert contact.startswith(f"sip:0899701239@{tls.address};")
        let_in(ami)
        answer_request(tls, "INVITE", f"302 Moved\r\nContact: <{target}>")
        asterisk_stage.asterisk.wait_idle()
        with pytest.raises(BlockingIOError):
            elsewhere.accept()


def test_a_guest_whose_address_leads_elsewhere_is_not_called(
    asterisk_stage: Stage, tls: SipProbe, guest: None, ami: BareAmi
) -> None:
    target = "sip:0899701239@127.0.0.1;transport=tls;maddr=127.0.0.1"
    assert tls.register(GUEST, SECRET, "MD5", contact=target).code == 200
    let_in(ami)
    asterisk_stage.asterisk.wait_idle()
    heard = iter(lambda: tls.receive(0.5), None)
    assert not [head for head, _ in heard if head.startswith("INVITE")]


def let_in(ami: BareAmi) -> None:
    """Have the guest called, as the dispatcher does; returns as Asterisk has begun."""
    ami.action(
        "Originate",
        variables=(f"GUICHET_GUEST={GUEST}", "GUICHET_QUEUE_SECONDS=20"),
        Channel="Local/start@guichet-guest-call",
        Application="NoOp",
        Async="true",
    )
    ami.wait_event("Newchannel")


def test_nobody_calls_a_guest(
    asterisk_stage: Stage, tls: SipProbe, guest: None
) -> None:
    for slug in (COUNSELLOR, "kiosk-guise"):
        bundle = tomllib.loads((asterisk_stage.bundles / f"{slug}.toml").read_text())
        secret = str(bundle["sip"]["secret"])
        assert tls.invite(GUEST, slug, secret).code == 404


def test_to_apply_the_inventory_leaves_guests_telephones(
    asterisk_stage: Stage, guest: None
) -> None:
    database = asterisk_stage.database()
    with database.read() as session:
        changed = [change.name for change in compare_rows(session, [])]
    database.dispose()
    assert f"ps_endpoints {COUNSELLOR}" in changed
    assert not [name for name in changed if GUEST in name]

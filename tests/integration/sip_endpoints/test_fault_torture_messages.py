# SPDX-License-Identifier: AGPL-3.0-or-later
"""RFC 4475's messages and the scanners of sipvicious: all stays up, and serves a call after."""

import itertools
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from stage.ami import BareAmi
from stage.endpoint import BINARIES, Endpoint
from stage.sip_probe import SipProbe
from stage.stack import Stage
from stage.tls_relay import TlsRelay
from stage.torture import ends_where_it_says, torture_messages
from stage.waiting import PATIENCE, wait_for

pytestmark = pytest.mark.real

KIOSK, OTHER_KIOSK = "kiosk-wassigny", "kiosk-guise"
MESSAGES = torture_messages()
NUMBERS = itertools.count(1)


def assert_serves_a_call(
    stage: Stage, ami: BareAmi, kiosk: Endpoint, counsellor: Endpoint
) -> None:
    """Both are registered, nobody was called, and a call of ours connects them."""
    assert stage.dead_parts() == []
    for endpoint in (kiosk, counsellor):
        endpoint.wait_registered(60)
    ami.action("Ping")
    unasked = [
        event["Channel"] for event in ami.events if event["Event"] == "DialBegin"
    ]
    assert unasked == []
    assert kiosk.call() is None
    call = f"gv-{4475000 + next(NUMBERS)}-1"
    ami.place_call(kiosk.slug, "msa", call)
    ami.wait_event("AgentConnect", 60, Linkedid=call)
    told = wait_for(kiosk.call, "the kiosk is in the call", 30)
    assert told["appointment_id"] == "1"


def test_there_are_49_messages() -> None:
    assert len(MESSAGES) == 49
    assert MESSAGES["unreason"].startswith(
        b"SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe"
    )
    assert b"\x07 NUL:\\\x00 DEL:" in MESSAGES["intmeth"]
    assert MESSAGES["longreq"].count(b"\r\nVia: SIP/2.0/TCP sip30") == 30
    broken = {name for name, wire in MESSAGES.items() if not ends_where_it_says(wire)}
    assert {"clerr", "ncl", "mcl01", "dblreq", "inv2543"} <= broken


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_asterisk_takes_all_of_them(
    asterisk_stage: Stage,
    ami: BareAmi,
    kiosk: Endpoint,
    counsellor: Endpoint,
    transport: str,
) -> None:
    ports = asterisk_stage.ports
    port = ports.sip_tls if transport == "tls" else ports.sip
    ca_file = asterisk_stage.directory / "tls" / "ca.pem"
    for message in MESSAGES.values():
        with SipProbe(transport, port, ca_file) as probe:
            probe.send(message)
    # An answer to this one comes after all that was sent before.
    with SipProbe(transport, port, ca_file) as probe:
        assert probe.register("nobody", "").code == 401
    assert_serves_a_call(asterisk_stage, ami, kiosk, counsellor)


@pytest.fixture
def relay(asterisk_stage: Stage) -> Iterator[TlsRelay]:
    tls_directory = asterisk_stage.directory / "tls"
    with TlsRelay(tls_directory, asterisk_stage.ports.sip_tls) as relay:
        yield relay


@pytest.fixture
def behind(
    asterisk_stage: Stage, relay: TlsRelay, tmp_path: Path
) -> Iterator[Endpoint]:
    """Give the kiosk of Guise, which reaches Asterisk by the relay."""
    given = asterisk_stage.kiosk(OTHER_KIOSK).bundle
    bundle = tmp_path / given.name
    text, changed = re.subn(
        rf"\b{asterisk_stage.ports.sip_tls}\b", str(relay.port), given.read_text()
    )
    assert changed
    bundle.write_text(text)
    for beside in given.parent.glob("*.pem"):
        (tmp_path / beside.name).write_bytes(beside.read_bytes())
    bundle.chmod(0o600)
    endpoint = Endpoint(OTHER_KIOSK, bundle, directory=tmp_path)
    asterisk_stage.stop(OTHER_KIOSK)
    endpoint.program.start()
    endpoint.wait_registered(60)
    yield endpoint
    endpoint.program.stop()


def test_a_kiosk_takes_all_of_them_from_its_own_server(
    asterisk_stage: Stage,
    ami: BareAmi,
    relay: TlsRelay,
    behind: Endpoint,
    counsellor: Endpoint,
) -> None:
    for wire in MESSAGES.values():
        if ends_where_it_says(wire):
            relay.say(wire)
    assert behind.status()["registered"] is True
    assert behind.call() is None
    # After one of these a stream can be of no more use.
    for wire in MESSAGES.values():
        if not ends_where_it_says(wire):
            relay.say(wire)
    relay.cut()
    assert behind.program.is_running
    wait_for(
        lambda: asterisk_stage.asterisk.is_registered(OTHER_KIOSK),
        "the kiosk is back",
        60,
        0.2,
    )
    assert_serves_a_call(asterisk_stage, ami, behind, counsellor)


def test_the_scanners_of_sipvicious_find_nobody_and_disturb_nobody(
    asterisk_stage: Stage,
    ami: BareAmi,
    kiosk: Endpoint,
    counsellor: Endpoint,
    tmp_path: Path,
) -> None:
    port = str(asterisk_stage.ports.sip)
    names = tmp_path / "names.txt"
    guesses = [KIOSK, "counsellor-msa-1", "kiosk-nowhere", "nobody", "100", "admin"]
    names.write_text("\n".join(guesses) + "\n")

    def scan(tool: str, *arguments: str) -> str:
        done = subprocess.run(
            [BINARIES / f"sipvicious_{tool}", *arguments],
            cwd=tmp_path,
            env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=120 * PATIENCE,
            check=False,
        )
        return done.stdout + done.stderr

    found = scan("svmap", f"-p{port}", "127.0.0.1")
    assert f"127.0.0.1:{port}" in found
    known = scan("svwar", f"-p{port}", f"-d{names}", "-mREGISTER", "127.0.0.1")
    # Names that exist and names that do not are one to it.
    assert (KIOSK in known) == ("kiosk-nowhere" in known)
    cracked = scan("svcrack", f"-p{port}", f"-u{KIOSK}", f"-d{names}", "127.0.0.1")
    # A table of what it found would name the kiosk between bars.
    assert not re.search(rf"\|\s*{KIOSK}\s*\|", cracked)
    assert_serves_a_call(asterisk_stage, ami, kiosk, counsellor)

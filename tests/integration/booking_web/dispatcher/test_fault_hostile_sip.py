# SPDX-License-Identifier: AGPL-3.0-or-later
"""Peers that write lines of their own into what they send."""

import re
import socket
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from booking_web.tables.states import AppointmentState as S
from stage.ami import BareAmi
from stage.ami_tap import AmiTap
from stage.appointments import AppointmentBook
from stage.endpoint import Endpoint
from stage.hostile_sip import MARK, HostilePeer, escaped
from stage.redirecting_kiosk import RedirectingKiosk
from stage.sip_probe import SipProbe
from stage.softphone import SoftphoneAccount, add_softphone
from stage.stack import Stage

pytestmark = pytest.mark.real

KIOSK, OTHER_KIOSK = "kiosk-wassigny", "kiosk-guise"
COUNSELLOR = "counsellor-msa-1"
# Nobody of this one is signed in: its residents wait.
UNATTENDED = "sous-prefecture-vervins"
REQUESTS = 2000


def secret_of(stage: Stage, slug: str) -> str:
    bundle = tomllib.loads((stage.bundles / f"{slug}.toml").read_text())
    return str(bundle["sip"]["secret"])


@pytest.fixture(scope="module")
def softphone(asterisk_stage: Stage) -> SoftphoneAccount:
    return add_softphone(asterisk_stage, UNATTENDED)


@pytest.fixture
def tap(asterisk_stage: Stage) -> Iterator[AmiTap]:
    """Give everything that the dispatcher's account is told, byte by byte."""
    with AmiTap(asterisk_stage.settings_file) as tap:
        yield tap


def lines_of_peers(text: bytes) -> list[str]:
    """Give the lines that begin with what a peer sent."""
    lines = re.split(r"[\r\n\v\f]+", text.decode(errors="replace"))
    return [line for line in lines if line.lstrip().startswith(MARK)]


def peers(stage: Stage, softphone: SoftphoneAccount) -> list[HostilePeer]:
    """Give every account there is, over every transport, and two strangers."""
    ca_file = stage.directory / "tls" / "ca.pem"
    tls, clear = stage.ports.sip_tls, stage.ports.sip
    ours = [
        HostilePeer("tls", tls, slug, secret_of(stage, slug), ca_file)
        for slug in stage.endpoints
    ]
    return [
        *ours,
        *(HostilePeer("udp", clear, peer.user, peer.secret) for peer in ours),
        HostilePeer("tcp", clear, COUNSELLOR, secret_of(stage, COUNSELLOR)),
        HostilePeer("udp", clear, softphone.user, softphone.secret, algorithm="MD5"),
        HostilePeer("udp", clear, "nobody", "nothing", algorithm="MD5"),
        HostilePeer("tls", tls, COUNSELLOR, "wrong", ca_file),
    ]


def test_a_number_that_was_dialled_ends_nobodys_call(
    dispatched: Stage, book: AppointmentBook, kiosk: Endpoint
) -> None:
    number = book.put(KIOSK, UNATTENDED)
    book.wait(number, S.QUEUED)
    call = f"gv-{number}-1"
    event = f"\r\n\r\nEvent: Hangup\r\nUniqueid: {call}\r\nLinkedid: {call}\r\n\r\n"
    secret = secret_of(dispatched, COUNSELLOR)
    ca_file = dispatched.directory / "tls" / "ca.pem"
    with SipProbe("tls", dispatched.ports.sip_tls, ca_file) as probe:
        answer = probe.invite(f"kiosk-{escaped(event)}", COUNSELLOR, secret)
    assert answer.code == 404
    # What the secretary does next is heard after all that the dispatcher was told.
    book.change(number, hangup_requested_at=datetime.now(UTC))
    book.wait(number, S.INTERRUPTED, "hung_up_by_secretary")
    kinds = [period.kind for period in book.periods(number)]
    assert kinds == ["waiting", "ringing", "queued"]


def test_nothing_that_a_peer_sends_becomes_an_event_or_a_line_of_a_log(
    dispatched: Stage,
    book: AppointmentBook,
    kiosk: Endpoint,
    tap: AmiTap,
    softphone: SoftphoneAccount,
) -> None:
    number = book.put(KIOSK, UNATTENDED)
    book.wait(number, S.QUEUED)
    everybody = peers(dispatched, softphone)
    each = -(-REQUESTS // len(everybody))
    for peer in everybody:
        peer.attack(each, KIOSK)
        # It was read, not thrown away for its form.
        assert 401 in peer.answered
    dispatched.asterisk.cli("channel request hangup all")
    book.wait(number, S.INTERRUPTED, "resident_left")
    dispatched.asterisk.wait_idle()
    assert lines_of_peers(tap.heard()) == []
    logs = [
        *(dispatched.directory / "log").glob("*.log"),
        *(dispatched.directory / "asterisk" / "log").iterdir(),
    ]
    forged = {log.name: lines_of_peers(log.read_bytes()) for log in logs}
    assert {name: lines for name, lines in forged.items() if lines} == {}
    # And the house goes on as before.
    dispatched.restart(KIOSK)
    again = book.put(KIOSK, UNATTENDED)
    book.wait(again, S.QUEUED)


@pytest.fixture
def elsewhere() -> Iterator[socket.socket]:
    """Give a stranger's server, to which nobody has connected yet."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


@pytest.mark.parametrize(
    "target",
    [
        "kiosk-guise@127.0.0.1",
        "PJSIP%2Fkiosk-guise@127.0.0.1",
        "Local%2F*55%40guichet-counsellor@127.0.0.1",
        f"{escaped(f'x{chr(13)}{chr(10)}{MARK}: yes')}@127.0.0.1",
        "x@127.0.0.1:{port};transport=tls",
        "x@127.0.0.1:{port};transport=tcp",
    ],
)
def test_a_kiosk_that_sends_its_call_elsewhere_reaches_nobody(
    dispatched: Stage,
    book: AppointmentBook,
    ami: BareAmi,
    tap: AmiTap,
    elsewhere: socket.socket,
    target: str,
) -> None:
    port = elsewhere.getsockname()[1]
    dispatched.start(OTHER_KIOSK)
    dispatched.stop(KIOSK)
    with RedirectingKiosk(dispatched, KIOSK, target.format(port=port)) as hostile:
        number = book.put(KIOSK, "msa")
        hostile.answer_one_call()
        book.wait(number, S.UNREACHABLE, "kiosk_refused")
    with pytest.raises(BlockingIOError):
        elsewhere.accept()
    channels = re.findall(r"(?m)^Channel: (\S+)", tap.heard().decode())
    assert channels
    assert [name for name in channels if not name.startswith(f"PJSIP/{KIOSK}")] == []
    assert lines_of_peers(tap.heard()) == []

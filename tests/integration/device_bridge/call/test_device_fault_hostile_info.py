# SPDX-License-Identifier: AGPL-3.0-or-later
"""Broken and hostile SIP INFO in a real call, through the real Asterisk, the bridge up.

A bare SIP client sits in the counsellor's place: it may say anything in its call.
"""

import shutil
import tempfile
import tomllib
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from booking_web.tables.documents import DeviceJob
from stage.appointments import AppointmentBook
from stage.counsellor_desk import CounsellorDesk
from stage.device_story import COUNSELLOR_ACCOUNT, QUICK_RESIDENT
from stage.papers import form_pdf, page_texts
from stage.sip_probe import SipProbe
from stage.sip_probe_call import RELAY, ProbeCall
from stage.stack import ASTERISK_FILE, Stage, StageOptions
from stage.waiting import wait_for

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not ASTERISK_FILE.exists(), reason="run script/setup"),
]

KIOSK, COUNSELLOR = "kiosk-wassigny", "counsellor-msa-1"
PAGE = "Demande de prestation"
# Body and type. No endless Duration: Asterisk plays such a digit to its end, and the codes
# of that call (only those) wait for it.
HOSTILE: list[tuple[str | bytes, str | None]] = [
    ("", RELAY),
    ("", None),
    ("Duration=100\r\n", RELAY),
    ("Signal=\r\nDuration=100\r\n", RELAY),
    ("Signal\r\n", RELAY),
    ("Signal=99\r\nDuration=100\r\n", RELAY),
    ("Signal=*11#\r\nDuration=100\r\n", RELAY),
    ("Signal=é\r\nDuration=100\r\n", RELAY),
    (b"Signal=\x00\r\nDuration=\xff\xfe\r\n", RELAY),
    ("Signal=A\r\nDuration=100\r\n", RELAY),
    ("Signal=5\r\nDuration=\r\n", RELAY),
    ("Signal=5\r\nDuration=abc\r\n", RELAY),
    ("Signal=5\r\n\r\nSignal=*\r\n\r\nSignal=1\r\n", RELAY),
    ("Signal=1" + "1" * 4000, RELAY),
    (b"\x00" * 2000, RELAY),
    ("A" * 20_000, RELAY),
    ('{"print": 1}', "application/vnd.guichet+json"),
    ("*11#", "text/plain"),
    ("*11#", RELAY),
    ("*11#", "application/dtmf"),
    ("11", "application/dtmf"),
    ("", "application/dtmf"),
    ("Signal=*\r\n", "APPLICATION/OCTET-STREAM"),
    ("<media_control><vc_primitive/></media_control>", "application/media_control+xml"),
    ("Signal=1\r\n", "multipart/mixed;boundary=x"),
]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """Give a kiosk with its devices, and no counsellor's telephone."""
    directory = Path(tempfile.mkdtemp(prefix="guichet-test-"))
    options = StageOptions(
        devices=True, bridge_settings=QUICK_RESIDENT, provisions_in_process=True
    )
    try:
        with Stage(directory, options) as stage:
            stage.prepare()
            bridge = stage.devices_of(KIOSK).name
            stage.start("asterisk", "web", "dispatcher", KIOSK, bridge)
            yield stage
    finally:
        shutil.rmtree(directory)


@pytest.fixture
def probe(stage: Stage) -> Iterator[SipProbe]:
    with SipProbe("tls", stage.ports.sip_tls, ca_of(stage)) as probe:
        yield probe


def ca_of(stage: Stage) -> Path:
    return stage.directory / "tls" / "ca.pem"


def test_none_of_it_prints_or_scans_and_the_call_survives(
    stage: Stage, probe: SipProbe
) -> None:
    database = stage.database()
    book = AppointmentBook(database)
    soon = datetime.now(UTC) + timedelta(minutes=3)
    appointment = book.put(KIOSK, "msa", starts_at=soon)
    with CounsellorDesk(stage.url) as desk:
        desk.sign_in(COUNSELLOR_ACCOUNT, stage.passwords()[COUNSELLOR_ACCOUNT])
        assert desk.upload(appointment, "form.pdf", form_pdf(PAGE)) == 1
    bundle = tomllib.loads((stage.bundles / f"{COUNSELLOR}.toml").read_text())
    # A call without a picture or a sound ends by itself after eight seconds: be quick.
    call = ProbeCall(probe, KIOSK, COUNSELLOR, bundle["sip"]["secret"])
    wait_for(
        lambda: book.told(appointment)[0] == "in_call", "the server knows the call"
    )
    devices = stage.devices_of(KIOSK)

    for body, kind in HOSTILE:
        call.info(body, kind)
    send_from_outside(stage, call)
    call.key("*9#")
    call.wait_heard("Imprimante : prête.")

    with database.read() as session:
        assert list(session.scalars(select(DeviceJob))) == []
    assert devices.cups.printed_files() == []
    assert devices.is_idle()
    assert book.told(appointment)[0] == "in_call"
    # The way is open all the same: what is asked for is done, once.
    call.key("*11#")
    call.wait_heard("Impression terminée")
    [sheet] = devices.cups.printed_files()
    assert page_texts(sheet) == [PAGE]
    call.hang_up()
    database.dispose()


def send_from_outside(stage: Stage, call: ProbeCall) -> None:
    """Send what comes from no party of the call, or belongs to no call.

    A stranger may know its Call-ID, but not the tag that Asterisk gave it (122 random
    bits, on encrypted connections only): by that alone pjproject finds a call.
    """
    with SipProbe("tls", stage.ports.sip_tls, ca_of(stage)) as other:
        for digit in "*11#":
            guess = f"<sip:{KIOSK}@127.0.0.1>;tag={uuid.uuid4()}"
            body = f"Signal={digit}\r\nDuration=100\r\n"
            for request in (
                call.request("INFO", body, RELAY, to=guess),
                call.request("INFO", body, RELAY, to=guess, call_id=uuid.uuid4().hex),
                call.request("INFO", body, RELAY, to=f"<sip:{KIOSK}@127.0.0.1>"),
                call.request("INFO", body, RELAY, extra=f"To: {guess}", to=guess),
                b"INFO sip:x SIP/2.0\r\nCall-ID: \r\n\r\n" + body.encode(),
            ):
                other.send(request)
        refused = [received for received in iter(lambda: other.receive(0.3), None)]
    codes = {int(head.split()[1]) for head, _ in refused}
    assert codes and codes <= {400, 401, 403, 404, 405, 481}

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Our two endpoints on the real Asterisk: what they answer, refuse, send and show."""

import re
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest

from stage.ami import BareAmi
from stage.endpoint import Endpoint
from stage.stack import Stage
from stage.waiting import wait_for

pytestmark = pytest.mark.real

KIOSK = "kiosk-wassigny"


def in_call(endpoint: Endpoint) -> dict[str, Any]:
    def call() -> dict[str, Any] | None:
        found = endpoint.call()
        return found if found and found["stage"] == "confirmed" else None

    return wait_for(call, f"{endpoint.slug} is in a call", poll_seconds=0.05)


def test_an_unmarked_call_is_refused_though_it_comes_from_our_asterisk(
    ami: BareAmi, kiosk: Endpoint
) -> None:
    before = kiosk.status()["calls_refused"]
    ami.action(
        "Originate",
        variables=("PJSIP_HEADER(add,X-Guichet-Appointment)=200",),
        ActionID="guichet/gv-200-1",
        ChannelId="gv-200-1",
        Channel=f"PJSIP/{KIOSK}",
        Context="guichet-queue",
        Exten="start",
        Priority="1",
        Codecs="opus,ulaw,vp8,h264",
        Async="true",
    )
    ami.wait_event("Hangup", 5, Uniqueid="gv-200-1")
    status = kiosk.status()
    assert status["calls_refused"] == before + 1
    assert status["call"] is None


def test_a_second_call_is_refused_and_the_first_goes_on(
    ami: BareAmi, kiosk: Endpoint
) -> None:
    ami.place_call(KIOSK, "mission-locale-thierache", "gv-201-1", appointment="201")
    in_call(kiosk)
    ami.place_call(KIOSK, "msa", "gv-202-1", appointment="202")
    ended = ami.wait_event("Hangup", 5, Uniqueid="gv-202-1")
    assert ended["Cause"] == "17"
    assert in_call(kiosk)["appointment_id"] == "201"


def test_a_code_keyed_by_the_counsellor_arrives_whole_and_in_order(
    ami: BareAmi, kiosk: Endpoint, counsellor: Endpoint
) -> None:
    ami.place_call(KIOSK, "msa", "gv-211-1", appointment="211")
    ami.wait_event("AgentConnect")
    in_call(counsellor)
    counsellor.order("digits", "*12#")
    wait_for(
        lambda: in_call(kiosk)["digits_received"] == "*12#",
        "the code came",
        poll_seconds=0.1,
    )


def test_a_message_in_the_call_is_shown_to_the_counsellor(
    asterisk_stage: Stage, ami: BareAmi, kiosk: Endpoint, counsellor: Endpoint
) -> None:
    ami.place_call(KIOSK, "msa", "gv-212-1")
    ami.wait_event("AgentConnect")
    in_call(counsellor)
    [channel] = [
        name
        for name in asterisk_stage.asterisk.channels()
        if name.startswith(f"PJSIP/{counsellor.slug}-")
    ]
    ami.action("SendText", Channel=channel, Message="Impression terminée, 2 pages")
    wait_for(
        lambda: (
            counsellor.status()["messages"][-1:] == ["Impression terminée, 2 pages"]
        ),
        "the message is shown",
        poll_seconds=0.1,
    )


def test_the_last_call_can_be_asked_for_after_its_end(
    ami: BareAmi, kiosk: Endpoint, counsellor: Endpoint
) -> None:
    ami.place_call(KIOSK, "msa", "gv-213-1", appointment="213")
    ami.wait_event("AgentConnect")
    for endpoint in (kiosk, counsellor):
        wait_for(
            lambda: (in_call(endpoint)["video"] or {}).get("frames_decoded", 0) >= 30,
            "30 pictures",
            poll_seconds=0.1,
        )
    counsellor.order("hangup")
    for endpoint in (kiosk, counsellor):
        wait_for(lambda: endpoint.call() is None, "the call is over", poll_seconds=0.05)
        last = endpoint.status()["last_call"]
        assert last["appointment_id"] == "213"
        assert last["end_code"] == 200
        assert last["video"]["frames_decoded"] >= 30
        assert last["video"]["loss_fraction"] < 0.05


def test_the_counsellor_who_answers_late_sees_the_resident_within_two_seconds(
    ami: BareAmi, kiosk: Endpoint, counsellor: Endpoint
) -> None:
    # The kiosk's own first whole pictures are long gone: it must be asked for one.
    counsellor.order("pause")
    try:
        ami.place_call(KIOSK, "msa", "gv-214-1")
        ami.wait_event("QueueCallerJoin")
        wait_for(
            lambda: (in_call(kiosk)["audio"] or {}).get("packets_received", 0) > 250,
            "five seconds of music",
            poll_seconds=0.1,
        )
    finally:
        counsellor.order("available")
    ami.wait_event("AgentConnect", 15)
    in_call(counsellor)
    for endpoint in (counsellor, kiosk):
        wait_for(
            lambda: (in_call(endpoint)["video"] or {}).get("frames_decoded", 0) >= 1,
            "the first picture",
            3,
            0.05,
        )


def test_kiosk_and_counsellor_listen_nowhere(
    kiosk: Endpoint, counsellor: Endpoint
) -> None:
    for endpoint in (kiosk, counsellor):
        process = psutil.Process(endpoint.program.pid)
        states = sorted(found.status for found in process.net_connections("tcp"))
        assert states == [psutil.CONN_ESTABLISHED], endpoint.slug


def test_a_server_signed_by_another_authority_is_never_given_the_registration(
    asterisk_stage: Stage, tmp_path: Path
) -> None:
    known = asterisk_stage.kiosk("kiosk-guise").bundle
    text = re.sub(r"(?m)^ca_file = .*$", 'ca_file = "other.pem"', known.read_text())
    bundle = tmp_path / "kiosk-guise.toml"
    bundle.write_text(text)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"]
        + ["ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=other"]
        + ["-keyout", tmp_path / "other.key", "-out", tmp_path / "other.pem"],
        check=True,
        capture_output=True,
    )
    (tmp_path / "log").mkdir()
    stranger = Endpoint("kiosk-guise", bundle, directory=tmp_path)
    stranger.program.start()
    try:
        wait_for(
            lambda: stranger.program.log_text().count('"registration failed"') >= 3,
            "three attempts failed",
            poll_seconds=0.1,
        )
        assert not stranger.is_registered()
        assert not asterisk_stage.asterisk.is_registered("kiosk-guise")
    finally:
        stranger.program.stop()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""From the dispatcher's order to two moving pictures, and what is remembered of the end."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from stage.ami import BareAmi
from stage.endpoint import Endpoint
from stage.stack import Stage
from stage.waiting import wait_for

pytestmark = pytest.mark.real

KIOSK, COUNSELLOR = "kiosk-wassigny", "counsellor-msa-1"


def outcome(stage: Stage) -> str | None:
    return stage.asterisk.astdb("guichet", KIOSK)


def wait_outcome(stage: Stage, call: str, expected: str) -> None:
    wait_for(
        lambda: outcome(stage) == f"{call}|{expected}",
        f"{expected} is remembered",
        poll_seconds=0.1,
    )


def picture_of(endpoint: Endpoint) -> dict[str, Any] | None:
    video = (endpoint.call() or {}).get("video")
    return video if video and video["frames_decoded"] >= 30 else None


def confirmed(endpoint: Endpoint) -> dict[str, Any]:
    def call() -> dict[str, Any] | None:
        found = endpoint.call()
        return found if found and found["stage"] == "confirmed" else None

    return wait_for(call, f"{endpoint.slug} is in a call")


def test_a_kiosk_and_a_counsellor_see_each_other(
    asterisk_stage: Stage, ami: BareAmi, kiosk: Endpoint, counsellor: Endpoint
) -> None:
    ami.place_call(
        KIOSK, "msa", "gv-101-1", appointment="101", caller_name="M. Dupont (Wassigny)"
    )
    joined = ami.wait_event("QueueCallerJoin")
    assert (joined["Uniqueid"], joined["Queue"]) == ("gv-101-1", "msa")
    connected = ami.wait_event("AgentConnect")
    assert connected["Interface"] == f"PJSIP/{COUNSELLOR}"
    for endpoint in (kiosk, counsellor):
        picture = wait_for(
            lambda: picture_of(endpoint), "30 pictures", poll_seconds=0.1
        )
        assert picture["codec"] == "VP8"
        assert (picture["width"], picture["height"]) >= (320, 240)
        assert confirmed(endpoint)["appointment_id"] == "101"
    assert confirmed(counsellor)["remote_name"] == "M. Dupont (Wassigny)"
    assert confirmed(counsellor)["remote_user"] == KIOSK
    assert outcome(asterisk_stage) == "gv-101-1|in_call"


def exchanges(endpoint: Endpoint) -> list[dict[str, Any]]:
    """Give what the endpoint's log tells of SIP."""
    lines = [
        json.loads(line)
        for line in endpoint.program.log_text().splitlines()
        if line.startswith("{")
    ]
    return [line for line in lines if line["event"].startswith("sip ")]


def test_what_went_over_sip_is_told_without_anybodys_name(
    asterisk_stage: Stage, ami: BareAmi, kiosk: Endpoint, counsellor: Endpoint
) -> None:
    before = len(exchanges(kiosk))
    name = "Mme Durand (Wassigny)"
    ami.place_call(KIOSK, "msa", "gv-131-1", appointment="131", caller_name=name)
    ami.wait_event("AgentConnect")
    confirmed(counsellor)
    counsellor.order("hangup")
    wait_outcome(asterisk_stage, "gv-131-1", "done")
    wait_for(lambda: kiosk.call() is None, "the kiosk hung up")
    told = [
        (each["method"], each["asked_by"], each["code"])
        for each in exchanges(kiosk)[before:]
        if each["event"] == "sip exchange"
    ]
    assert told[0] == ("INVITE", "them", 200)
    assert ("BYE", "them", 200) in told or ("BYE", "us", 200) in told
    known = {"event", "level", "logger", "timestamp"}
    for each in exchanges(kiosk) + exchanges(counsellor):
        more = each.keys() - known
        assert more in ({"method", "asked_by", "code"}, {"is_up", "error"})
        written = json.dumps(each, ensure_ascii=False)
        for personal in ("Durand", "131", KIOSK, COUNSELLOR, "127.0.0.1"):
            assert personal not in written.replace(each["timestamp"], "")


@pytest.mark.parametrize(
    "name",
    [
        'M. "Jo" O\'Hara (Wassigny)',
        "M^e Nguyễn, Đỗ; (é€😀)",
        "${SHELL(id)} ${EXTEN} $[1+1] (Wassigny)",
    ],
)
def test_any_name_reaches_the_counsellors_phone_and_no_log(
    asterisk_stage: Stage,
    ami: BareAmi,
    kiosk: Endpoint,
    counsellor: Endpoint,
    name: str,
) -> None:
    ami.place_call(KIOSK, "msa", "gv-102-1", caller_name=name)
    ami.wait_event("AgentConnect")
    assert confirmed(counsellor)["remote_name"] == name
    logs = asterisk_stage.directory / "asterisk" / "log"
    for log in [*logs.iterdir(), asterisk_stage.asterisk.program.log]:
        assert name not in log.read_text(errors="replace"), log.name


def test_a_call_that_the_counsellor_ends_is_remembered_as_done(
    asterisk_stage: Stage, ami: BareAmi, kiosk: Endpoint, counsellor: Endpoint
) -> None:
    ami.place_call(KIOSK, "msa", "gv-103-1")
    ami.wait_event("AgentConnect")
    confirmed(counsellor)
    counsellor.order("hangup")
    ended = ami.wait_event("Hangup", Uniqueid="gv-103-1")
    assert ended["Cause"] == "16"
    wait_outcome(asterisk_stage, "gv-103-1", "done")


def test_a_queue_without_a_counsellor_is_remembered_as_abandoned(
    asterisk_stage: Stage, ami: BareAmi, kiosk: Endpoint
) -> None:
    ami.place_call(
        KIOSK, "mission-locale-thierache", "gv-104-1", queue_seconds=5, language="en"
    )
    # What Asterisk says, and what the kiosk is told to say.
    ami.wait_event("QueueCallerJoin", Language="en")
    assert outcome(asterisk_stage) == "gv-104-1|queued"
    ami.wait_event("QueueCallerAbandon", 20)
    # The announcement to the resident plays; the outcome is remembered before it.
    assert confirmed(kiosk)["language"] == "en"
    wait_outcome(asterisk_stage, "gv-104-1", "abandoned")
    ami.wait_event("Hangup", 15, Uniqueid="gv-104-1")
    assert outcome(asterisk_stage) == "gv-104-1|abandoned"


def test_a_kiosk_that_hangs_up_in_the_queue_is_remembered_as_left(
    asterisk_stage: Stage, ami: BareAmi, kiosk: Endpoint
) -> None:
    ami.place_call(KIOSK, "mission-locale-thierache", "gv-105-1")
    ami.wait_event("QueueCallerJoin")
    asterisk_stage.stop(KIOSK)
    ami.wait_event("Hangup", Uniqueid="gv-105-1")
    wait_outcome(asterisk_stage, "gv-105-1", "left")


def test_a_call_whose_kiosk_lost_its_power_is_remembered_as_broken(
    asterisk_stage: Stage, ami: BareAmi, kiosk: Endpoint, counsellor: Endpoint
) -> None:
    set_rtp_timeout(asterisk_stage, KIOSK, 2)
    try:
        ami.place_call(KIOSK, "msa", "gv-106-1")
        ami.wait_event("AgentConnect")
        confirmed(counsellor)
        asterisk_stage.kill(KIOSK)
        ami.wait_event("Hangup", 20, Uniqueid="gv-106-1")
        wait_outcome(asterisk_stage, "gv-106-1", "broken")
        wait_for(lambda: not counsellor.call(), "the counsellor's phone is free again")
    finally:
        set_rtp_timeout(asterisk_stage, KIOSK, 30)


def test_a_kiosk_that_lost_its_power_fails_within_the_time_it_may_ring(
    asterisk_stage: Stage, ami: BareAmi, kiosk: Endpoint
) -> None:
    kiosk.program.freeze()
    try:
        ami.place_call(KIOSK, "msa", "gv-107-1")
        answer = ami.wait_event("OriginateResponse", 14)
        assert answer["Response"] == "Failure"
        ami.wait_event("Hangup", 2, Uniqueid="gv-107-1")
    finally:
        kiosk.program.thaw()
        asterisk_stage.restart(KIOSK)


def test_pause_and_available_are_dialled_and_told_to_the_queue(
    asterisk_stage: Stage, ami: BareAmi, counsellor: Endpoint
) -> None:
    counsellor.order("pause")
    wait_for(
        lambda: is_paused(asterisk_stage), "the member is paused", poll_seconds=0.1
    )
    counsellor.order("available")
    wait_for(
        lambda: not is_paused(asterisk_stage), "the member is back", poll_seconds=0.1
    )


def is_paused(stage: Stage) -> bool:
    members = stage.asterisk.cli("queue show msa").splitlines()
    [line] = [line for line in members if f"PJSIP/{COUNSELLOR}" in line]
    return "(paused" in line


def set_rtp_timeout(stage: Stage, slug: str, seconds: int) -> None:
    database = stage.database()
    with database.write() as session:
        session.execute(
            text("UPDATE ps_endpoints SET rtp_timeout = :seconds WHERE id = :slug"),
            {"seconds": seconds, "slug": slug},
        )
    database.dispose()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who is there: what Asterisk says of devices and queue members, and what is kept of it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.dispatcher.manager.ami import AmiEvent, Lost, QueueMember
from booking_web.dispatcher.presence.events import Seen, seen_in, seen_in_lists
from booking_web.domain.kiosks.presence import end_watch, keep_watch, write_presence
from booking_web.domain.kiosks.watch import is_watched
from booking_web.tables.appointment import LiveEvent
from booking_web.tables.presence import EndpointPresence, Presence
from provisioning.database.engine import Database
from tests.unit.booking_web.dispatcher.followed_ground import FollowedGround, play

P = Presence
NOW = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)
MEMBER = {"Queue": "msa", "Interface": "PJSIP/counsellor-msa-1"}


@pytest.mark.parametrize(
    ("name", "fields", "seen"),
    [
        (
            "DeviceStateChange",
            {"Device": "PJSIP/kiosk-1", "State": "NOT_INUSE"},
            Seen("kiosk-1", P.READY),
        ),
        (
            "DeviceStateChange",
            {"Device": "PJSIP/kiosk-1", "State": "UNAVAILABLE"},
            Seen("kiosk-1", P.OFFLINE),
        ),
        (
            "DeviceStateChange",
            {"Device": "PJSIP/kiosk-1", "State": "RINGING"},
            Seen("kiosk-1", P.IN_CALL),
        ),
        ("DeviceStateChange", {"Device": "Queue:msa", "State": "NOT_INUSE"}, None),
        (
            "QueueMemberStatus",
            MEMBER | {"Status": "1", "Paused": "0"},
            Seen("counsellor-msa-1", P.READY, "msa"),
        ),
        (
            "QueueMemberPause",
            MEMBER | {"Status": "1", "Paused": "1"},
            Seen("counsellor-msa-1", P.PAUSED, "msa"),
        ),
        # A pause during a call begins after it; nobody paused is there who is switched off.
        (
            "QueueMemberPause",
            MEMBER | {"Status": "2", "Paused": "1"},
            Seen("counsellor-msa-1", P.IN_CALL, "msa"),
        ),
        (
            "QueueMemberStatus",
            MEMBER | {"Status": "5", "Paused": "1"},
            Seen("counsellor-msa-1", P.OFFLINE, "msa"),
        ),
        ("QueueMemberRemoved", MEMBER, Seen("counsellor-msa-1", P.OFFLINE, "msa")),
        ("Newchannel", {"Channel": "PJSIP/kiosk-1-00000001"}, None),
    ],
)
def test_an_event_tells_of_one_endpoint(name, fields, seen) -> None:
    assert seen_in(AmiEvent(name, fields)) == seen


def test_the_lists_tell_of_devices_and_members() -> None:
    member = QueueMember("msa", "PJSIP/counsellor-msa-1", "1", is_paused=True)
    devices = {"PJSIP/kiosk-1": "INUSE", "Queue:msa_avail": "INUSE"}
    assert seen_in_lists(devices, [member]) == [
        Seen("kiosk-1", P.IN_CALL),
        Seen("counsellor-msa-1", P.PAUSED, "msa"),
    ]


def states(database: Database) -> dict[str, str]:
    with database.read() as session:
        rows = session.execute(select(EndpointPresence.slug, EndpointPresence.state))
        return {row.slug: row.state for row in rows}


def news(database: Database) -> list[int | None]:
    with database.read() as session:
        return list(
            session.scalars(
                select(LiveEvent.kiosk_id)
                .where(LiveEvent.kind == "readiness")
                .order_by(LiveEvent.id)
            )
        )


def test_whoever_is_in_no_list_is_offline_nobody_knows_since_when(database) -> None:
    with database.write() as session:
        write_presence(session, {"kiosk-1": P.READY}, {}, NOW, is_all=True)
    with database.read() as session:
        row = session.get_one(EndpointPresence, "kiosk-2")
        assert (row.state, row.since) == (P.OFFLINE, None)
        assert session.get_one(EndpointPresence, "kiosk-1").state == P.READY


def test_a_change_is_dated_and_told_once_and_to_that_relay(database) -> None:
    later = NOW + timedelta(seconds=5)
    with database.write() as session:
        write_presence(session, {"kiosk-1": P.READY}, {}, NOW, is_all=True)
    told = len(news(database))
    for _ in range(2):
        with database.write() as session:
            write_presence(session, {"kiosk-1": P.OFFLINE}, {}, later, is_all=False)
    assert news(database)[told:] == [1]
    with database.read() as session:
        assert session.get_one(EndpointPresence, "kiosk-1").since == later


def test_a_stranger_and_a_foreign_queue_are_nobody(database) -> None:
    with database.write() as session:
        write_presence(
            session,
            {"softphone-of-somebody": P.READY},
            {("caf", "counsellor-1"): P.READY},
            NOW,
            is_all=False,
        )
    assert states(database) == {}


def test_the_watch_ends_with_silence_and_with_the_loss_of_asterisk(database) -> None:
    with database.write() as session:
        assert not is_watched(session, NOW)
        keep_watch(session, NOW)
        assert is_watched(session, NOW + timedelta(seconds=10))
        assert not is_watched(session, NOW + timedelta(seconds=60))
        end_watch(session, NOW)
        assert not is_watched(session, NOW)


def test_a_clock_a_little_ahead_is_no_reason_to_doubt(database) -> None:
    with database.write() as session:
        keep_watch(session, NOW + timedelta(seconds=90))
        assert is_watched(session, NOW)


def test_a_dispatcher_writes_lists_then_events_and_says_when_it_hears_nothing(
    database,
) -> None:
    ground = FollowedGround(database)
    ground.ami.devices["PJSIP/kiosk-1"] = "NOT_INUSE"

    def watched() -> bool:
        with database.read() as session:
            return is_watched(session, datetime.now(UTC))

    async def story(ground: FollowedGround) -> None:
        await ground.until(
            lambda: states(database).get("kiosk-1") == "ready" and watched()
        )
        off = {"Device": "PJSIP/kiosk-1", "State": "UNAVAILABLE"}
        ground.ami.heard.put_nowait(AmiEvent("DeviceStateChange", off))
        await ground.until(lambda: states(database)["kiosk-1"] == "offline")
        ground.ami.heard.put_nowait(Lost())
        await ground.until(lambda: not watched())

    play(ground, story)

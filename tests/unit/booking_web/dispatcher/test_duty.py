# SPDX-License-Identifier: AGPL-3.0-or-later
"""Available, paused, wrap-up: page and queue are at one, whoever changed which."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from booking_web.dispatcher.duty.rows import settle_all
from booking_web.dispatcher.duty.seeing import (
    MissedRing,
    calls_for_a_look,
    missed_ring_in,
    seen_in,
)
from booking_web.dispatcher.manager.ami import (
    AmiEvent,
    Channel,
    Connected,
    Lost,
    QueueMember,
)
from booking_web.domain.duty.standing import Held, Seen
from booking_web.domain.duty.wishes import be_available, pause
from booking_web.tables.appointment import LiveEvent
from booking_web.tables.duty import CounsellorDuty, PauseReason
from provisioning.database.engine import Database
from provisioning.database.models import Counsellor, Organisation
from tests.unit.booking_web.dispatcher.followed_ground import A_DAY_AGO, FollowedGround

INTERFACE = "PJSIP/counsellor-msa-1"
CALL = {"GUICHET_CALL": "gv-1-1"}


class World(FollowedGround):
    """The MSA's one counsellor, an Asterisk of the test's own, and a dispatcher."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.ami.members = [QueueMember("msa", INTERFACE, "1", is_paused=False)]

    def limits(self, **values: int) -> None:
        with self.database.write() as session:
            session.execute(update(Organisation).values(**values))

    def wish(self, work: Callable[..., None], *values: object) -> None:
        with self.database.write() as session:
            counsellor = session.scalars(
                select(Counsellor).where(Counsellor.slug == "counsellor-msa-1")
            ).one()
            work(session, counsellor, *values, datetime.now(UTC))

    def row(self) -> tuple[str, str, bool]:
        """Give state, reason, and whether Asterisk holds it."""
        with self.database.read() as session:
            row = session.scalars(select(CounsellorDuty)).one_or_none()
            if row is None:
                return "available", "", True
            return str(row.state), row.reason, row.applied_at is not None

    def held(self) -> tuple[bool, str]:
        member = self.ami.members[0]
        return member.is_paused, member.pause_reason

    def keyed(self, is_paused: bool) -> None:
        """Have the counsellor key *55 or *56."""
        member = replace(self.ami.members[0], is_paused=is_paused, pause_reason="")
        self.ami.members = [member]
        self.tell("QueueMemberPause")

    def in_call(self, is_in_call: bool) -> None:
        mate = Channel("1.2", "gv-1-1", f"{INTERFACE}-0000000a", True, "", "b", CALL)
        self.ami.now_up = [mate] if is_in_call else []
        self.tell("BridgeEnter" if is_in_call else "BridgeLeave")

    def tell(self, name: str, **fields: str) -> None:
        known = {"Queue": "msa", "Interface": INTERFACE, "Channel": f"{INTERFACE}-0a"}
        self.ami.heard.put_nowait(AmiEvent(name, known | fields))

    def miss(self, channel: str) -> None:
        self.tell("AgentRingNoAnswer", DestUniqueid=channel)


@pytest.fixture
def world(database: Database) -> World:
    """Give a counsellor who is available, in an organisation without wrap-up."""
    world = World(database)
    world.limits(wrap_up_seconds=0)
    return world


def test_a_wish_is_carried_out_and_then_told_to_the_organisation(world) -> None:
    async def story() -> None:
        world.wish(pause, PauseReason.MEETING)
        assert world.row() == ("paused", "meeting", False)
        async with world.followed():
            await world.until(lambda: world.row() == ("paused", "meeting", True))
        assert world.held() == (True, "meeting")

    asyncio.run(story())
    with world.database.read() as session:
        told = session.scalars(
            select(LiveEvent.organisation_id).where(LiveEvent.kind == "duty")
        ).all()
        ours = session.scalars(
            select(Organisation.id).where(Organisation.slug == "msa")
        ).one()
    assert told and set(told) == {ours}


def test_keys_of_the_telephone_are_written_back(world) -> None:
    async def story() -> None:
        async with world.followed():
            world.keyed(True)
            await world.until(lambda: world.row() == ("paused", "telephone", True))
            world.keyed(False)
            await world.until(lambda: world.row() == ("available", "", True))
        assert world.ami.paused == []

    asyncio.run(story())


def test_what_was_asked_for_last_counts_also_after_a_silence(world) -> None:
    """While nobody heard Asterisk the page asked, and the telephone was keyed."""

    async def story() -> None:
        async with world.followed():
            world.keyed(True)
            await world.until(lambda: world.row() == ("paused", "telephone", True))
            world.ami.heard.put_nowait(Lost())
            world.wish(be_available)
            world.ami.heard.put_nowait(Connected(A_DAY_AGO))
            await world.until(lambda: world.row() == ("available", "", True))
        assert world.held()[0] is False

    asyncio.run(story())


def test_asterisk_is_told_the_reason_again_that_its_restart_has_lost(world) -> None:
    async def story() -> None:
        world.wish(pause, PauseReason.MEETING)
        async with world.followed():
            await world.until(lambda: world.row() == ("paused", "meeting", True))
            world.ami.heard.put_nowait(Lost())
            member = replace(world.ami.members[0], pause_reason="")
            world.ami.members = [member]
            world.ami.heard.put_nowait(Connected(datetime.now(UTC)))
            await world.until(lambda: world.held() == (True, "meeting"))
            await world.until(lambda: world.row() == ("paused", "meeting", True))

    asyncio.run(story())


def test_a_call_has_its_wrap_up_from_the_answer_and_it_ends_by_itself(world) -> None:
    world.limits(wrap_up_seconds=1)

    async def story() -> None:
        async with world.followed():
            world.in_call(True)
            await world.until(lambda: world.row() == ("wrap_up", "", True))
            assert world.held() == (True, "wrap_up")
            world.in_call(False)
            await world.until(lambda: world.row() == ("available", "", True))
        assert world.held()[0] is False

    asyncio.run(story())


def test_a_call_that_ended_while_the_dispatcher_was_dead_has_its_wrap_up(world) -> None:
    world.limits(wrap_up_seconds=3600)

    async def story() -> None:
        async with world.followed():
            world.in_call(True)
            await world.until(lambda: world.row() == ("wrap_up", "", True))
        world.ami.now_up = []
        async with world.followed():
            await world.until(lambda: _until(world.database) is not None)

    asyncio.run(story())
    ends = _until(world.database)
    assert ends is not None and ends > datetime.now(UTC) + timedelta(minutes=50)


def test_pages_are_told_of_a_call_that_has_no_wrap_up(world) -> None:
    """An interpreter's, say: nothing else of it concerns their page."""
    told = []
    for is_in_call in (False, True, True, False):
        now = datetime.now(UTC)
        seen = Seen(Held(False), is_in_call, now, A_DAY_AGO)
        with world.database.write() as session:
            settle_all(session, {("msa", "counsellor-msa-1"): seen}, [], now)
        with world.database.read() as session:
            told.append(len(session.scalars(select(LiveEvent.id)).all()))
    assert told == [0, 1, 1, 2]
    assert world.row() == ("available", "", True)


def test_a_pause_that_was_asked_for_before_or_in_the_call_is_no_wrap_up(world) -> None:
    world.limits(wrap_up_seconds=1)

    async def story() -> None:
        async with world.followed():
            world.wish(pause, PauseReason.BREAK)
            world.in_call(True)
            await world.until(lambda: world.row() == ("paused", "break", True))
            world.in_call(False)
            await world.until(lambda: _call_since(world.database) is None)
        assert world.held() == (True, "break")

    asyncio.run(story())


def test_missed_rings_in_a_row_pause_and_a_channel_counts_once(world) -> None:
    async def story() -> None:
        async with world.followed():
            for channel in ("a", "a", "b"):
                world.miss(channel)
            await world.until(lambda: _missed(world.database) == 2)
            assert world.row() == ("available", "", True)
            world.miss("c")
            await world.until(lambda: world.row() == ("paused", "missed_rings", True))
        assert world.held() == (True, "missed_rings")

    asyncio.run(story())


def test_a_call_that_was_taken_begins_the_row_of_missed_rings_anew(world) -> None:
    async def story() -> None:
        async with world.followed():
            world.miss("a")
            world.miss("b")
            await world.until(lambda: _missed(world.database) == 2)
            world.in_call(True)
            await world.until(lambda: _missed(world.database) == 0)
            world.in_call(False)
            world.miss("c")
            await world.until(lambda: _missed(world.database) == 1)
        assert world.row() == ("available", "", True)

    asyncio.run(story())


def test_where_nobody_is_paused_for_missed_rings_they_are_only_counted(world) -> None:
    world.limits(missed_rings_allowed=0)

    async def story() -> None:
        async with world.followed():
            for channel in "abcdef":
                world.miss(channel)
            await world.until(lambda: _missed(world.database) == 6)
        assert world.row() == ("available", "", True)

    asyncio.run(story())


def test_a_wish_for_whom_the_queue_does_not_know_stays_open(world) -> None:
    world.ami.members = []

    async def story() -> None:
        world.wish(pause, PauseReason.OTHER)
        async with world.followed():
            await world.until(lambda: world.ami.lists_given > 1)
            assert world.row() == ("paused", "other", False)
            world.ami.members = [QueueMember("msa", INTERFACE, "1", is_paused=False)]
            world.tell("QueueMemberAdded")
            await world.until(lambda: world.row() == ("paused", "other", True))

    asyncio.run(story())


def test_a_counsellor_who_is_removed_takes_the_row_along(world) -> None:
    world.wish(pause, PauseReason.OTHER)
    with world.database.write() as session:
        session.execute(delete(Counsellor).where(Counsellor.slug == "counsellor-msa-1"))
    with world.database.read() as session:
        assert session.scalars(select(CounsellorDuty)).all() == []


@pytest.mark.parametrize(
    ("name", "channel", "is_due"),
    [
        ("QueueMemberPause", "", True),
        ("AgentConnect", "", True),
        ("BridgeLeave", f"{INTERFACE}-00000001", True),
        ("BridgeLeave", "PJSIP/kiosk-1-00000001", False),
        ("Newchannel", f"{INTERFACE}-00000001", False),
    ],
)
def test_only_what_concerns_counsellors_has_the_lists_read(
    name, channel, is_due
) -> None:
    assert calls_for_a_look(AmiEvent(name, {"Channel": channel})) is is_due


def test_an_event_tells_of_a_missed_ring() -> None:
    fields = {"Queue": "msa", "Interface": INTERFACE, "DestUniqueid": "1.7"}
    missed = MissedRing("msa", "counsellor-msa-1", "1.7")
    assert missed_ring_in(AmiEvent("AgentRingNoAnswer", fields)) == missed
    assert missed_ring_in(AmiEvent("AgentConnect", fields)) is None


def test_who_hears_a_prompt_is_in_no_call() -> None:
    member = QueueMember("msa", INTERFACE, "2", is_paused=True, pause_reason="break")
    prompt = Channel("1.2", "1.2", f"{INTERFACE}-0000000a", True, "Playback", "")
    at = datetime.now(UTC)
    seen = seen_in([member], [prompt], at, A_DAY_AGO)
    held = Held(True, "break")
    assert seen == {("msa", "counsellor-msa-1"): Seen(held, False, at, A_DAY_AGO)}


def _until(database: Database) -> datetime | None:
    with database.read() as session:
        return session.scalars(select(CounsellorDuty.until)).one()


def _call_since(database: Database) -> datetime | None:
    with database.read() as session:
        return session.scalars(select(CounsellorDuty.call_since)).one()


def _missed(database: Database) -> int:
    with database.read() as session:
        found = session.scalars(select(CounsellorDuty.missed_rings)).one_or_none()
        return found or 0

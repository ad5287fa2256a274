# SPDX-License-Identifier: AGPL-3.0-or-later
"""The dispatcher as a whole, on a real database and an Asterisk of the test's own."""

import asyncio
import socket
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from booking_web.dispatcher import dispatcher as dispatching
from booking_web.dispatcher.manager.ami import (
    Absent,
    AmiEvent,
    AmiRefused,
    AmiUnavailable,
    Channel,
    Lost,
)
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState as S
from provisioning.database.engine import Database
from stage.appointments import put_appointment
from tests.unit.booking_web.dispatcher.followed_ground import A_DAY_AGO, FollowedGround

LONG_SINCE = datetime.now(UTC) - timedelta(minutes=5)
# The fault itself, well within the five seconds for which SQLite is asked again.
LOCKED_SECONDS = 3.0


class World(FollowedGround):
    """A dispatcher at work, with a bell at its door."""

    def put(self, kiosk: str = "kiosk-1", **values: object) -> int:
        with self.database.write() as session:
            return put_appointment(session, kiosk, "msa", **values)  # type: ignore[arg-type]

    def change(self, number: int, **values: object) -> None:
        with self.database.write() as session:
            for key, value in values.items():
                setattr(session.get_one(Appointment, number), key, value)

    def told(self, number: int) -> tuple[str, str]:
        with self.database.read() as session:
            found = session.get_one(Appointment, number)
            return found.state, found.state_reason

    def tell(self, name: str, **fields: str) -> None:
        """Tell an event, true or not."""
        self.ami.heard.put_nowait(AmiEvent(name, fields))

    async def happen(self, name: str, **fields: str) -> None:
        """Let it be so, and tell; returns once Asterisk was asked whether it is."""
        root = fields["Linkedid"]
        if name == "Hangup":
            gone = fields["Uniqueid"]
            self.ami.now_up = [c for c in self.ami.now_up if c.uniqueid != gone]
        elif name == "UserEvent":
            caller = f"PJSIP/{fields['Counsellor']}-00000001"
            self.ami.now_up.append(channel(root, fields["Call"], name=caller))
        elif root not in {c.uniqueid for c in self.ami.now_up}:
            self.ami.now_up.append(channel(root, root))
        if name == "AgentConnect":
            mate = f"{fields['Interface']}-00000002"
            self.ami.now_up.append(channel("1795.2", root, linkedid=root, name=mate))
        lists_given = self.ami.lists_given
        self.tell(name, **fields)
        await self.until(lambda: self.ami.lists_given > lists_given)

    def ring(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ringing:
            ringing.sendto(b"!", str(self.bell))

    async def until_told(self, number: int, state: S, reason: str = "") -> None:
        await self.until(lambda: self.told(number) == (state, reason))

    @property
    def placed(self) -> list[str]:
        return [order.call for order in self.ami.originated]


Story = Callable[[World], Awaitable[None]]
Live = Callable[[Story], None]


@pytest.fixture
def live(database: Database, tmp_path: Path) -> Live:
    """Give a function that runs a story while a dispatcher is at work."""
    bell = tmp_path / "bell"
    world = World(database, bell)

    async def run(story: Story) -> None:
        async with world.dispatched():
            await world.until(bell.exists)
            await story(world)

    return lambda story: asyncio.run(run(story))


def channel(uniqueid: str, call: str, **values: object) -> Channel:
    known: dict[str, object] = {
        "linkedid": uniqueid,
        "name": "PJSIP/kiosk-1-00000001",
        "is_up": True,
        "application": "Queue",
        "bridge": "",
        "variables": {"GUICHET_CALL": call},
    }
    return Channel(uniqueid=uniqueid, **(known | values))  # type: ignore[arg-type]


def test_a_ring_at_the_door_places_the_call_at_once(live: Live) -> None:
    async def story(world: World) -> None:
        world.connect()
        await world.until(world.ami.heard.empty)
        number = world.put(state=S.ARRIVED, call_is_requested=True)
        world.ring()
        await world.until(lambda: world.placed == [f"gv-{number}-1"])
        assert world.told(number) == ("calling", "")

    live(story)


def test_a_call_is_placed_at_its_hour_without_any_ring(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nor by a look in between.
    monkeypatch.setattr(dispatching, "POLL_SECONDS", 3600.0)

    async def story(world: World) -> None:
        due = datetime.now(UTC) + timedelta(seconds=1)
        number = world.put(starts_at=due)
        world.connect()
        await world.until(lambda: world.placed == [f"gv-{number}-1"])
        late = datetime.now(UTC) - due
        assert late >= timedelta(0)

    live(story)


def test_nothing_is_placed_while_asterisk_is_away(live: Live) -> None:
    async def story(world: World) -> None:
        number = world.put()
        world.ring()
        world.connect()
        await world.until(lambda: world.placed == [f"gv-{number}-1"])
        world.ami.heard.put_nowait(Lost())
        await world.until(world.ami.heard.empty)
        later = world.put("kiosk-2")
        for _ in range(20):
            world.ring()
            await asyncio.sleep(0)
        assert world.told(later) == ("arrived", "")
        # It is called once Asterisk is back, and the first is not called again.
        world.ami.now_up = [channel(f"gv-{number}-1", f"gv-{number}-1")]
        world.connect()
        await world.until(lambda: len(world.placed) == 2)
        assert world.placed == [f"gv-{number}-1", f"gv-{later}-1"]

    live(story)


def test_an_order_that_asterisk_refuses_is_handed_back(live: Live) -> None:
    async def story(world: World) -> None:
        number = world.put()
        world.ami.failure = AmiRefused("Extension does not exist.")
        # The comparison must pass, the order must not.
        world.ami.failure, refusal = None, world.ami.failure
        world.connect()
        original = world.ami.originate

        async def refuse(call: object) -> None:
            await original(call)  # type: ignore[arg-type]
            raise refusal

        world.ami.originate = refuse  # type: ignore[method-assign]
        await world.until_told(number, S.INTERRUPTED, "call_broken")
        assert world.placed == [f"gv-{number}-1"]

    live(story)


def test_an_order_without_answer_is_not_repeated_but_looked_for(live: Live) -> None:
    async def story(world: World) -> None:
        number = world.put()
        original = world.ami.originate

        async def vanish(call: object) -> None:
            await original(call)  # type: ignore[arg-type]
            raise AmiUnavailable("no answer in time")

        world.ami.originate = vanish  # type: ignore[method-assign]
        world.connect()
        await world.until_told(number, S.INTERRUPTED, "dispatcher_lost")
        assert world.placed == [f"gv-{number}-1"]

    live(story)


@pytest.mark.parametrize("state", [S.CALLING, S.QUEUED, S.IN_CALL])
def test_a_call_whose_channel_lives_goes_on_after_a_restart(
    live: Live, state: S
) -> None:
    async def story(world: World) -> None:
        number = world.put(state=state)
        call = f"gv-{number}-1"
        world.change(number, call=call, attempt=1, state_since=LONG_SINCE)
        world.ami.now_up = [channel(call, call)]
        world.connect()
        if state is S.CALLING:
            await world.until_told(number, S.QUEUED)
        await world.happen(
            "AgentConnect", Linkedid=call, Interface="PJSIP/counsellor-msa-1"
        )
        await world.happen("Hangup", Linkedid=call, Uniqueid=call, Cause="16")
        await world.until_told(number, S.DONE)
        assert world.placed == []

    live(story)


@pytest.mark.parametrize("state", [S.CALLING, S.QUEUED])
@pytest.mark.parametrize(
    ("outcome", "started_at", "expected"),
    [
        ("done", A_DAY_AGO, (S.DONE, "")),
        ("abandoned", A_DAY_AGO, (S.ABANDONED, "queue_timeout")),
        ("left", A_DAY_AGO, (S.INTERRUPTED, "resident_left")),
        (None, A_DAY_AGO, (S.INTERRUPTED, "dispatcher_lost")),
        (None, datetime.now(UTC), (S.INTERRUPTED, "asterisk_lost")),
    ],
)
def test_a_call_that_ended_unheard_is_settled_and_never_placed_again(
    live: Live,
    state: S,
    outcome: str | None,
    started_at: datetime,
    expected: tuple[S, str],
) -> None:
    async def story(world: World) -> None:
        number = world.put(state=state)
        call = f"gv-{number}-1"
        world.change(number, call=call, attempt=1, state_since=LONG_SINCE)
        if outcome is not None:
            world.ami.astdb["kiosk-1"] = f"{call}|{outcome}"
        world.connect(started_at)
        await world.until_told(number, *expected)
        assert world.placed == []

    live(story)


def test_every_call_is_broken_when_nobody_listens_at_asterisks_door(
    live: Live,
) -> None:
    async def story(world: World) -> None:
        number = world.put()
        world.connect()
        await world.until_told(number, S.CALLING)
        world.ami.heard.put_nowait(Lost())
        world.ami.heard.put_nowait(Absent())
        await world.until_told(number, S.INTERRUPTED, "asterisk_lost")

    live(story)


def test_an_orphan_of_ours_is_hung_up_and_a_strangers_call_is_not(live: Live) -> None:
    async def story(world: World) -> None:
        world.ami.now_up = [
            channel("gv-4711-1", "gv-4711-1"),
            channel("1795.1", ""),
        ]
        world.connect()
        await world.until(lambda: world.ami.hung_up == ["gv-4711-1"])

    live(story)


def test_the_secretarys_hang_up_reaches_the_channel(live: Live) -> None:
    async def story(world: World) -> None:
        number = world.put()
        world.connect()
        await world.until_told(number, S.CALLING)
        call = f"gv-{number}-1"
        world.ami.now_up = [channel(call, call)]
        await world.happen("QueueCallerJoin", Linkedid=call, Uniqueid=call)
        await world.until_told(number, S.QUEUED)
        world.change(number, hangup_requested_at=datetime.now(UTC))
        world.ring()
        await world.until(lambda: world.ami.hung_up == [call])
        world.ami.astdb["kiosk-1"] = f"{call}|left"
        await world.happen(
            "Hangup",
            Linkedid=call,
            Uniqueid=call,
            Channel="PJSIP/kiosk-1-1",
            Cause="0",
        )
        await world.until_told(number, S.INTERRUPTED, "hung_up_by_secretary")

    live(story)


def test_the_next_at_a_kiosk_is_called_as_soon_as_the_first_is_over(
    live: Live,
) -> None:
    async def story(world: World) -> None:
        first, second = world.put(), world.put()
        world.connect()
        await world.until(lambda: world.placed == [f"gv-{first}-1"])
        await world.happen(
            "Hangup", Linkedid=f"gv-{first}-1", Uniqueid=f"gv-{first}-1", Cause="21"
        )
        await world.until(lambda: len(world.placed) == 2)
        assert world.told(first) == ("unreachable", "kiosk_refused")
        assert world.placed[-1] == f"gv-{second}-1"

    live(story)


def test_a_direct_call_to_a_kiosk_that_is_taken_is_hung_up(live: Live) -> None:
    async def story(world: World) -> None:
        first = world.put()
        world.connect()
        await world.until_told(first, S.CALLING)
        later = datetime.now(UTC) + timedelta(hours=1)
        second = world.put(starts_at=later)
        await world.happen(
            "UserEvent",
            UserEvent="GuichetDirectCall",
            Linkedid="1795.1",
            Uniqueid="1795.1",
            Call=f"gv-{second}-direct-1795.1",
            Counsellor="counsellor-msa-1",
        )
        await world.until(lambda: world.ami.hung_up == ["1795.1"])
        assert world.told(second) == ("arrived", "")

    live(story)


class Lock:
    """The database, locked by somebody else; given free three seconds after it is told to."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False)
        self._timer = threading.Timer(LOCKED_SECONDS, self._end)
        self.ended_at: datetime | None = None

    def begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def let_go(self) -> None:
        self._timer.start()

    def close(self) -> None:
        if self._timer.ident is not None:
            self._timer.join()
        self._connection.close()

    def _end(self) -> None:
        self.ended_at = datetime.now(UTC)
        self._connection.rollback()


@pytest.fixture
def lock(database: Database) -> Iterator[Lock]:
    with closing(Lock(str(database.url.database))) as found:
        yield found


def test_a_database_locked_for_three_seconds_loses_no_fact(
    live: Live, lock: Lock
) -> None:
    async def story(world: World) -> None:
        number = world.put()
        world.connect()
        await world.until_told(number, S.CALLING)
        call = f"gv-{number}-1"
        lock.begin()
        await world.happen("QueueCallerJoin", Linkedid=call, Uniqueid=call)
        await world.happen(
            "AgentConnect", Linkedid=call, Interface="PJSIP/counsellor-msa-1"
        )
        await world.happen("Hangup", Linkedid=call, Uniqueid=call, Cause="16")
        # Asterisk is still being heard while the database stalls.
        await world.until(world.ami.heard.empty)
        lock.let_go()
        await world.until_told(number, S.DONE)
        with world.database.read() as session:
            periods = session.get_one(Appointment, number).periods
            assert [period.kind for period in periods] == [
                "waiting",
                "ringing",
                "queued",
                "in_call",
            ]
            last = periods[-1].ended_at
            # Dated when it was heard, not when it could be written.
            assert last is not None and lock.ended_at is not None
            assert last < lock.ended_at

    live(story)

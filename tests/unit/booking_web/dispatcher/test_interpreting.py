# SPDX-License-Identifier: AGPL-3.0-or-later
"""The interpreter's call on an Asterisk of the test's own: a second one, which moves nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from booking_web.dispatcher.call_id import parse_call
from booking_web.dispatcher.interpreting.orders import (
    InterpreterOrder,
    caller_name,
    id_in,
    name_of,
)
from booking_web.dispatcher.interpreting.standing import (
    GRACE,
    Standing,
    calls_seen,
    standing_of,
)
from booking_web.dispatcher.manager.ami import AmiEvent, Channel
from booking_web.domain.appointments.interpreters.calls import send_away
from booking_web.domain.appointments.lifecycle import move
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.interpreters import InterpreterCall
from booking_web.tables.states import AppointmentState as S
from provisioning.database.engine import Database
from provisioning.database.models import Counsellor, Counter, Organisation
from stage.appointments import put_appointment
from tests.unit.booking_web.dispatcher.followed_ground import FollowedGround, play

LSF = 9


def channel(uniqueid: str, name: str, linkedid: str = "", **values: object) -> Channel:
    root = linkedid or uniqueid
    known: dict[str, object] = {
        "is_up": True,
        "application": "Queue",
        "bridge": "",
        "variables": {"GUICHET_CALL": root},
    }
    values = {"linkedid": root, "name": name} | known | values
    return Channel(uniqueid=uniqueid, **values)  # type: ignore[arg-type]


class World(FollowedGround):
    """An appointment in call, booked with an interpreter, and who follows it."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        with database.write() as session:
            session.add(
                Organisation(
                    id=LSF, slug="lsf", name="LSF", short_name="LSF", interprets="sign"
                )
            )
            session.flush()
            counter = Counter(slug="lsf-1", name="1", organisation_id=LSF)
            session.add(counter)
            session.add(
                Counsellor(slug="counsellor-lsf-1", name="C. Roy", organisation_id=LSF)
            )
            self.number = put_appointment(session, "kiosk-1", "msa")
            appointment = session.get_one(Appointment, self.number)
            session.flush()
            appointment.interpreter_counter_id = counter.id
            appointment.call = f"gv-{self.number}-1"
            for state in (S.CALLING, S.QUEUED, S.IN_CALL):
                move(session, appointment, state, actor="test", at=datetime.now(UTC))
        self.ami.now_up = [
            channel(f"gv-{self.number}-1", "PJSIP/kiosk-1-00000001", bridge="b"),
            channel(
                "1795.1",
                "PJSIP/counsellor-msa-1-00000002",
                f"gv-{self.number}-1",
                bridge="b",
            ),
        ]

    def calls(self) -> list[tuple[str, str]]:
        with self.database.read() as session:
            found = session.scalars(
                select(InterpreterCall).order_by(InterpreterCall.id)
            )
            return [(call.state, call.reason) for call in found]

    def acts(self) -> list[str]:
        with self.database.read() as session:
            found = session.scalars(select(JournalEntry.act).order_by(JournalEntry.id))
            return [act for act in found if act.startswith("interpreter")]

    def state(self) -> str:
        with self.database.read() as session:
            return session.get_one(Appointment, self.number).state

    def change(
        self, work: Callable[..., None], *values: object, **names: object
    ) -> None:
        with self.database.write() as session:
            appointment = session.get_one(Appointment, self.number)
            work(session, appointment, *values, **names)

    @property
    def placed(self) -> list[str]:
        return [order.call for order in self.ami.originated]

    async def kiosk_takes(self) -> str:
        """Have the kiosk take the call; gives its name."""
        await self.until(lambda: self.placed)
        name = self.placed[-1]
        self.ami.now_up.append(channel(name, "PJSIP/kiosk-1-00000003"))
        self.tell("QueueCallerJoin", name)
        return name

    async def interpreter_answers(self) -> str:
        """Have the kiosk take the call, and an interpreter answer; gives its name."""
        name = await self.kiosk_takes()
        mate = "PJSIP/counsellor-lsf-1-00000004"
        self.ami.now_up.append(channel("1795.9", mate, name))
        self.tell("AgentConnect", name)
        await self.until(lambda: self.calls()[-1][0] == "here")
        return name

    def hang_up(self, name: str) -> None:
        self.ami.now_up = [each for each in self.ami.now_up if each.linkedid != name]
        self.tell("Hangup", name)

    def tell(self, event: str, root: str) -> None:
        self.ami.heard.put_nowait(AmiEvent(event, {"Linkedid": root}))


Story = Callable[[World], Awaitable[None]]


@pytest.fixture
def tell_story(database: Database) -> Callable[[Story], None]:
    """Give a function that runs a story while a dispatcher follows."""
    return lambda story: play(World(database), story)


def test_an_interpreters_call_is_called_once_without_the_residents_name(
    tell_story,
) -> None:
    async def story(world: World) -> None:
        name = await world.interpreter_answers()
        assert world.placed == [name]
        (order,) = world.ami.originated
        assert order.channel == "PJSIP/kiosk-1"
        assert order.context == "guichet-interpreter"
        assert order.variables["__GUICHET_ORGANISATION"] == "lsf"
        assert order.variables["PJSIP_HEADER(add,X-Guichet-Role)"] == "interpreter"
        assert "Dupont" not in repr(order)
        with world.database.read() as session:
            call = session.scalars(select(InterpreterCall)).one()
            assert call.interpreter is not None
            assert call.interpreter.slug == "counsellor-lsf-1"

    tell_story(story)


def test_an_interpreter_who_leaves_leaves_the_call_as_it_is(tell_story) -> None:
    async def story(world: World) -> None:
        world.hang_up(await world.interpreter_answers())
        await world.until(lambda: world.calls() == [("left", "")])
        assert world.state() == "in_call"
        assert world.ami.hung_up == []
        assert world.acts() == [
            "interpreter_called",
            "interpreter_joined",
            "interpreter_left",
        ]

    tell_story(story)


def test_it_is_told_apart_whether_nobody_answered_or_the_kiosk_refused(
    tell_story,
) -> None:
    async def story(world: World) -> None:
        # An older kiosk: no channel of it ever comes to be.
        await world.until(lambda: world.calls() == [("nobody", "kiosk_refused")])
        assert world.state() == "in_call"

    tell_story(story)


def test_nobody_who_answers_is_told_as_such(tell_story) -> None:
    async def story(world: World) -> None:
        name = await world.kiosk_takes()

        def taken() -> bool:
            with world.database.read() as session:
                call = session.scalars(select(InterpreterCall)).one()
                return call.taken_at is not None

        await world.until(taken)
        world.hang_up(name)
        await world.until(lambda: world.calls() == [("nobody", "no_answer")])

    tell_story(story)


def test_the_end_of_the_appointments_call_ends_the_interpreters(tell_story) -> None:
    async def story(world: World) -> None:
        name = await world.interpreter_answers()
        world.change(move, S.DONE, actor="test", at=datetime.now(UTC))
        await world.until(lambda: name in world.ami.hung_up)
        world.hang_up(name)
        await world.until(lambda: world.calls() == [("left", "")])

    tell_story(story)


def test_an_interpreter_who_is_sent_away_leaves(tell_story) -> None:
    async def story(world: World) -> None:
        name = await world.interpreter_answers()
        world.change(send_away, "user:1", datetime.now(UTC))
        await world.until(lambda: name in world.ami.hung_up)
        assert f"gv-{world.number}-1" not in world.ami.hung_up

    tell_story(story)


def test_a_dispatcher_that_comes_back_finds_the_interpreter_still_there(
    database: Database,
) -> None:
    async def story() -> None:
        world = World(database)
        async with world.followed():
            name = await world.interpreter_answers()
        async with world.followed():
            lists_given = world.ami.lists_given
            await world.until(lambda: world.ami.lists_given > lists_given + 1)
            assert (world.calls(), world.state()) == ([("here", "")], "in_call")
            assert world.placed == [name] and world.ami.hung_up == []
        # One that left while nobody listened is found to have left.
        world.ami.now_up = world.ami.now_up[:2]
        async with world.followed():
            await world.until(lambda: world.calls() == [("left", "")])
            assert world.state() == "in_call"

    asyncio.run(story())


def test_a_call_of_an_interpreter_that_nobody_knows_is_hung_up(tell_story) -> None:
    async def story(world: World) -> None:
        name = await world.interpreter_answers()
        stranger = name_of(world.number, 4711)
        world.ami.now_up.append(channel(stranger, "PJSIP/kiosk-1-00000009"))
        world.tell("Newchannel", stranger)
        await world.until(lambda: stranger in world.ami.hung_up)
        assert name not in world.ami.hung_up

    tell_story(story)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("gi-12-7", 7),
        ("gv-12-7", None),
        ("gi-12-7\r\n", None),
        ("gi-0-7", None),
        ("gi-12-0", None),
        ("", None),
    ],
)
def test_an_interpreters_call_is_known_by_its_name(name, number) -> None:
    assert id_in(name) == number
    if number is not None:
        # Whatever follows the appointment's own calls does not know it.
        assert parse_call(name) is None


def test_a_channel_that_only_looks_like_an_interpreters_is_none() -> None:
    forged = channel("gi-1-1", "PJSIP/counsellor-1-00000001", variables={})
    assert calls_seen([forged]) == {}


def test_who_rings_is_not_taken_for_who_answered() -> None:
    first = channel("gi-1-1", "PJSIP/kiosk-1-00000001")
    ringing = channel("5.1", "PJSIP/counsellor-1-00000002", "gi-1-1", is_up=False)
    assert calls_seen([first, ringing])[1].standing is Standing.TAKEN


def test_a_call_that_was_ordered_a_moment_ago_is_not_over() -> None:
    now = datetime.now(UTC)
    assert standing_of(1, now - GRACE / 2, {}, now).standing is Standing.COMING
    assert standing_of(1, now - GRACE, {}, now).standing is Standing.OVER


def test_the_telephone_shows_where_from_and_with_whom() -> None:
    order = InterpreterOrder(
        id=1,
        appointment_id=2,
        kiosk="kiosk-guise",
        relay_name='Guise "centre"\r\n',
        organisation_name="Sous-préfecture",
        interpreter="lsf",
        language="fr",
        queue_seconds=60,
    )
    assert caller_name(order) == "Interprète : Guise 'centre', Sous-préfecture"

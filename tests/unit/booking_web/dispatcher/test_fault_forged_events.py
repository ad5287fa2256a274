# SPDX-License-Identifier: AGPL-3.0-or-later
"""An event that Asterisk's own list of channels does not bear out does nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from booking_web.dispatcher.following.confirming import is_confirmed
from booking_web.dispatcher.following.follower import Follower
from booking_web.dispatcher.ledger import Ledger
from booking_web.dispatcher.manager.ami import AmiEvent, Channel
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState as S
from provisioning.database.engine import Database
from stage.appointments import put_appointment
from tests.unit.booking_web.dispatcher.followed_ground import FollowedGround

IN_THREE_WEEKS = datetime.now(UTC) + timedelta(weeks=3)
CALL, MATE = "gv-1-1", "1795.2"


def channel(uniqueid: str, name: str, **values: object) -> Channel:
    known: dict[str, object] = {
        "linkedid": CALL,
        "is_up": True,
        "application": "",
        "bridge": "bridge-1",
        "variables": {"GUICHET_CALL": CALL},
    }
    return Channel(uniqueid=uniqueid, name=name, **(known | values))  # type: ignore[arg-type]


KIOSK = channel(CALL, "PJSIP/kiosk-1-00000001")
COUNSELLOR = channel(MATE, "PJSIP/counsellor-msa-1-00000002")
# A counsellor of the organisation who dials something of their own.
STRANGER = channel(
    "1795.9",
    "PJSIP/counsellor-msa-1-00000009",
    linkedid="1795.9",
    bridge="",
    variables={"GUICHET_CALL": ""},
)


def event(name: str, **fields: str) -> AmiEvent:
    return AmiEvent(name, {"Linkedid": CALL, "Uniqueid": CALL, **fields})


FORGED = {
    "the kiosk hung up": event("Hangup", Cause="16", Channel=KIOSK.name),
    "its call broke": event("Hangup", Cause="44", Channel=KIOSK.name),
    "the counsellor's end broke": event(
        "Hangup", Uniqueid=MATE, Cause="44", Channel=COUNSELLOR.name
    ),
    "the call was not placed": event(
        "OriginateResponse", ActionID=f"guichet/{CALL}", Response="Failure"
    ),
    "another call begins": event(
        "UserEvent",
        UserEvent="GuichetDirectCall",
        Linkedid="1795.9",
        Uniqueid="1795.9",
        Call="gv-2-direct-1795.9",
        Counsellor="counsellor-msa-1",
    ),
    "another call waits": event("QueueCallerJoin", Linkedid="gv-2-1"),
    "another counsellor answered": event(
        "AgentConnect", Interface="PJSIP/counsellor-caf-1"
    ),
    "it is handed over": event(
        "UserEvent", UserEvent="GuichetHandover", Call=CALL, Handover="17"
    ),
    "a colleague answered": event(
        "DialEnd",
        Context="guichet-handover",
        DestUniqueid=MATE,
        DestChannel="PJSIP/counsellor-caf-1-00000009",
        DialStatus="ANSWER",
    ),
    "its counsellor is awaited": event("UserEvent", UserEvent="GuichetKept", Call=CALL),
    "a page came back": event(
        "DialEnd",
        Context="guichet-kept",
        DestUniqueid=MATE,
        DestChannel="PJSIP/counsellor-caf-1-00000009",
        DialStatus="ANSWER",
    ),
    "nothing of sense": event("Hangup", Uniqueid=MATE, Cause="many"),
    "Asterisk goes": event("Shutdown", Shutdown="Uncleanly"),
}


class World(FollowedGround):
    """A follower at work on appointment 1, in call, and 2, in three weeks."""

    def told(self, number: int) -> tuple[str, str]:
        with self.database.read() as session:
            found = session.get_one(Appointment, number)
            return found.state, found.state_reason

    async def tell(self, told: AmiEvent) -> None:
        """Tell it, and return once all that was told is taken in."""
        self.ami.heard.put_nowait(told)
        lists_given = self.ami.lists_given
        # Of this one the kiosk's channel is there, so a question is asked.
        self.ami.heard.put_nowait(event("Newchannel"))
        await self.until(lambda: self.ami.lists_given > lists_given)


def run(database: Database, story: Callable[[World], Awaitable[None]]) -> None:
    async def go() -> None:
        world = World(database)
        with database.write() as session:
            number = put_appointment(session, "kiosk-1", "msa", state=S.IN_CALL)
            later = put_appointment(
                session,
                "kiosk-2",
                "msa",
                starts_at=IN_THREE_WEEKS,
                state=S.BOOKED,
            )
            appointment = session.get_one(Appointment, number)
            appointment.call, appointment.attempt = CALL, 1
        assert (number, later) == (1, 2)
        world.ami.now_up = [KIOSK, COUNSELLOR, STRANGER]
        ledger = Ledger(database, lambda: None, lambda fact: None)
        follower = Follower(world.ami, ledger, ())
        following = asyncio.create_task(follower.run())
        world.connect()
        try:
            await world.until(follower.may_place.is_set)
            await story(world)
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await ledger.close(5)

    asyncio.run(go())


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_what_was_forged_does_nothing(database: Database, forged: AmiEvent) -> None:
    async def story(world: World) -> None:
        await world.tell(forged)
        # The call ends in truth: what was forged before has no part in it.
        assert world.told(1) == (S.IN_CALL, "")
        world.ami.now_up = [STRANGER]
        world.ami.heard.put_nowait(
            event("Hangup", Cause="16", Channel=KIOSK.name),
        )
        await world.until(lambda: world.told(1)[0] != S.IN_CALL)
        assert world.told(1) == (S.DONE, "")
        assert world.told(2) == (S.BOOKED, "")

    run(database, story)


def test_a_call_that_waits_is_not_said_to_be_over(database: Database) -> None:
    async def story(world: World) -> None:
        world.ami.astdb["kiosk-1"] = f"{CALL}|left"
        for _ in range(3):
            await world.tell(event("Hangup", Cause="16", Channel=KIOSK.name))
        assert world.told(1) == (S.IN_CALL, "")

    run(database, story)


def handed_over(step: str) -> Channel:
    variables = {**KIOSK.variables, "GUICHET_HANDOVER": step}
    return replace(KIOSK, variables=variables)


@pytest.mark.parametrize("step", ["", "16:colleague", "17"])
def test_a_hand_over_that_the_dialplan_does_not_know_is_forged(step: str) -> None:
    told = event("UserEvent", UserEvent="GuichetHandover", Call=CALL, Handover="17")
    assert not is_confirmed(told, [handed_over(step), COUNSELLOR])


def test_a_true_event_is_borne_out() -> None:
    there = [KIOSK, COUNSELLOR]
    direct = channel(
        "1795.7",
        "PJSIP/counsellor-msa-1-00000007",
        linkedid="1795.7",
        variables={"GUICHET_CALL": "gv-3-direct-1795.7"},
    )
    for told, channels in (
        (event("Newchannel"), there),
        (event("Newstate", ChannelState="6"), there),
        (event("QueueCallerJoin"), there),
        (event("AgentConnect", Interface="PJSIP/counsellor-msa-1"), there),
        (event("Hangup"), [COUNSELLOR]),
        (event("Hangup", Uniqueid=MATE), [KIOSK]),
        (event("DialEnd", DestUniqueid=MATE, DialStatus="ANSWER"), there),
        (event("DialEnd", DestUniqueid=MATE, DialStatus="BUSY"), [KIOSK]),
        (
            event("OriginateResponse", ActionID="guichet/gv-5-1", Response="Failure"),
            there,
        ),
        (
            event(
                "UserEvent",
                Uniqueid="1795.7",
                Call="gv-3-direct-1795.7",
                Counsellor="counsellor-msa-1",
            ),
            [direct],
        ),
        (
            event("UserEvent", UserEvent="GuichetHandover", Call=CALL, Handover="17"),
            [handed_over("17:back"), COUNSELLOR],
        ),
    ):
        assert is_confirmed(told, channels), told

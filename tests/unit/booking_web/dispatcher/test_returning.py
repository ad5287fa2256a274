# SPDX-License-Identifier: AGPL-3.0-or-later
"""A page that has gone in its call is told from one whose line alone is cut, and awaited."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from booking_web.dispatcher.call_id import parse_call
from booking_web.dispatcher.duty.seeing import endpoints_in_call
from booking_web.dispatcher.following.call_events import CallFact
from booking_web.dispatcher.following.call_tracker import CallTracker
from booking_web.dispatcher.following.confirming import is_confirmed
from booking_web.dispatcher.following.reconciliation import LiveCall, compare
from booking_web.dispatcher.manager.ami import AmiEvent, Channel
from booking_web.dispatcher.returning.pages_in_call import (
    GONE_AFTER_SECONDS,
    LOST_AFTER_SECONDS,
    Silences,
    gone_in,
    pages_in_call,
)
from booking_web.tables.appointment import Appointment, LiveEvent
from booking_web.tables.states import AppointmentState as S
from provisioning.database.engine import Database
from provisioning.database.models import Counsellor
from stage.appointments import put_appointment
from tests.unit.booking_web.dispatcher.followed_ground import (
    A_DAY_AGO,
    FollowedGround,
    play,
)

CALL = "gv-1-1"
PAGE = "counsellor-msa-1"
KIOSK = Channel(
    CALL, CALL, "PJSIP/kiosk-1-00000001", True, "Queue", "b", {"GUICHET_CALL": CALL}
)
MATE = Channel(
    "1795.2", CALL, f"PJSIP/{PAGE}-00000002", True, "AppQueue", "b", KIOSK.variables
)
KEPT = replace(
    KIOSK,
    bridge="",
    context="guichet-kept",
    variables=KIOSK.variables | {"GUICHET_KEPT_FOR": PAGE},
)
GONE = AmiEvent("ContactStatus", {"ContactStatus": "Removed", "EndpointName": PAGE})
SENT = (CALL, "guichet-kept", "start")
IS_KEPT = AmiEvent(
    "UserEvent",
    {"UserEvent": "GuichetKept", "Call": CALL, "Uniqueid": CALL, "Linkedid": CALL},
)


class World(FollowedGround):
    """Appointment 1 in call with the MSA's counsellor, whose telephone is a page."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.ami.now_up = [KIOSK, MATE]
        with database.write() as session:
            session.execute(
                update(Counsellor).where(Counsellor.slug == PAGE).values(browser=True)
            )
            number = put_appointment(session, "kiosk-1", "msa", state=S.IN_CALL)
            appointment = session.get_one(Appointment, number)
            appointment.call, appointment.attempt = CALL, 1

    def kept_since(self) -> datetime | None:
        with self.database.read() as session:
            return session.scalars(select(Appointment)).one().kept_since

    def news(self) -> int:
        with self.database.read() as session:
            return len(session.scalars(select(LiveEvent.id)).all())

    async def speak(self) -> None:
        """Have packets come from the page, for ever."""
        while True:
            self.ami.packets[MATE.name] = self.ami.packets.get(MATE.name, 0) + 5
            await asyncio.sleep(0.02)


def test_a_page_that_has_gone_has_its_kiosk_kept_and_is_in_call_until_it_is_back(
    database: Database,
) -> None:
    async def story(world: World) -> None:
        world.ami.heard.put_nowait(GONE)
        await world.until(lambda: world.ami.redirected == [SENT])
        assert world.ami.variables == {CALL: {"GUICHET_KEPT_FOR": PAGE}}
        world.ami.now_up = [KEPT]
        world.ami.heard.put_nowait(IS_KEPT)
        await world.until(world.kept_since)
        before = world.news()
        world.ami.now_up = [replace(KEPT, bridge="c"), replace(MATE, bridge="c")]
        await world.until(lambda: world.kept_since() is None)
        # The pages are told of either.
        assert before and world.news() > before

    play(World(database), story)


def test_a_page_whose_line_alone_is_cut_is_left_in_its_call_and_looked_after(
    database: Database,
) -> None:
    async def story(world: World) -> None:
        speaking = asyncio.create_task(world.speak())
        world.ami.heard.put_nowait(GONE)
        lists = world.ami.lists_given
        await world.until(lambda: world.ami.lists_given > lists + 8)
        assert not world.ami.redirected
        # It closes before its line is back.
        speaking.cancel()
        await world.until(lambda: world.ami.redirected == [SENT])

    play(World(database), story)


def test_a_page_that_falls_silent_is_kept_though_it_seems_registered(
    database: Database,
) -> None:
    async def story(world: World) -> None:
        await world.until(lambda: world.ami.redirected == [SENT])

    play(World(database), story)


@pytest.mark.parametrize(
    "channels",
    {
        "a third one is there": [KIOSK, MATE, replace(MATE, uniqueid="1795.3")],
        "a softphone": [KIOSK, replace(MATE, name="PJSIP/counsellor-caf-1-00000002")],
        "nobody speaks": [replace(KIOSK, bridge=""), replace(MATE, bridge="")],
        "no call of ours": [replace(KIOSK, variables={}), MATE],
    }.values(),
)
def test_other_calls_are_none_of_a_page(channels: list[Channel]) -> None:
    assert pages_in_call(channels, {PAGE}) == []
    assert [each.call.text for each in pages_in_call([KIOSK, MATE], {PAGE})] == [CALL]


def test_silence_is_counted_from_the_last_packet() -> None:
    silences = Silences()
    assert silences.see("a", 7, now=0.0) == 0.0
    assert silences.see("a", 7, now=GONE_AFTER_SECONDS) == GONE_AFTER_SECONDS
    assert silences.see("a", 8, now=2.0) == 0.0
    assert silences.see("a", 8, now=2.0 + LOST_AFTER_SECONDS) == LOST_AFTER_SECONDS
    silences.keep_only(["b"])
    assert silences.see("a", 8, now=9.0) == 0.0


def test_only_a_registration_that_went_is_told() -> None:
    assert gone_in(GONE) == PAGE
    assert not gone_in(AmiEvent("ContactStatus", {"ContactStatus": "Reachable"}))


def test_that_a_call_is_kept_is_believed_of_the_channels_alone() -> None:
    assert is_confirmed(IS_KEPT, [KEPT])
    assert not is_confirmed(IS_KEPT, [KIOSK, MATE])
    assert not is_confirmed(IS_KEPT, [])


def hangup(uniqueid: str, name: str, cause: str) -> AmiEvent:
    fields = {"Uniqueid": uniqueid, "Linkedid": CALL, "Channel": name, "Cause": cause}
    return AmiEvent("Hangup", fields)


def in_call() -> CallTracker:
    tracker = CallTracker()
    tracker.add(compare([], [KIOSK, MATE], {}, A_DAY_AGO, datetime.now(UTC)).going_on)
    return tracker


BACK = AmiEvent(
    "DialEnd",
    {
        "Linkedid": CALL,
        "Context": "guichet-kept",
        "DestUniqueid": "1795.9",
        "DestChannel": f"PJSIP/{PAGE}-00000009",
        "DialStatus": "ANSWER",
    },
)


def test_a_call_whose_page_came_back_ends_as_any_other() -> None:
    tracker = in_call()
    # The end that died is hung up as broken.
    assert tracker.hear(hangup("1795.2", MATE.name, "44")) is None
    assert tracker.hear(IS_KEPT) is None
    back = tracker.hear(BACK)
    assert isinstance(back, CallFact)
    assert (back.state, back.counsellor) == (S.IN_CALL, PAGE)
    over = tracker.hear(hangup(CALL, KIOSK.name, "16"))
    assert isinstance(over, CallFact) and over.state is S.DONE


@pytest.mark.parametrize("cause", ["41", "16"])
def test_a_call_whose_page_did_not_come_back_is_cut(cause: str) -> None:
    tracker = in_call()
    tracker.hear(IS_KEPT)
    over = tracker.hear(hangup(CALL, KIOSK.name, cause))
    assert isinstance(over, CallFact)
    assert (over.state, over.reason) == (S.INTERRUPTED, "call_broken")


def test_a_dispatcher_that_was_away_finds_the_call_kept_or_given_up() -> None:
    call = parse_call(CALL)
    assert call is not None
    now = datetime.now(UTC)
    live = [LiveCall(call, "kiosk-1", S.IN_CALL, now - timedelta(minutes=5))]
    found = compare(live, [KEPT], {}, A_DAY_AGO, now)
    assert [(f.state, p.is_kept) for f, p in zip(found.facts, found.going_on)] == [
        (S.IN_CALL, True)
    ]
    given_up = compare(live, [], {"kiosk-1": f"{CALL}|broken"}, A_DAY_AGO, now)
    assert [(f.state, f.reason) for f in given_up.facts] == [
        (S.INTERRUPTED, "call_broken")
    ]


def test_who_is_awaited_is_in_the_call_still() -> None:
    assert endpoints_in_call([KEPT]) == {PAGE}
    assert endpoints_in_call([replace(KEPT, context="guichet-queue")]) == set()

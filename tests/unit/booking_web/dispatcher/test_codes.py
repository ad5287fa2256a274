# SPDX-License-Identifier: AGPL-3.0-or-later
"""A button's code is keyed once, into the call it was pressed in, and into no other."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.dispatcher.manager.ami import AmiUnavailable, Channel
from booking_web.dispatcher.placing.codes import (
    KEYING_AT_MOST,
    LATE_AFTER,
    ClaimedCode,
    key_in,
    mark_played,
    take_codes,
)
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import CodeToPlay
from booking_web.tables.states import AppointmentState as S
from provisioning.database.engine import Database
from stage.appointments import put_appointment
from tests.unit.booking_web.dispatcher.fake_ami import FakeAmi

NOW = datetime.now(UTC)
CALL = "gv-1-1"
CODE = ClaimedCode(1, "*71#", CALL, "kiosk-1", 1)


def press(database: Database, code: str = "*71#", at: datetime = NOW) -> None:
    """Put a code into the table, as a button does, in the call that is up."""
    with database.write() as session:
        if session.get(Appointment, 1) is None:
            assert put_appointment(session, "kiosk-1", "msa", state=S.IN_CALL) == 1
            session.get_one(Appointment, 1).call = CALL
        session.add(
            CodeToPlay(
                appointment_id=1,
                call=CALL,
                code=code,
                created_at=at,
                created_by="user:1",
                outcome="waiting",
            )
        )


def taken(database: Database, now: datetime = NOW) -> list[str]:
    with database.write() as session:
        return [each.code for each in take_codes(session, now)]


def outcomes(database: Database) -> list[str]:
    with database.read() as session:
        found = session.scalars(select(CodeToPlay.outcome).order_by(CodeToPlay.id))
        return list(found)


def channel(name: str, call: str = CALL, *, is_up: bool = True) -> Channel:
    return Channel(name, call, name, is_up, "Queue", "", {"GUICHET_CALL": call})


def test_a_code_is_taken_once_even_by_a_dispatcher_that_starts_again(database) -> None:
    press(database)
    assert taken(database) == ["*71#"]
    assert taken(database) == []
    assert taken(database, NOW + timedelta(hours=1)) == []
    assert outcomes(database) == ["playing"]


def test_two_codes_of_one_call_never_sound_at_once(database) -> None:
    press(database)
    press(database, "*0#")
    assert taken(database) == ["*71#"]
    assert taken(database) == []
    with database.write() as session:
        mark_played(session, 1, "played", NOW)
    assert taken(database) == ["*0#"]
    assert outcomes(database) == ["played", "playing"]


def test_a_code_whose_dispatcher_died_keeps_the_next_one_waiting_for_a_moment_only(
    database,
) -> None:
    press(database)
    taken(database)
    later = NOW + KEYING_AT_MOST + timedelta(seconds=1)
    press(database, "*0#", later)
    assert taken(database, later) == ["*0#"]


@pytest.mark.parametrize("state", [S.DONE, S.INTERRUPTED, S.QUEUED])
def test_outside_the_call_nothing_is_keyed(database, state) -> None:
    press(database)
    with database.write() as session:
        session.get_one(Appointment, 1).state = state
    assert taken(database) == []
    assert outcomes(database) == ["dropped"]


def test_a_code_of_a_former_call_is_not_keyed_into_the_next(database) -> None:
    press(database)
    with database.write() as session:
        session.get_one(Appointment, 1).call = "gv-1-2"
    assert taken(database) == []
    assert outcomes(database) == ["dropped"]


def test_a_code_that_waited_too_long_surprises_nobody(database) -> None:
    press(database)
    assert taken(database, NOW + LATE_AFTER + timedelta(seconds=1)) == []
    assert outcomes(database) == ["dropped"]


@pytest.mark.parametrize(
    "others",
    [
        [channel("PJSIP/kiosk-1-2-0000000a")],
        [channel("PJSIP/kiosk-1-0000000a", "gv-9-1")],
        [channel("PJSIP/kiosk-1-0000000a", is_up=False)],
        [channel("PJSIP/counsellor-1-0000000b")],
        [],
    ],
)
def test_only_the_kiosks_own_leg_of_this_call_hears_it(others) -> None:
    ami = FakeAmi(now_up=others)
    assert asyncio.run(key_in(ami, CODE)) == "dropped"
    assert ami.digits == []
    own = channel("PJSIP/kiosk-1-0000000c")
    ami.now_up = [*others, own]
    assert asyncio.run(key_in(ami, CODE)) == "played"
    assert ami.digits == [(own.name, digit) for digit in "*71#"]


def test_an_asterisk_that_is_away_costs_the_code_alone() -> None:
    ami = FakeAmi(now_up=[channel("PJSIP/kiosk-1-0000000c")])
    ami.failure = AmiUnavailable("away")
    assert asyncio.run(key_in(ami, CODE)) == "dropped"

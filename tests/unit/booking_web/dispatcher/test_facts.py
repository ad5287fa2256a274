# SPDX-License-Identifier: AGPL-3.0-or-later
"""What was heard of a call moves its appointment forwards, once, and no other."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.dispatcher.call_id import CallId, parse_call
from booking_web.dispatcher.following.call_events import CallFact
from booking_web.dispatcher.following.facts import FactRefused, apply, path
from booking_web.dispatcher.placing.claims import take_claims
from booking_web.tables.appointment import Appointment, Period
from booking_web.tables.states import MOVES, ON_THE_LINE, can_move
from booking_web.tables.states import AppointmentState as S
from provisioning.database.engine import Database
from provisioning.database.models import Counsellor
from stage.appointments import put_appointment

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
COUNSELLOR = "counsellor-msa-1"


def name(text: str) -> CallId:
    call = parse_call(text)
    assert call is not None
    return call


@pytest.fixture
def calling(database: Database) -> str:
    """Give the call of an appointment that is being called."""
    with database.write() as session:
        put_appointment(session, "kiosk-1", "msa", starts_at=NOW)
        (claim,) = take_claims(session, NOW)
        return claim.call


def tell(
    database: Database, call: str, *states: S, reason: str = "", counsellor: str = ""
) -> bool:
    facts = [
        (CallFact(name(call), state, reason, counsellor), NOW + number * SECOND)
        for number, state in enumerate(states, 1)
    ]
    with database.write() as session:
        return apply(session, facts)


def told(database: Database, call: str) -> tuple[str, str]:
    with database.read() as session:
        found = session.get_one(Appointment, name(call).appointment_id)
        return found.state, found.state_reason


def test_a_whole_call_told_at_once_leaves_every_period(
    database: Database, calling: str
) -> None:
    assert tell(database, calling, S.QUEUED)
    tell(database, calling, S.IN_CALL, S.DONE, counsellor=COUNSELLOR)
    assert told(database, calling) == ("done", "")
    with database.read() as session:
        periods = session.scalars(select(Period).order_by(Period.id)).all()
        assert [(p.kind, p.ended_at is not None) for p in periods] == [
            ("waiting", True),
            ("ringing", True),
            ("queued", True),
            ("in_call", True),
        ]
        counsellor = session.scalars(select(Counsellor)).one()
        assert periods[-1].counsellor_id == counsellor.id
        assert session.scalars(select(Appointment)).one().counsellor_id == counsellor.id


def test_a_fact_told_twice_changes_nothing_more(
    database: Database, calling: str
) -> None:
    assert tell(database, calling, S.QUEUED)
    assert not tell(database, calling, S.QUEUED)
    assert told(database, calling) == ("queued", "")


def test_a_late_fact_never_leads_back(database: Database, calling: str) -> None:
    tell(database, calling, S.QUEUED, S.IN_CALL)
    assert not tell(database, calling, S.QUEUED)
    assert told(database, calling) == ("in_call", "")


@pytest.mark.parametrize("late", [S.QUEUED, S.IN_CALL, S.DONE, S.ABANDONED])
def test_nothing_moves_an_appointment_whose_call_has_failed(
    database: Database, calling: str, late: S
) -> None:
    tell(database, calling, S.INTERRUPTED, reason="asterisk_lost")
    assert not tell(database, calling, late)
    assert told(database, calling) == ("interrupted", "asterisk_lost")


def test_a_fact_of_a_former_call_leaves_the_present_one_alone(
    database: Database, calling: str
) -> None:
    former = f"gv-{name(calling).appointment_id}-99"
    assert not tell(database, former, S.UNREACHABLE, reason="kiosk_busy")
    assert told(database, calling) == ("calling", "")


def test_a_fact_of_an_unknown_appointment_is_passed_over(
    database: Database, calling: str
) -> None:
    assert not tell(database, "gv-4711-1", S.QUEUED)


@pytest.mark.parametrize("state", [S.UNREACHABLE, S.ABANDONED, S.INTERRUPTED])
def test_a_call_that_the_secretary_ended_says_so(
    database: Database, calling: str, state: S
) -> None:
    tell(database, calling, S.QUEUED)
    with database.write() as session:
        found = session.get_one(Appointment, name(calling).appointment_id)
        found.hangup_requested_at = NOW
    tell(database, calling, state, reason="whatever")
    assert told(database, calling) == ("interrupted", "hung_up_by_secretary")
    with database.read() as session:
        assert session.scalars(select(Appointment)).one().hangup_requested_at is None


def test_a_call_ended_by_the_secretary_with_a_counsellor_is_done(
    database: Database, calling: str
) -> None:
    tell(database, calling, S.IN_CALL, counsellor=COUNSELLOR)
    with database.write() as session:
        session.scalars(select(Appointment)).one().hangup_requested_at = NOW
    tell(database, calling, S.DONE)
    assert told(database, calling) == ("done", "")


def test_every_end_can_be_reached_from_every_state_on_the_line() -> None:
    for before in ON_THE_LINE:
        for after in (S.DONE, S.UNREACHABLE, S.ABANDONED, S.INTERRUPTED):
            steps = path(before, after)
            assert steps, (before, after)
            way = [before, *steps]
            assert all(can_move(a, b) for a, b in zip(way, steps))
            assert way[-1] not in ON_THE_LINE


def test_no_way_leads_on_from_what_is_not_on_the_line() -> None:
    for before in set(MOVES) - ON_THE_LINE:
        assert all(path(before, after) == [] for after in S)


DIRECT = "direct-1795.7"


@pytest.mark.parametrize(
    "state", [S.BOOKED, S.ARRIVED, S.UNREACHABLE, S.ABANDONED, S.INTERRUPTED]
)
def test_a_counsellors_own_call_takes_the_appointment_over(
    database: Database, state: S
) -> None:
    with database.write() as session:
        number = put_appointment(session, "kiosk-1", "msa", state=state)
    call = f"gv-{number}-{DIRECT}"
    assert tell(database, call, S.CALLING, counsellor=COUNSELLOR)
    assert told(database, call) == ("calling", "")
    tell(database, call, S.IN_CALL, S.DONE, counsellor=COUNSELLOR)
    assert told(database, call) == ("done", "")


@pytest.mark.parametrize("state", [S.DONE, S.CANCELLED, S.NO_SHOW, S.QUEUED])
def test_a_direct_call_for_what_is_over_or_in_a_call_is_refused(
    database: Database, state: S
) -> None:
    with database.write() as session:
        number = put_appointment(session, "kiosk-1", "msa", state=state)
    call = f"gv-{number}-{DIRECT}"
    with pytest.raises(FactRefused):
        tell(database, call, S.CALLING, counsellor=COUNSELLOR)
    assert told(database, call) == (state, "")


def test_the_end_of_a_direct_call_never_followed_changes_nothing(
    database: Database, calling: str
) -> None:
    direct = f"gv-{name(calling).appointment_id}-{DIRECT}"
    assert not tell(database, direct, S.UNREACHABLE, reason="kiosk_offline")
    assert told(database, calling) == ("calling", "")

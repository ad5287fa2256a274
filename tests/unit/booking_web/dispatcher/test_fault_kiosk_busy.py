# SPDX-License-Identifier: AGPL-3.0-or-later
"""A kiosk that is called says that it is busy: whose turn it is keeps it, and is called again."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.dispatcher.call_id import parse_call
from booking_web.dispatcher.following.call_events import CallFact
from booking_web.dispatcher.following.facts import apply
from booking_web.dispatcher.placing.claims import take_claims
from booking_web.domain.appointments.lifecycle import await_kiosk
from booking_web.domain.appointments.line.kiosk_awaited import (
    AWAITED_FOR,
    NEVER_WITHIN,
    TRIED_EVERY,
    TRIED_SELDOM_AFTER,
    TRIED_SELDOM_EVERY,
)
from booking_web.tables.appointment import Appointment
from booking_web.tables.presence import EndpointKind, EndpointPresence, Presence
from booking_web.tables.states import AppointmentState as S
from booking_web.tables.states import IllegalMove
from booking_web.tables.wipes import KioskWipe, WipeState
from provisioning.database.engine import Database
from stage.appointments import put_appointment

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Relay:
    """One kiosk; `first` is called at nine, `second` was asked for a moment later."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.write() as session:
            self.first = put_appointment(session, "kiosk-1", "msa", starts_at=NOW)
            self.second = put_appointment(
                session,
                "kiosk-1",
                "msa",
                starts_at=NOW + timedelta(hours=1),
                state=S.ARRIVED,
                call_is_requested=True,
            )
            session.get_one(Appointment, self.second).call_requested_at = NOW + SECOND
            self.kiosk_id = session.get_one(Appointment, self.first).kiosk_id

    def called(self, at: datetime) -> list[int]:
        with self.database.write() as session:
            return [claim.appointment_id for claim in take_claims(session, at)]

    def hear(self, number: int, at: datetime, state: S, reason: str = "") -> None:
        """Tell how the last call of an appointment went on."""
        with self.database.write() as session:
            name = session.get_one(Appointment, number).call
            call = parse_call(name or "")
            assert call is not None
            apply(session, [(CallFact(call, state, reason), at)])

    def is_busy(self, number: int, at: datetime) -> None:
        self.hear(number, at, S.UNREACHABLE, "kiosk_busy")

    def told(self, number: int) -> tuple[str, str]:
        with self.database.read() as session:
            found = session.get_one(Appointment, number)
            return found.state, found.state_reason


@pytest.fixture
def relay(database: Database) -> Relay:
    """Give a relay whose first resident met a busy kiosk."""
    relay = Relay(database)
    assert relay.called(NOW) == [relay.first]
    relay.is_busy(relay.first, NOW)
    return relay


def test_who_met_a_busy_kiosk_waits_and_says_for_what(relay: Relay) -> None:
    assert relay.told(relay.first) == ("arrived", "kiosk_awaited")


def test_it_is_called_again_by_itself_and_nobody_passes(relay: Relay) -> None:
    assert relay.called(NOW + NEVER_WITHIN) == []
    assert relay.called(NOW + TRIED_EVERY) == [relay.first]


def test_each_is_called_in_the_order_once_the_kiosk_is_free(relay: Relay) -> None:
    """The one behind waits for the first one's end, and for nothing else."""
    at = NOW + TRIED_EVERY
    relay.called(at)
    relay.is_busy(relay.first, at)
    at += TRIED_EVERY
    assert relay.called(at) == [relay.first]
    for state in (S.QUEUED, S.IN_CALL, S.DONE):
        relay.hear(relay.first, at, state)
    assert relay.called(at) == [relay.second]


def test_a_proof_has_it_called_at_once(relay: Relay) -> None:
    """Two seconds after the try: sooner our own try could have been what was seen."""
    with relay.database.write() as session:
        row = KioskWipe(kiosk_id=relay.kiosk_id, state=WipeState.CLEAN, since=NOW)
        row.failures = ""
        session.add(row)
    assert relay.called(NOW + NEVER_WITHIN / 2) == []
    assert relay.called(NOW + NEVER_WITHIN) == [relay.first]


@pytest.mark.parametrize(
    ("state", "since", "is_called"),
    [
        (Presence.READY, NOW + SECOND, True),
        (Presence.READY, NOW - SECOND, False),
        (Presence.READY, None, False),
        (Presence.IN_CALL, NOW + SECOND, False),
    ],
)
def test_a_telephone_that_is_put_down_has_it_called_at_once(
    relay: Relay, state: Presence, since: datetime | None, is_called: bool
) -> None:
    with relay.database.write() as session:
        kind = EndpointKind.KIOSK
        session.add(
            EndpointPresence(slug="kiosk-1", kind=kind, state=state, since=since)
        )
    assert relay.called(NOW + NEVER_WITHIN) == [relay.first] * is_called


def test_a_kiosk_that_is_long_busy_is_tried_less_often(relay: Relay) -> None:
    at = NOW + TRIED_SELDOM_AFTER
    assert relay.called(at) == [relay.first]
    relay.is_busy(relay.first, at)
    assert relay.called(at + TRIED_EVERY) == []
    assert relay.called(at + TRIED_SELDOM_EVERY) == [relay.first]


def test_at_the_end_of_its_hour_somebody_has_to_look(relay: Relay) -> None:
    with relay.database.read() as session:
        end = session.get_one(Appointment, relay.first).ends_at
    assert end > NOW + AWAITED_FOR
    relay.called(end - SECOND)
    relay.is_busy(relay.first, end)
    assert relay.told(relay.first) == ("unreachable", "kiosk_busy")
    # Its hour is over: nobody waits until its place is kept no longer.
    assert relay.called(end) == [relay.second]


def test_one_who_is_called_again_after_their_hour_is_awaited_all_the_same(
    relay: Relay,
) -> None:
    late = NOW + timedelta(days=1)
    with relay.database.write() as session:
        first = session.get_one(Appointment, relay.first)
        first.call_requested_at = late
        session.get_one(Appointment, relay.second).call_requested_at = None
    assert relay.called(late) == [relay.first]
    relay.is_busy(relay.first, late)
    assert relay.told(relay.first) == ("arrived", "kiosk_awaited")
    relay.called(late + AWAITED_FOR)
    relay.is_busy(relay.first, late + AWAITED_FOR)
    assert relay.told(relay.first) == ("unreachable", "kiosk_busy")


def test_a_counsellor_who_dials_by_hand_hears_it_and_nobody_dials_again(
    database: Database,
) -> None:
    with database.write() as session:
        number = put_appointment(session, "kiosk-1", "msa", starts_at=NOW)
        call = parse_call(f"gv-{number}-direct-1795.7")
        assert call is not None
        apply(session, [(CallFact(call, S.CALLING), NOW)])
        apply(session, [(CallFact(call, S.UNREACHABLE, "kiosk_busy"), NOW)])
        assert session.get_one(Appointment, number).state == S.UNREACHABLE


def test_its_time_in_the_line_and_at_the_kiosk_are_told_apart(relay: Relay) -> None:
    relay.called(NOW + TRIED_EVERY)
    with relay.database.read() as session:
        first = session.scalars(select(Appointment).limit(1)).one()
        kinds = [(each.kind, each.ended_at is None) for each in first.periods]
    assert kinds == [
        ("waiting", False),
        ("ringing", False),
        ("waiting", False),
        ("ringing", True),
    ]


def test_only_one_that_is_being_called_can_have_to_wait_for_its_kiosk(
    relay: Relay,
) -> None:
    with relay.database.write() as session:
        second = session.get_one(Appointment, relay.second)
        with pytest.raises(IllegalMove):
            await_kiosk(session, second, actor="dispatcher", at=NOW)

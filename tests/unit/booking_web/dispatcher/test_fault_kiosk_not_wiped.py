# SPDX-License-Identifier: AGPL-3.0-or-later
"""Nobody is called at a kiosk that may still hold something of somebody else."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.dispatcher.placing.claims import take_claims
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.kiosks.wipes import (
    PROOF_WITHIN,
    SAID_WITHIN,
    WipeReport,
    kiosks_not_wiped,
    take_proof,
    take_wipe_report,
)
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentState as S
from booking_web.tables.wipes import KioskWipe, WipeState
from stage.appointments import put_appointment

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CALLED = (S.CALLING, S.QUEUED, S.IN_CALL)


class Relay:
    """One kiosk: the first resident's call, and the next one who waits for theirs."""

    def __init__(self, database) -> None:
        self.database = database
        with database.write() as session:
            self.first = put_appointment(session, "kiosk-1", "msa", starts_at=NOW)
            self.kiosk_id = session.get_one(Appointment, self.first).kiosk_id
        self.told("clean", None)

    def told(self, state, appointment=0, *failures, at=NOW) -> None:
        """Have the kiosk say how it stands, by default of the first one."""
        number = self.first if appointment == 0 else appointment
        report = WipeReport(state, number, failures)
        with self.database.write() as session:
            take_wipe_report(session, self.kiosk_id, report, "kiosk:kiosk-1", at)

    def bring(self, *states, at=NOW) -> None:
        with self.database.write() as session:
            appointment = session.get_one(Appointment, self.first)
            for state in states:
                move(session, appointment, state, actor="d", at=at)
                session.flush()

    def prove(self, at=NOW) -> None:
        with self.database.write() as session:
            take_proof(session, session.get_one(Appointment, self.first), at)

    def next_one(self) -> int:
        with self.database.write() as session:
            start = NOW + timedelta(hours=1)
            return put_appointment(
                session,
                "kiosk-1",
                "msa",
                starts_at=start,
                state=S.ARRIVED,
                call_is_requested=True,
            )

    def called(self, at=NOW) -> list[int]:
        with self.database.write() as session:
            return [claim.appointment_id for claim in take_claims(session, at)]

    def out_of_order(self, at=NOW) -> bool:
        with self.database.read() as session:
            return bool(kiosks_not_wiped(session, [self.kiosk_id], at))

    def state(self) -> WipeState:
        with self.database.read() as session:
            return session.get_one(KioskWipe, self.kiosk_id).state


@pytest.fixture
def relay(database) -> Relay:
    relay = Relay(database)
    relay.bring(*CALLED)
    return relay


def test_the_next_one_is_called_only_once_the_last_one_is_proven(relay):
    relay.bring(S.DONE)
    waiting = relay.next_one()
    assert relay.called() == []
    relay.prove()
    assert relay.called() == [waiting]


def test_who_was_cut_off_is_called_again_at_once(relay):
    relay.bring(S.INTERRUPTED, S.ARRIVED)
    with relay.database.write() as session:
        session.get_one(Appointment, relay.first).call_requested_at = NOW
    assert relay.called() == [relay.first]


def test_of_a_scan_that_waits_for_its_delivery_nobody_waits(relay):
    relay.bring(S.DONE)
    waiting = relay.next_one()
    relay.told("delivering")
    assert relay.called() == [waiting]


def test_a_kiosk_that_says_why_is_out_of_order_until_it_is_clean_again(relay):
    relay.bring(S.DONE)
    waiting = relay.next_one()
    for _ in range(2):
        relay.told("failed", 0, "spool:read_only", "screen:silent")
    assert relay.out_of_order()
    assert relay.called() == []
    with relay.database.read() as session:
        written = session.execute(
            select(
                JournalEntry.appointment_id, JournalEntry.actor, JournalEntry.detail
            ).where(JournalEntry.act == Act.WIPE_FAILED)
        ).all()
    assert [tuple(each) for each in written] == [
        (relay.first, "kiosk:kiosk-1", "spool:read_only screen:silent")
    ]
    # It tries again by itself, and once IT has mended it, it is back by itself.
    relay.told("wiping")
    assert relay.called() == []
    relay.prove()
    assert not relay.out_of_order()
    assert relay.called() == [waiting]


# Each report x whether it ends what failed. Every one of the others ended it, a heartbeat without
# a word of it included.
@pytest.mark.parametrize(
    ("state", "is_over"),
    [
        ("clean", True),
        ("delivering", False),
        ("wiping", False),
        ("in_call", False),
        ("failed", False),
        (None, False),
    ],
)
def test_a_wipe_that_failed_is_over_with_clean_alone(relay, state, is_over):
    relay.bring(S.DONE)
    waiting = relay.next_one()
    relay.told("failed", 0, "spool:read_only")
    if state is None:
        with relay.database.write() as session:
            take_wipe_report(session, relay.kiosk_id, None, "kiosk:kiosk-1", NOW)
    else:
        relay.told(state, 0, *(["spool:read_only"] if state == "failed" else []))
    assert relay.out_of_order() is not is_over
    assert relay.called() == ([waiting] if is_over else [])
    with relay.database.read() as session:
        failures = session.get_one(KioskWipe, relay.kiosk_id).failures
    assert failures == ("" if is_over else "spool:read_only")


def test_a_call_that_was_on_its_way_ends_no_failed_wipe(relay):
    """The wipe before it failed meanwhile; what that left is told of until it is gone."""
    relay.bring(S.INTERRUPTED, S.ARRIVED)
    relay.told("failed", 0, "spool:read_only")
    relay.bring(*CALLED)
    assert relay.out_of_order()
    # What was said before the kiosk heard of this call does not count for it.
    relay.told("clean", None)
    relay.bring(S.DONE)
    assert relay.out_of_order()
    relay.prove()
    assert not relay.out_of_order()


def test_a_failed_wipe_holds_everybody_also_its_own_resident(relay):
    relay.bring(S.INTERRUPTED)
    relay.told("failed", 0, "screen:silent")
    relay.bring(S.ARRIVED)
    with relay.database.write() as session:
        session.get_one(Appointment, relay.first).call_requested_at = NOW
    assert relay.called() == []


def test_a_kiosk_that_never_proves_is_out_of_order_after_a_while(relay):
    relay.bring(S.DONE)
    assert not relay.out_of_order(NOW + PROOF_WITHIN / 2)
    late = NOW + PROOF_WITHIN
    assert relay.out_of_order(late)
    # The plug was pulled; on its start it wipes first, and says so.
    relay.told("clean", None, at=late)
    assert not relay.out_of_order(late)


def test_a_long_call_is_not_out_of_order(relay):
    assert not relay.out_of_order(NOW + timedelta(hours=1))


def test_what_was_said_before_the_call_was_heard_of_does_not_count_for_it(relay):
    relay.told("clean", None)
    relay.prove()
    assert relay.state() == WipeState.OWED


@pytest.mark.parametrize("state", ["clean", "delivering"])
def test_a_call_that_was_over_before_the_kiosk_heard_of_it_is_wiped_too(relay, state):
    """Its wipe of the call before was told of as this one ended: the next was called at once."""
    relay.bring(S.DONE)
    waiting = relay.next_one()
    relay.told(state, None)
    assert relay.called() == []
    relay.prove()
    assert relay.called() == [waiting]


def test_what_a_kiosk_says_long_after_a_call_counts_for_it(relay):
    relay.bring(S.DONE)
    waiting = relay.next_one()
    late = NOW + SAID_WITHIN
    relay.told("clean", None, at=late)
    assert relay.called(late) == [waiting]


def test_the_proof_of_another_appointment_settles_nothing(relay):
    relay.bring(S.DONE)
    other = relay.next_one()
    with relay.database.write() as session:
        take_proof(session, session.get_one(Appointment, other), NOW)
    assert relay.called() == []


def test_a_kiosk_cannot_speak_of_another_ones_appointment(relay):
    relay.bring(S.DONE)
    with relay.database.write() as session:
        far = put_appointment(session, "kiosk-2", "msa", starts_at=NOW)
    relay.told("failed", far, "spool:read_only")
    assert relay.out_of_order()
    with relay.database.read() as session:
        entries = session.scalars(
            select(JournalEntry).where(JournalEntry.act == Act.WIPE_FAILED)
        )
        assert list(entries) == []


def test_a_kiosk_too_old_to_prove_is_believed(relay):
    relay.bring(S.DONE)
    waiting = relay.next_one()
    with relay.database.write() as session:
        take_wipe_report(session, relay.kiosk_id, None, "kiosk:kiosk-1", NOW)
    assert relay.called() == [waiting]
    assert not relay.out_of_order(NOW + timedelta(hours=1))

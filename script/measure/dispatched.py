# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the rows about the dispatcher share: its system, its ends, where its time went."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from sqlalchemy import func, select

from booking_web.tables.appointment import Appointment, Period
from booking_web.tables.states import ON_THE_LINE, PeriodKind
from measure.bench_rows import free_all_slots
from measure.bench_system import BenchSystem
from measure.sip_capture import SipMessage
from provisioning.database.engine import Database
from stage.waiting import wait_for

SETTLE_SECONDS = 20.0


@dataclass(frozen=True)
class Dispatched:
    """A call of the dispatcher, and since when its clock runs (seconds since 1970)."""

    appointment_id: int
    since: float


def start_services(system: BenchSystem) -> None:
    """Start the web application, the dispatcher and the crowd of kiosks."""
    system.stage.start("web", "dispatcher")
    system.start_crowd()


def wait_settled(system: BenchSystem, database: Database) -> None:
    """Return once the dispatcher has written the end of every call; then free all slots."""
    wait_for(
        lambda: _on_the_line(database) == 0,
        "the dispatcher wrote the end of every call",
        SETTLE_SECONDS,
    )
    free_all_slots(system.database)


def milliseconds(
    calls: Sequence[Dispatched], invites: dict[str, SipMessage]
) -> tuple[float, ...]:
    """Return the time from the start of each call's clock to its INVITE."""
    return tuple(
        (invites[str(call.appointment_id)].at - call.since) * 1000 for call in calls
    )


def claim_note(
    calls: Sequence[Dispatched], invites: dict[str, SipMessage], database: Database
) -> str:
    """Return where the time went: until the dispatcher claimed, and after."""
    claimed = _claimed_at(database)
    until = [(claimed[call.appointment_id] - call.since) * 1000 for call in calls]
    after = [
        (invites[str(call.appointment_id)].at - claimed[call.appointment_id]) * 1000
        for call in calls
    ]
    return (
        f"of ours, {median(until):.1f} ms until the dispatcher begins its claim,"
        f" {median(after):.1f} ms from there to the INVITE (commit, AMI, Asterisk)"
    )


def sleep_until(moment: float) -> None:
    """Return at the moment, seconds since 1970, or at once where it is past."""
    while (left := moment - time.time()) > 0:
        time.sleep(left)


def _on_the_line(database: Database) -> int:
    with database.read() as session:
        count = select(func.count()).where(Appointment.state.in_(ON_THE_LINE))
        return session.scalar(count) or 0


def _claimed_at(database: Database) -> dict[int, float]:
    rows = select(Period.appointment_id, Period.started_at).where(
        Period.kind == PeriodKind.RINGING
    )
    with database.read() as session:
        return {number: at.timestamp() for number, at in session.execute(rows)}

# SPDX-License-Identifier: AGPL-3.0-or-later
"""call.dispatch.due: from the hour of an appointment to the kiosk's INVITE."""

import secrets
import time
from contextlib import ExitStack

from booking_web.shell.doorbell import Doorbell
from measure.bare_ami import BareAmi
from measure.bare_call import BareCall, hang_up, wait_queued
from measure.bench_system import BenchSystem
from measure.booked import book_all
from measure.dispatched import (
    Dispatched,
    claim_note,
    milliseconds,
    sleep_until,
    start_services,
    wait_settled,
)
from measure.inventory import WAITING, Crowd
from measure.rows import Figures
from measure.sip_capture import first_invites

RUNS = 20
WARM_UP_RUNS = 1
CROWD = Crowd(2)
# The appointment is written down before it is due, as nearly every one is.
AHEAD_SECONDS = 1.3


def measure() -> Figures:
    """Let appointments fall due and a bare script keep the same hours, in turn."""
    calls: list[Dispatched] = []
    bare: list[tuple[str, float]] = []
    ours_kiosk, peer_kiosk = CROWD.kiosks()
    with ExitStack() as stack:
        system = stack.enter_context(BenchSystem(CROWD))
        start_services(system)
        database = system.stage.database()
        stack.callback(database.dispose)
        doorbell = Doorbell(str(system.stage.directory / "doorbell.sock"))
        ami = stack.enter_context(BareAmi(system.ami, events=True))
        with system.sip_capture() as capture:
            for number in range(RUNS + WARM_UP_RUNS):
                due_at = time.time() + AHEAD_SECONDS
                (appointment_id,) = book_all(
                    database, [(ours_kiosk, WAITING)], due_at, secrets.token_hex(8)
                )
                doorbell.ring()
                calls.append(Dispatched(appointment_id, due_at))
                channel_id = f"gv-{appointment_id}-1"
                wait_queued(ami, channel_id)
                hang_up(ami, ours_kiosk, channel_id)
                wait_settled(system, database)
                due_at = time.time() + AHEAD_SECONDS
                call = BareCall(number, peer_kiosk, WAITING)
                sleep_until(due_at)
                call.originate(ami)
                bare.append((call.appointment, due_at))
                call.wait_queued(ami)
                call.hang_up(ami)
        invites = first_invites(capture.messages())
        calls, bare = calls[WARM_UP_RUNS:], bare[WARM_UP_RUNS:]
        note = claim_note(calls, invites, database)
    return Figures(
        milliseconds(calls, invites),
        tuple((invites[number].at - due_at) * 1000 for number, due_at in bare),
        (note,),
    )

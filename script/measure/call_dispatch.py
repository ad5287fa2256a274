# SPDX-License-Identifier: AGPL-3.0-or-later
"""call.dispatch: from the secretary's click to the kiosk's INVITE, beside a bare AMI."""

from contextlib import ExitStack
from statistics import median

from measure.bare_ami import BareAmi
from measure.bare_call import BareCall, hang_up, wait_queued
from measure.bench_system import BenchSystem
from measure.dispatched import (
    Dispatched,
    claim_note,
    milliseconds,
    start_services,
    wait_settled,
)
from measure.inventory import SECRETARY, WAITING, Crowd
from measure.rows import Figures
from measure.secretary import Click, TimedSecretary
from measure.sip_capture import first_invites

RUNS = 20
WARM_UP_RUNS = 2
# The first kiosk is called by the dispatcher, the second by the bare script.
CROWD = Crowd(2)


def measure() -> Figures:
    """Click and originate in turn, in the same Asterisk, to kiosks of the same kind."""
    clicks: list[Click] = []
    bare: list[tuple[str, float]] = []
    ours_kiosk, peer_kiosk = CROWD.kiosks()
    with ExitStack() as stack:
        system = stack.enter_context(BenchSystem(CROWD))
        start_services(system)
        database = system.stage.database()
        stack.callback(database.dispose)
        secretary = TimedSecretary(system.stage.url)
        stack.callback(secretary.close)
        secretary.sign_in(SECRETARY, system.stage.passwords()[SECRETARY])
        ami = stack.enter_context(BareAmi(system.ami, events=True))
        with system.sip_capture() as capture:
            for number in range(RUNS + WARM_UP_RUNS):
                click = secretary.click(f"M. Dupont {number}", WAITING)
                channel_id = f"gv-{click.appointment_id}-1"
                wait_queued(ami, channel_id)
                hang_up(ami, ours_kiosk, channel_id)
                wait_settled(system, database)
                clicks.append(click)
                call = BareCall(number, peer_kiosk, WAITING)
                bare.append((call.appointment, call.originate(ami)))
                call.wait_queued(ami)
                call.hang_up(ami)
        invites = first_invites(capture.messages())
        clicks, bare = clicks[WARM_UP_RUNS:], bare[WARM_UP_RUNS:]
        calls = [Dispatched(click.appointment_id, click.sent_at) for click in clicks]
        note = claim_note(calls, invites, database)
    page = median(click.answered_at - click.sent_at for click in clicks) * 1000
    return Figures(
        milliseconds(calls, invites),
        tuple((invites[number].at - sent_at) * 1000 for number, sent_at in bare),
        (note, f"the page answers the click after {page:.1f} ms"),
    )

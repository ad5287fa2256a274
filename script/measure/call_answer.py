# SPDX-License-Identifier: AGPL-3.0-or-later
"""call.answer: INVITE -> 200 OK of our kiosk and of baresip, in Asterisk's own capture."""

from contextlib import ExitStack

from measure.bare_ami import BareAmi
from measure.bare_call import BareCall
from measure.baresip import Baresip
from measure.bench_system import PICTURE, BenchSystem
from measure.inventory import OUR_KIOSK, PEER_KIOSK, WAITING
from measure.rows import Figures
from measure.sip_capture import SipMessage, answers, first_invites

RUNS = 20
# The first call of a process pays for what is loaded once.
WARM_UP_RUNS = 1
KIOSKS = (OUR_KIOSK, PEER_KIOSK)


def measure() -> Figures:
    """Call both kiosks in turn, through the same Asterisk, over TLS and SRTP."""
    with ExitStack() as stack:
        system = stack.enter_context(BenchSystem())
        system.start_kiosk(OUR_KIOSK)
        bundle = system.softphone_bundle(PEER_KIOSK)
        peer = Baresip(bundle, system.folder / "peer", PICTURE)
        stack.callback(peer.stop)
        system.wait_registered(*KIOSKS)
        ami = stack.enter_context(BareAmi(system.ami, events=True))
        calls = _calls()
        with system.sip_capture() as capture:
            for call in calls:
                call.originate(ami)
                call.wait_queued(ami)
                call.hang_up(ami)
        times = answer_times(capture.messages())
    ours, theirs = (
        tuple(times[call.appointment] for call in calls if call.kiosk == kiosk)
        for kiosk in KIOSKS
    )
    return Figures(
        ours[WARM_UP_RUNS:],
        theirs[WARM_UP_RUNS:],
        ("both over TLS and SRTP, timed inside Asterisk (its own pcap)",),
    )


def answer_times(messages: list[SipMessage]) -> dict[str, float]:
    """Return the milliseconds from INVITE to 200 OK, by appointment."""
    answered = answers(messages)
    return {
        appointment: (answered[invite.call_id].at - invite.at) * 1000
        for appointment, invite in first_invites(messages).items()
        if invite.call_id in answered
    }


def _calls() -> list[BareCall]:
    runs = RUNS + WARM_UP_RUNS
    kiosks = [kiosk for _ in range(runs) for kiosk in KIOSKS]
    return [BareCall(number, kiosk, WAITING) for number, kiosk in enumerate(kiosks)]

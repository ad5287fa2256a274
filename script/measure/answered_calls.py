# SPDX-License-Identifier: AGPL-3.0-or-later
"""Calls our kiosk and baresip in turn; both answer by themselves and wait in a queue."""

import time
from contextlib import ExitStack

from measure.bare_ami import BareAmi
from measure.bare_call import BareCall
from measure.baresip import Baresip
from measure.bench_system import PICTURE, BenchSystem
from measure.inventory import OUR_KIOSK, PEER_KIOSK, WAITING
from measure.sip_capture import SipMessage

KIOSKS = (OUR_KIOSK, PEER_KIOSK)


def call_in_turn(
    runs: int, talk_seconds: float
) -> tuple[list[BareCall], list[SipMessage]]:
    """Return the calls, ours and the peer's by turns, and all SIP that passed Asterisk.

    Both go through one Asterisk over TLS and SRTP. Each call stays up for `talk_seconds`.
    """
    kiosks = [kiosk for _ in range(runs) for kiosk in KIOSKS]
    calls = [BareCall(number, kiosk, WAITING) for number, kiosk in enumerate(kiosks)]
    with ExitStack() as stack:
        system = stack.enter_context(BenchSystem())
        system.start_kiosk(OUR_KIOSK)
        bundle = system.softphone_bundle(PEER_KIOSK)
        peer = Baresip(bundle, system.folder / "peer", PICTURE)
        stack.callback(peer.stop)
        system.wait_registered(*KIOSKS)
        ami = stack.enter_context(BareAmi(system.ami, events=True))
        with system.sip_capture() as capture:
            for call in calls:
                call.originate(ami)
                call.wait_queued(ami)
                time.sleep(talk_seconds)
                call.hang_up(ami)
        return calls, capture.messages()


def by_side(
    calls: list[BareCall], times: dict[str, float], skipped: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return ours and the peer's of the times by appointment, without the first ones."""
    ours, theirs = (
        tuple(times[call.appointment] for call in calls if call.kiosk == kiosk)
        for kiosk in KIOSKS
    )
    return ours[skipped:], theirs[skipped:]

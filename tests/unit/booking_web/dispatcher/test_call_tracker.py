# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a call's end means where not everything of the call could be confirmed."""

import pytest

from booking_web.dispatcher.call_id import parse_call
from booking_web.dispatcher.following.call_events import (
    HANDOVER_EVENT,
    CallFact,
    OutcomeUnknown,
)
from booking_web.dispatcher.following.call_tracker import CallTracker
from booking_web.dispatcher.manager.ami import AmiEvent
from booking_web.tables.state_reasons import Reason
from booking_web.tables.states import AppointmentState as S

CALL = "gv-1-1"
NAME = "PJSIP/kiosk-1-00000001"


def event(name: str, **fields: str) -> AmiEvent:
    return AmiEvent(name, {"Linkedid": CALL, "Uniqueid": CALL, **fields})


@pytest.mark.parametrize(
    ("cause", "state", "reason"),
    [
        ("16", S.DONE, ""),
        ("44", S.INTERRUPTED, Reason.CALL_BROKEN),
        # The kiosk's telephone began anew, and is asked for something in the call.
        ("127", S.INTERRUPTED, Reason.CALL_BROKEN),
    ],
)
def test_who_leaves_as_the_call_is_handed_over_is_asked_after(
    cause: str, state: S, reason: str
) -> None:
    tracker = CallTracker()
    tracker.hear(event("Newchannel"))
    tracker.hear(event("QueueCallerJoin"))
    tracker.hear(event("AgentConnect", Interface="PJSIP/counsellor-msa-1"))
    # By the time its channels were asked for, the resident had hung up.
    tracker.doubt(event("UserEvent", UserEvent=HANDOVER_EVENT, Handover="1"))
    meaning = tracker.hear(event("Hangup", Cause=cause, Channel=NAME))
    call = parse_call(CALL)
    assert call is not None
    otherwise = CallFact(call, state, reason)
    assert meaning == OutcomeUnknown(call, "kiosk-1", otherwise)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""call.answer: INVITE -> 200 OK of our kiosk and of baresip, in Asterisk's own capture."""

from measure.answered_calls import by_side, call_in_turn
from measure.rows import Figures
from measure.sip_capture import SipMessage, answers, first_invites

RUNS = 20
# The first call of a process pays for what is loaded once.
WARM_UP_RUNS = 1


def measure() -> Figures:
    """Call both and read from the capture how long each took to answer."""
    calls, messages = call_in_turn(RUNS + WARM_UP_RUNS, talk_seconds=0.0)
    ours, theirs = by_side(calls, answer_times(messages), WARM_UP_RUNS)
    note = "both over TLS and SRTP, timed inside Asterisk; see screen.first_picture too"
    return Figures(ours, theirs, (note,))


def answer_times(messages: list[SipMessage]) -> dict[str, float]:
    """Return the milliseconds from INVITE to 200 OK, by appointment."""
    answered = answers(messages)
    return {
        appointment: (answered[invite.call_id].at - invite.at) * 1000
        for appointment, invite in first_invites(messages).items()
        if invite.call_id in answered
    }

# SPDX-License-Identifier: AGPL-3.0-or-later
"""call.answer.picture: INVITE -> the first packet of picture that the endpoint sends.

An endpoint may answer before it opens its devices, or after: this row tells what the
resident's counsellor waits for in either case.
"""

from measure.answered_calls import by_side, call_in_turn
from measure.rows import Figures
from measure.rtp_watch import RtpWatch
from measure.sip_capture import SipMessage, answers, first_invites

RUNS = 20
WARM_UP_RUNS = 1
# By then either has sent its first picture.
TALK_SECONDS = 1.2


def measure() -> Figures:
    """Call both and watch the port that each named for its picture."""
    with RtpWatch() as watch:
        calls, messages = call_in_turn(RUNS + WARM_UP_RUNS, TALK_SECONDS)
    ours, theirs = by_side(calls, picture_times(messages, watch), WARM_UP_RUNS)
    return Figures(ours, theirs, ("to the first video RTP packet from the endpoint",))


def picture_times(messages: list[SipMessage], watch: RtpWatch) -> dict[str, float]:
    """Return the milliseconds from INVITE to the first picture, by appointment."""
    answered = answers(messages)
    times: dict[str, float] = {}
    for appointment, invite in first_invites(messages).items():
        answer = answered.get(invite.call_id)
        port = answer.media_port("video") if answer else None
        at = watch.first_after(invite.at, port) if port else None
        if at is not None:
            times[appointment] = (at - invite.at) * 1000
    return times

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Turns manager events into what they mean for a call. Pure: no I/O, no clock.

`TABLE` names the events that matter; each takes a call's progress one step on. The last
word is always `Hangup` of the call's first channel: until then the kiosk is taken.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from booking_web.dispatcher.call_id import CallId, parse_call
from booking_web.dispatcher.manager.ami import AmiEvent
from booking_web.tables.state_reasons import (
    BROKEN_CAUSES,
    UNREACHABLE_BY_CAUSE,
    UNREACHABLE_BY_DIAL_STATUS,
    Reason,
)
from booking_web.tables.states import AppointmentState

_S = AppointmentState

DIRECT_CALL_EVENT = "GuichetDirectCall"
HANDOVER_EVENT = "GuichetHandover"
HANDOVER_CONTEXT = "guichet-handover"
KEPT_EVENT = "GuichetKept"
# Where the dialplan keeps a kiosk for a counsellor whose page has gone.
KEPT_CONTEXT = "guichet-kept"
# Here a kiosk whose call goes on has a counsellor rung, in no queue.
DIALLING_CONTEXTS = frozenset({HANDOVER_CONTEXT, KEPT_CONTEXT})
CHANNEL_UP = "6"
_ACTION_PREFIX = "guichet/"
_TECHNOLOGY = "PJSIP/"


@dataclass(frozen=True)
class CallProgress:
    """What is known of a call that goes on."""

    call: CallId
    stage: AppointmentState = _S.CALLING
    # A channel was seen: its Hangup will tell how it ends.
    exists: bool = False
    answered: bool = False
    dial_status: str = ""
    broken: bool = False
    # An event of it was not believed: what came before its end is not known for sure.
    has_gaps: bool = False
    counsellor: str = ""
    # It waits for its counsellor's page.
    is_kept: bool = False


@dataclass(frozen=True)
class CallFact:
    """The call's appointment is now in `state`; `counsellor` is a slug or empty."""

    call: CallId
    state: AppointmentState
    reason: str = ""
    counsellor: str = ""


@dataclass(frozen=True)
class OutcomeUnknown:
    """The call is over, and only Asterisk's own memory tells how (see `outcomes`).

    `otherwise` is what its events told, for a call that Asterisk does not remember.
    """

    call: CallId
    kiosk: str
    otherwise: CallFact | None = None


Meaning = CallFact | OutcomeUnknown
Step = tuple[CallProgress | None, Meaning | None]


def root_of(event: AmiEvent) -> str:
    """Give the Uniqueid of the first channel of the event's call; empty if none."""
    if event.name == "OriginateResponse":
        return event.get("ActionID").removeprefix(_ACTION_PREFIX)
    return event.get("Linkedid") or event.get("DestLinkedid")


def begin(event: AmiEvent) -> CallProgress | None:
    """Give the progress of a call first heard of by this event; None if not ours.

    A dispatcher also follows the calls that another one placed.
    """
    if event.name == "UserEvent":
        call = parse_call(event.get("Call"))
        if call is None or not call.is_direct:
            return None
        return CallProgress(call, exists=True)
    call = parse_call(root_of(event))
    return CallProgress(call) if call is not None else None


def endpoint_of(channel: str) -> str:
    """Give the endpoint of a channel's name: PJSIP/kiosk-guise-0000001f."""
    return channel.partition("/")[2].rpartition("-")[0]


def advance(progress: CallProgress, event: AmiEvent) -> Step:
    """Take the call one step on; the progress is None once the call is over."""
    step = TABLE.get(event.name)
    return step(progress, event) if step is not None else (progress, None)


def _placed(progress: CallProgress, event: AmiEvent) -> Step:
    # Its Reason is not to be trusted: a kiosk that is busy and one that is not
    # registered both give 0. Only where no channel ever was is it the last word.
    was_there = progress.exists or progress.has_gaps
    if event.get("Response") != "Failure" or was_there:
        return progress, None
    return None, CallFact(progress.call, _S.UNREACHABLE, Reason.KIOSK_OFFLINE)


def _channel_made(progress: CallProgress, event: AmiEvent) -> Step:
    return replace(progress, exists=True), None


def _channel_state(progress: CallProgress, event: AmiEvent) -> Step:
    up = _is_first(progress, event) and event.get("ChannelState") == CHANNEL_UP
    if up and not progress.call.is_direct:
        return replace(progress, exists=True, answered=True), None
    return replace(progress, exists=True), None


def _queue_joined(progress: CallProgress, event: AmiEvent) -> Step:
    if progress.stage is not _S.CALLING:
        return progress, None
    following = replace(progress, stage=_S.QUEUED, exists=True, answered=True)
    return following, CallFact(progress.call, _S.QUEUED)


def _counsellor_answered(progress: CallProgress, event: AmiEvent) -> Step:
    counsellor = event.get("Interface").removeprefix(_TECHNOLOGY)
    return _connected(progress, counsellor)


def _dialled(progress: CallProgress, event: AmiEvent) -> Step:
    if event.get("Context") in DIALLING_CONTEXTS:
        # A colleague's telephone rang, or the page that is back; in no queue.
        if event.get("DialStatus") != "ANSWER":
            return progress, None
        return _connected(progress, endpoint_of(event.get("DestChannel")))
    if not progress.call.is_direct or progress.stage is not _S.CALLING:
        return progress, None
    status = event.get("DialStatus")
    if status == "ANSWER":
        return _connected(progress, progress.counsellor)
    return replace(progress, dial_status=status), None


def _connected(progress: CallProgress, counsellor: str) -> Step:
    following = replace(
        progress,
        stage=_S.IN_CALL,
        exists=True,
        answered=True,
        # How an earlier counsellor's end broke is over.
        broken=False,
        is_kept=False,
        counsellor=counsellor,
    )
    return following, CallFact(progress.call, _S.IN_CALL, counsellor=counsellor)


def _told_by_the_dialplan(progress: CallProgress, event: AmiEvent) -> Step:
    if event.get("UserEvent") == HANDOVER_EVENT and not progress.call.is_direct:
        # From here on it ends as one that waits, and its first counsellor's end is none of it.
        following = replace(
            progress,
            stage=_S.QUEUED,
            exists=True,
            answered=True,
            broken=False,
            is_kept=False,
            counsellor="",
        )
        return following, CallFact(progress.call, _S.QUEUED)
    if event.get("UserEvent") == KEPT_EVENT and progress.stage is _S.IN_CALL:
        return replace(progress, is_kept=True), None
    if event.get("UserEvent") != DIRECT_CALL_EVENT:
        return progress, None
    counsellor = event.get("Counsellor")
    following = replace(progress, counsellor=counsellor)
    return following, CallFact(progress.call, _S.CALLING, counsellor=counsellor)


def _hung_up(progress: CallProgress, event: AmiEvent) -> Step:
    cause = int(event.get("Cause") or 0)
    if not _is_first(progress, event):
        is_counsellor = endpoint_of(event.get("Channel")) == progress.counsellor
        is_mate = progress.call.is_direct or is_counsellor
        mate_broke = progress.stage is _S.IN_CALL and is_mate and cause in BROKEN_CAUSES
        return replace(progress, broken=progress.broken or mate_broke), None
    return None, _ending(progress, cause, endpoint_of(event.get("Channel")))


def _ending(progress: CallProgress, cause: int, endpoint: str) -> Meaning:
    call = progress.call
    broken = progress.broken or cause in BROKEN_CAUSES
    if progress.is_kept:
        # Given up, or ended by the kiosk meanwhile: the counsellor said no good-bye.
        return CallFact(call, _S.INTERRUPTED, Reason.CALL_BROKEN)
    if progress.stage is _S.IN_CALL:
        ended = CallFact(call, _S.DONE)
        if broken:
            ended = CallFact(call, _S.INTERRUPTED, Reason.CALL_BROKEN)
        if progress.has_gaps and not call.is_direct:
            # It may have been handed over, and have waited, before that could be confirmed.
            return OutcomeUnknown(call, endpoint, otherwise=ended)
        return ended
    if progress.stage is _S.QUEUED:
        if broken:
            return CallFact(call, _S.INTERRUPTED, Reason.CALL_BROKEN)
        # The resident left, nobody came in time, or somebody hung up: the events of the
        # last two are alike, so the dialplan's own word is asked for.
        return OutcomeUnknown(call, endpoint)
    if progress.answered:
        return CallFact(call, _S.INTERRUPTED, Reason.CALL_BROKEN)
    if call.is_direct:
        reason = UNREACHABLE_BY_DIAL_STATUS.get(
            progress.dial_status, Reason.KIOSK_OFFLINE
        )
    else:
        reason = UNREACHABLE_BY_CAUSE.get(cause, Reason.KIOSK_OFFLINE)
    fact = CallFact(call, _S.UNREACHABLE, reason)
    if progress.has_gaps and not call.is_direct:
        # It may have been answered and over again before that could be confirmed.
        return OutcomeUnknown(call, endpoint, otherwise=fact)
    return fact


def _is_first(progress: CallProgress, event: AmiEvent) -> bool:
    return event.get("Uniqueid") == progress.call.root


TABLE: dict[str, Callable[[CallProgress, AmiEvent], Step]] = {
    "OriginateResponse": _placed,
    "Newchannel": _channel_made,
    "Newstate": _channel_state,
    "UserEvent": _told_by_the_dialplan,
    "DialEnd": _dialled,
    "QueueCallerJoin": _queue_joined,
    "AgentConnect": _counsellor_answered,
    "Hangup": _hung_up,
}

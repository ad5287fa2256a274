# SPDX-License-Identifier: AGPL-3.0-or-later
"""Compares the appointments on the line with what Asterisk has. Pure: the table of rules.

The appointment is where Asterisk says it is. Nothing here places a call: an intent whose
call never came to be is handed back to the secretary.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking_web.dispatcher.call_id import CallId, parse_call
from booking_web.dispatcher.following.call_events import (
    KEPT_CONTEXT,
    CallFact,
    CallProgress,
    endpoint_of,
)
from booking_web.dispatcher.following.outcomes import (
    ENDINGS,
    GOING_ON,
    Ending,
    outcome_of,
)
from booking_web.dispatcher.manager.ami import Channel
from booking_web.tables.state_reasons import Reason
from booking_web.tables.states import AppointmentState

_S = AppointmentState

# An intent is committed before Asterisk hears of it, perhaps by another dispatcher: a
# call this young may still be on its way.
GRACE = timedelta(seconds=2)
# Asterisk tells its age in whole seconds.
_START_IS_KNOWN_WITHIN = timedelta(seconds=1)


@dataclass(frozen=True)
class LiveCall:
    """An appointment on the line, as the database has it."""

    call: CallId
    kiosk: str
    state: AppointmentState
    since: datetime


@dataclass(frozen=True)
class Findings:
    """What the comparison gave."""

    facts: list[CallFact]
    going_on: list[CallProgress]
    # Calls of ours with no appointment on the line: to be hung up.
    orphans: list[CallId]
    # Direct calls whose beginning was not heard.
    adopted: list[CallFact]
    # Calls that are too young to be called lost: look again after GRACE.
    is_to_look_again: bool


def compare(
    live: Sequence[LiveCall],
    channels: Sequence[Channel],
    remembered: Mapping[str, str],
    asterisk_started_at: datetime,
    now: datetime,
) -> Findings:
    """Find where each appointment is; `live` was read before `channels`."""
    ours = {
        call.text: progress_of(call, mates)
        for call, mates in calls_of(channels).items()
    }
    facts: list[CallFact] = []
    waits = False
    for appointment in live:
        progress = ours.get(appointment.call.text)
        if progress is not None:
            facts.append(_standing(progress))
        elif now - appointment.since < GRACE and appointment.state is _S.CALLING:
            waits = True
        else:
            outcome = remembered.get(appointment.kiosk)
            facts.append(_gone(appointment, outcome, asterisk_started_at))
    known = {appointment.call.text for appointment in live}
    unknown = [ours[text] for text in sorted(set(ours) - known)]
    return Findings(
        facts=facts,
        going_on=list(ours.values()),
        orphans=[p.call for p in unknown if not p.call.is_direct],
        adopted=[_standing(p) for p in unknown if p.call.is_direct],
        is_to_look_again=waits,
    )


def calls_of(channels: Sequence[Channel]) -> dict[CallId, list[Channel]]:
    """Group the channels of our calls whose first channel still exists."""
    names = {c.uniqueid: c.variables.get("GUICHET_CALL", "") for c in channels}
    ours: dict[CallId, list[Channel]] = {}
    for channel in channels:
        call = parse_call(names.get(channel.linkedid, ""))
        if call is not None and call.root == channel.linkedid:
            ours.setdefault(call, []).append(channel)
    return ours


def progress_of(call: CallId, channels: Sequence[Channel]) -> CallProgress:
    """Read a call's progress off its channels."""
    first = next(c for c in channels if c.uniqueid == call.root)
    mate = next(
        (
            c
            for c in channels
            if c is not first and c.bridge and c.bridge == first.bridge
        ),
        None,
    )
    is_kept = first.context == KEPT_CONTEXT and mate is None
    if mate is not None or is_kept:
        stage = _S.IN_CALL
    elif first.is_up and not call.is_direct:
        stage = _S.QUEUED
    else:
        stage = _S.CALLING
    counsellor = first if call.is_direct else mate
    return CallProgress(
        call,
        stage,
        exists=True,
        answered=stage is not _S.CALLING,
        counsellor=endpoint_of(counsellor.name) if counsellor is not None else "",
        is_kept=is_kept,
    )


def _standing(progress: CallProgress) -> CallFact:
    return CallFact(progress.call, progress.stage, counsellor=progress.counsellor)


def _gone(
    appointment: LiveCall, remembered: str | None, asterisk_started_at: datetime
) -> CallFact:
    outcome = outcome_of(appointment.call.text, remembered)
    restarted = asterisk_started_at > appointment.since - _START_IS_KNOWN_WITHIN
    ending = ENDINGS.get(outcome or "")
    if ending is None and (restarted or outcome in GOING_ON):
        ending = Ending(_S.INTERRUPTED, Reason.ASTERISK_LOST)
    if ending is None:
        ending = Ending(_S.INTERRUPTED, Reason.DISPATCHER_LOST)
    return CallFact(appointment.call, ending.state, ending.reason)

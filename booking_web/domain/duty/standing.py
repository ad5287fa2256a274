# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rules by which a counsellor's duty changes. Each changes a row, and asks nobody.

The truth is what Asterisk's queue holds. What is asked for stands in the row without
`applied_at` until Asterisk holds it, and only then is Asterisk heard again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from booking_web.tables.duty import CounsellorDuty, DutyState, PauseReason

WRAP_UP_WORD = str(DutyState.WRAP_UP)
REASON_BY_WORD = {
    str(reason): reason for reason in PauseReason if reason is not PauseReason.TELEPHONE
}


@dataclass(frozen=True)
class Held:
    """What Asterisk's queue holds of a member: paused or not, and the word for it."""

    is_paused: bool
    # What was given with the pause; empty where it was keyed on the telephone.
    word: str = ""


@dataclass(frozen=True)
class Limits:
    """What an organisation wants."""

    wrap_up: timedelta
    # 0: nobody is paused for it.
    missed_rings: int


@dataclass(frozen=True)
class Seen:
    """A counsellor in Asterisk's lists, which were asked for at `asked_at`."""

    held: Held
    is_in_call: bool
    asked_at: datetime
    asterisk_started_at: datetime


def held_in(row: CounsellorDuty) -> Held:
    """Give what Asterisk must hold so that the row is true."""
    match row.state:
        case DutyState.AVAILABLE:
            return Held(False)
        case DutyState.WRAP_UP:
            return Held(True, WRAP_UP_WORD)
    return Held(True, "" if row.reason == PauseReason.TELEPHONE else row.reason)


def is_held(row: CounsellorDuty, held: Held) -> bool:
    """Tell whether Asterisk holds what the row says; of who is not paused no word counts."""
    wanted = held_in(row)
    if not wanted.is_paused:
        return not held.is_paused
    return held == wanted


def ask_for(
    row: CounsellorDuty,
    state: DutyState,
    now: datetime,
    reason: PauseReason | None = None,
) -> None:
    """Have the row say so from now on; Asterisk is still to be told."""
    _move(row, state, reason, now)
    row.applied_at = None


def settle(row: CounsellorDuty, seen: Seen, limits: Limits, now: datetime) -> None:
    """Bring the row to what was seen of the counsellor, and what follows from it."""
    _hear(row, seen, now)
    _follow_call(row, seen, limits, now)


def end_wrap_up(row: CounsellorDuty, now: datetime) -> None:
    """Have a wrap-up end whose time is over."""
    if is_wrap_up_over(row, now):
        ask_for(row, DutyState.AVAILABLE, now)


def is_wrap_up_over(row: CounsellorDuty, now: datetime) -> bool:
    """Tell whether the row is a wrap-up whose time is over."""
    is_timed = row.state == DutyState.WRAP_UP and row.until is not None
    return is_timed and row.until is not None and row.until <= now


def miss_ring(row: CounsellorDuty, channel: str, limits: Limits, now: datetime) -> None:
    """Count a call that was not picked up; the last that is allowed has them paused.

    A channel counts once. Who was paused while it rang has missed nothing.
    """
    if row.missed_channel == channel or row.state != DutyState.AVAILABLE:
        return
    row.missed_channel = channel
    row.missed_rings += 1
    if limits.missed_rings and row.missed_rings >= limits.missed_rings:
        ask_for(row, DutyState.PAUSED, now, PauseReason.MISSED_RINGS)


def _hear(row: CounsellorDuty, seen: Seen, now: datetime) -> None:
    if is_held(row, seen.held):
        row.applied_at = row.applied_at or now
        return
    # What was asked for, or carried out, after the lists were is newer than they are.
    if row.applied_at is None or row.applied_at > seen.asked_at:
        return
    is_older_pause = row.applied_at < seen.asterisk_started_at
    if seen.held == Held(True) and row.state != DutyState.AVAILABLE and is_older_pause:
        # Asterisk keeps over its restart that a member is paused, and loses the word.
        row.applied_at = None
        return
    if not seen.held.is_paused:
        _move(row, DutyState.AVAILABLE, None, now)
    elif seen.held.word == WRAP_UP_WORD:
        _move(row, DutyState.WRAP_UP, None, now)
    elif seen.held.word:
        reason = REASON_BY_WORD.get(seen.held.word, PauseReason.OTHER)
        _move(row, DutyState.PAUSED, reason, now)
    else:
        _move(row, DutyState.PAUSED, PauseReason.TELEPHONE, now)
    row.applied_at = now


def _follow_call(
    row: CounsellorDuty, seen: Seen, limits: Limits, now: datetime
) -> None:
    if seen.is_in_call:
        if row.call_since is None:
            row.call_since, row.missed_rings = now, 0
            if limits.wrap_up and row.state == DutyState.AVAILABLE:
                # At the answer, not at the end: nobody can be rung in between.
                ask_for(row, DutyState.WRAP_UP, now)
        if row.state == DutyState.WRAP_UP:
            row.until = None
        return
    row.call_since = None
    if row.state == DutyState.WRAP_UP and row.until is None:
        row.since = now
        row.until = now + limits.wrap_up


def _move(
    row: CounsellorDuty,
    state: DutyState,
    reason: PauseReason | None,
    now: datetime,
) -> None:
    row.state, row.reason = state, str(reason or "")
    row.since, row.until = now, None
    row.missed_rings = 0

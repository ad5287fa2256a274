# SPDX-License-Identifier: AGPL-3.0-or-later
"""The life cycle of an appointment, as pure data: states, moves, periods."""

from enum import StrEnum


class AppointmentState(StrEnum):
    """Where an appointment stands (see the words in the README)."""

    BOOKED = "booked"
    ARRIVED = "arrived"
    CALLING = "calling"
    QUEUED = "queued"
    IN_CALL = "in_call"
    DONE = "done"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    UNREACHABLE = "unreachable"
    ABANDONED = "abandoned"
    INTERRUPTED = "interrupted"


class AppointmentSource(StrEnum):
    """Where an appointment was made."""

    DESK = "desk"
    API = "api"
    IMPORT = "import"


class ActReason(StrEnum):
    """Why an appointment is moved, cancelled or missed; what the journal keeps of it."""

    RESIDENT_ASKED = "resident_asked"
    ORGANISATION_ASKED = "organisation_asked"
    ENTERED_WRONGLY = "entered_wrongly"
    ILLNESS = "illness"
    OTHER = "other"


class PeriodKind(StrEnum):
    """What a dated stretch of an appointment was spent on."""

    WAITING = "waiting"
    RINGING = "ringing"
    QUEUED = "queued"
    IN_CALL = "in_call"


class IllegalMove(ValueError):
    """The life cycle has no such move."""

    def __init__(self, before: AppointmentState, after: AppointmentState) -> None:
        super().__init__(f"an appointment cannot go from {before} to {after}")
        self.before = before
        self.after = after


_S = AppointmentState

# A call may be direct (a counsellor dials the kiosk): then it skips the queue. Whoever
# could not be called may be booked for another hour.
MOVES: dict[AppointmentState, frozenset[AppointmentState]] = {
    _S.BOOKED: frozenset({_S.ARRIVED, _S.CANCELLED, _S.NO_SHOW}),
    _S.ARRIVED: frozenset({_S.BOOKED, _S.CALLING, _S.CANCELLED, _S.NO_SHOW}),
    _S.CALLING: frozenset({_S.QUEUED, _S.IN_CALL, _S.UNREACHABLE, _S.INTERRUPTED}),
    _S.QUEUED: frozenset({_S.IN_CALL, _S.ABANDONED, _S.INTERRUPTED}),
    _S.IN_CALL: frozenset({_S.DONE, _S.INTERRUPTED}),
    _S.UNREACHABLE: frozenset({_S.BOOKED, _S.ARRIVED, _S.CANCELLED, _S.NO_SHOW}),
    _S.ABANDONED: frozenset({_S.BOOKED, _S.ARRIVED, _S.CANCELLED, _S.NO_SHOW}),
    _S.INTERRUPTED: frozenset(
        {_S.BOOKED, _S.ARRIVED, _S.DONE, _S.CANCELLED, _S.NO_SHOW}
    ),
    # A counsellor spoke to an empty chair.
    _S.DONE: frozenset({_S.NO_SHOW}),
    _S.CANCELLED: frozenset(),
    _S.NO_SHOW: frozenset(),
}

# What a person set by mistake goes back to what it was (see `setting_back`); no other act
# leads this way.
_NOT_ON_THE_LINE = frozenset(
    {_S.BOOKED, _S.ARRIVED, _S.UNREACHABLE, _S.ABANDONED, _S.INTERRUPTED}
)
SET_BACK: dict[AppointmentState, frozenset[AppointmentState]] = {
    _S.ARRIVED: frozenset({_S.BOOKED}),
    _S.CANCELLED: _NOT_ON_THE_LINE,
    _S.NO_SHOW: _NOT_ON_THE_LINE | {_S.DONE},
    _S.DONE: frozenset({_S.INTERRUPTED}),
}

# The kiosk is busy with the appointment; the database allows one such per kiosk.
ON_THE_LINE = frozenset({_S.CALLING, _S.QUEUED, _S.IN_CALL})
# The call failed, the resident may still be there: one click calls again.
CALLABLE_AGAIN = frozenset({_S.UNREACHABLE, _S.ABANDONED, _S.INTERRUPTED})
OVER = frozenset({_S.DONE, _S.CANCELLED, _S.NO_SHOW})

PERIOD_OF: dict[AppointmentState, PeriodKind] = {
    _S.ARRIVED: PeriodKind.WAITING,
    _S.CALLING: PeriodKind.RINGING,
    _S.QUEUED: PeriodKind.QUEUED,
    _S.IN_CALL: PeriodKind.IN_CALL,
}


def can_move(before: AppointmentState, after: AppointmentState) -> bool:
    """Tell whether the life cycle has this move."""
    return after in MOVES[before]


def check_move(before: AppointmentState, after: AppointmentState) -> None:
    """Raise IllegalMove unless the life cycle has this move."""
    if not can_move(before, after):
        raise IllegalMove(before, after)

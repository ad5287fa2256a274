# SPDX-License-Identifier: AGPL-3.0-or-later
"""An appointment in figures, from its periods and what was done in it; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from booking_web.base.local_time import local_day
from booking_web.tables.conclusions import Outcome
from booking_web.tables.device_jobs import Operation
from booking_web.tables.states import AppointmentState, PeriodKind
from booking_web.tables.statistics import Result

# A counsellor was there within so long after the kiosk stood in the queue.
SERVICE_SECONDS = 60
# To what waiting and call times are rounded.
ROUNDED_TO_SECONDS = 10

_S = AppointmentState
_RESULTS = {
    _S.DONE: Result.HONOURED,
    _S.ABANDONED: Result.ABANDONED,
    _S.UNREACHABLE: Result.UNREACHABLE,
    _S.INTERRUPTED: Result.INTERRUPTED,
    _S.CANCELLED: Result.CANCELLED,
}


@dataclass(frozen=True)
class Stretch:
    """A period that has ended, or goes on."""

    kind: PeriodKind
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class PagesOfJob:
    """What a job that was completed did to paper."""

    operation: Operation
    pages: int
    copies: int


@dataclass(frozen=True)
class Told:
    """What the database tells of an appointment."""

    appointment_id: int
    starts_at: datetime
    time_zone: str
    state: AppointmentState
    relay_id: int
    organisation_id: int
    visit_reason_id: int | None
    was_useful: bool | None
    outcome: Outcome | None
    # In the order of time.
    stretches: Sequence[Stretch] = ()
    jobs: Sequence[PagesOfJob] = ()


def figures_of(told: Told) -> dict[str, object]:
    """Give the columns of its `AppointmentFigures`."""
    day = local_day(told.starts_at, ZoneInfo(told.time_zone))
    result = _result(told)
    answered_at = _first(told, PeriodKind.IN_CALL)
    queued_at = _first(told, PeriodKind.QUEUED)
    is_queued = queued_at is not None and result is not Result.EMPTY_CHAIR
    return {
        "appointment_id": told.appointment_id,
        "day": day,
        "week": week_of(day),
        "relay_id": told.relay_id,
        "organisation_id": told.organisation_id,
        "visit_reason_id": told.visit_reason_id,
        "result": result,
        "waited_seconds": _waited(told, result, answered_at),
        "call_seconds": _in_call(told) if result is Result.HONOURED else None,
        "queued": int(is_queued),
        "answered_in_time": int(
            is_queued
            and queued_at is not None
            and answered_at is not None
            and answered_at - queued_at <= timedelta(seconds=SERVICE_SECONDS)
        ),
        "pages_printed": sum(
            each.pages * each.copies
            for each in told.jobs
            if each.operation is not Operation.SCAN
        ),
        "pages_scanned": sum(
            each.pages for each in told.jobs if each.operation is not Operation.PRINT
        ),
        "useful": int(told.was_useful is True),
        "useless": int(told.was_useful is False),
        "resolved": int(told.outcome is Outcome.RESOLVED),
        "concluded": int(told.outcome is not None),
    }


def week_of(day: date) -> date:
    """Give the Monday of its week."""
    return day - timedelta(days=day.weekday())


def _result(told: Told) -> Result:
    if told.state is _S.NO_SHOW:
        was_called = _first(told, PeriodKind.IN_CALL) is not None
        return Result.EMPTY_CHAIR if was_called else Result.ABSENT
    return _RESULTS.get(told.state, Result.OPEN)


def _first(told: Told, kind: PeriodKind) -> datetime | None:
    return next((each.started_at for each in told.stretches if each.kind is kind), None)


def _waited(told: Told, result: Result, answered_at: datetime | None) -> int | None:
    """Count from the hour that was promised, or from a later coming, to the first words.

    Who comes early waits by choice; who is called early has not waited.
    """
    if result is not Result.HONOURED or answered_at is None:
        return None
    came_at = told.stretches[0].started_at
    return _rounded(answered_at - max(came_at, told.starts_at))


def _in_call(told: Told) -> int:
    spoken = (
        each.ended_at - each.started_at
        for each in told.stretches
        if each.kind is PeriodKind.IN_CALL and each.ended_at is not None
    )
    return _rounded(sum(spoken, timedelta()))


def _rounded(length: timedelta) -> int:
    """Give seconds, never fewer than none; halves go up."""
    seconds = max(0.0, length.total_seconds())
    half = ROUNDED_TO_SECONDS / 2
    return int((seconds + half) // ROUNDED_TO_SECONDS) * ROUNDED_TO_SECONDS

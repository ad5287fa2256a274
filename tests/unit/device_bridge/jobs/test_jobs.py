# SPDX-License-Identifier: AGPL-3.0-or-later
"""A job moves forwards only."""

import pytest

from device_bridge.jobs.job import (
    FINAL,
    IllegalMove,
    Job,
    JobState,
    Operation,
)
from device_bridge.jobs.reasons import Reason


def make_job(state=JobState.PENDING):
    return Job(uuid="u", operation=Operation.PRINT, appointment=1, state=state)


@pytest.mark.parametrize("state", sorted(FINAL))
@pytest.mark.parametrize("target", list(JobState))
def test_a_job_that_is_over_stays_over(state, target):
    with pytest.raises(IllegalMove):
        make_job(state).move(target)


@pytest.mark.parametrize("target", sorted(set(JobState) - {JobState.COMPLETED}))
def test_a_pending_job_may_begin_or_end_but_not_be_done_at_once(target):
    assert make_job().move(target, Reason.CALL_OVER).state is target


def test_a_job_is_not_done_before_it_began():
    with pytest.raises(IllegalMove):
        make_job().move(JobState.COMPLETED)


def test_a_job_at_work_does_not_go_back_to_waiting():
    with pytest.raises(IllegalMove):
        make_job(JobState.PROCESSING).move(JobState.PENDING)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Two weeks of appointments, and every figure of them as it was counted by hand."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import update

from booking_web.base.clock import utc_now
from booking_web.commands.statistics import refresh_figures
from booking_web.domain.journal.entries import write_down
from booking_web.domain.statistics.asking import Asked, By
from booking_web.domain.statistics.reading import read_figures
from booking_web.domain.statistics.travel import hours_of, kilograms_co2e_of
from booking_web.tables.appointment import Appointment
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentState
from booking_web.tables.statistics import AppointmentFigures, Result
from provisioning.database.models import Organisation, Relay
from tests.factories.counted import (
    MONDAY,
    MSA,
    NEXT_MONDAY,
    PREFECTURE,
    fill_two_weeks,
    number_of,
)

TWO_WEEKS = Asked(MONDAY, NEXT_MONDAY + timedelta(days=6))
FIRST_WEEK = {each: 1 for each in Result if each is not Result.ABSENT}
FIRST_WEEK |= {Result.HONOURED: 3}


def test_every_figure_is_the_one_that_was_counted_by_hand(either_database) -> None:
    fill_two_weeks(either_database)
    with either_database.read() as session:
        found = read_figures(session, TWO_WEEKS, By.WEEK)
        relays = read_figures(session, TWO_WEEKS, By.RELAY)
        organisations = read_figures(session, TWO_WEEKS, By.ORGANISATION)
        reasons = read_figures(session, TWO_WEEKS, By.REASON)
        wassigny = number_of(session, Relay, "wassigny")
        guise = number_of(session, Relay, "guise")
        msa = number_of(session, Organisation, MSA)
        prefecture = number_of(session, Organisation, PREFECTURE)
    # On the wall of each relay: the one of Guise belongs to the second week.
    assert set(found.lines) == {MONDAY, NEXT_MONDAY}
    assert found.lines[NEXT_MONDAY].results == Counter({Result.ABSENT: 1})
    week = found.lines[MONDAY]
    assert week.results == Counter(FIRST_WEEK)
    assert week.booked == 9
    # 100 s from the hour, 150 s from a later coming, 20 s: early ones wait by choice.
    assert week.waited.counts == Counter({100: 1, 150: 1, 20: 1})
    assert (week.waited.percentile(50), week.waited.percentile(95)) == (100, 150)
    # Over midnight 30 minutes; twice ten of the one that was handed over.
    assert week.spoken.counts == Counter({1200: 2, 1800: 1})
    assert (week.spoken.percentile(50), week.spoken.percentile(95)) == (1200, 1800)
    # Of five in a queue, of which nobody answered one and one after 90 s.
    assert (week.sums["queued"], week.sums["answered_in_time"]) == (5, 3)
    assert (week.sums["pages_printed"], week.sums["pages_scanned"]) == (12, 6)
    assert (week.sums["useful"], week.sums["useless"]) == (1, 1)
    assert (week.sums["resolved"], week.sums["concluded"]) == (1, 2)
    # Two of the three went to the MSA, 20 km away; how far the other is nobody knows.
    assert (week.kilometres, week.measured) == (80, 2)
    assert (hours_of(80), kilograms_co2e_of(80)) == (1.6, pytest.approx(17.44))

    assert found.total.booked == 10
    assert {key: each.booked for key, each in relays.lines.items()} == {
        wassigny: 9,
        guise: 1,
    }
    assert {key: each.booked for key, each in organisations.lines.items()} == {
        msa: 9,
        prefecture: 1,
    }
    assert organisations.lines[prefecture].waited.counts == Counter({150: 1})
    assert {key: each.booked for key, each in reasons.lines.items()} == {None: 10}


def test_figures_are_narrowed_by_day_relay_and_organisation(either_database) -> None:
    fill_two_weeks(either_database)
    saturday = MONDAY + timedelta(days=5)
    with either_database.read() as session:
        guise = number_of(session, Relay, "guise")
        prefecture = number_of(session, Organisation, PREFECTURE)
        on_saturday = read_figures(session, Asked(saturday, saturday), By.WEEK)
        at_guise = read_figures(
            session, Asked(MONDAY, NEXT_MONDAY, relay_id=guise), By.WEEK
        )
        of_both = read_figures(
            session, Asked(MONDAY, NEXT_MONDAY, guise, prefecture), By.WEEK
        )
    # It began before midnight: it is Saturday's, however long it lasted.
    assert on_saturday.total.results == Counter({Result.HONOURED: 1})
    assert at_guise.total.results == Counter({Result.ABSENT: 1})
    assert of_both.total.booked == 0
    assert of_both.total.waited.percentile(50) is None


def test_what_changes_is_counted_anew_and_what_is_gone_stays(either_database) -> None:
    numbers = fill_two_weeks(either_database)
    assert refresh_figures(either_database) == 0
    with either_database.write() as session:
        session.execute(
            update(Appointment)
            .where(Appointment.id == numbers["open"])
            .values(state=AppointmentState.CANCELLED)
        )
        write_down(
            session,
            Act.MOVED,
            actor="user:1",
            at=utc_now(),
            appointment_id=numbers["open"],
        )
        # As one whose appointment, relay and organisation were deleted long ago.
        session.add(
            AppointmentFigures(
                appointment_id=987654,
                day=MONDAY,
                week=MONDAY,
                relay_id=98765,
                organisation_id=98765,
                result=Result.HONOURED,
            )
        )
    assert refresh_figures(either_database) == 1
    with either_database.read() as session:
        found = read_figures(session, TWO_WEEKS, By.ORGANISATION)
    assert found.total.results[Result.OPEN] == 0
    assert found.total.results[Result.CANCELLED] == 2
    assert found.lines[98765].results == Counter({Result.HONOURED: 1})


def test_more_than_a_year_is_not_asked_for() -> None:
    Asked(MONDAY, MONDAY + timedelta(days=365))
    for days in (366, -1):
        with pytest.raises(ValueError):
            Asked(MONDAY, MONDAY + timedelta(days=days))

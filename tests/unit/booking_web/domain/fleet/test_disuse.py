# SPDX-License-Identifier: AGPL-3.0-or-later
"""When somebody is told that what is there is not used: once, never of what is closed or new."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from booking_web.domain.fleet.alerts.disuse import DisuseLimits, find_disuse
from booking_web.domain.fleet.alerts.people import Ways
from booking_web.domain.fleet.alerts.raising import (
    raised_alerts,
    settle_alerts,
    subjects_of,
)
from booking_web.domain.fleet.opening_checks import forget_old_checks, note_check
from booking_web.domain.kiosks.presence import keep_watch, write_presence
from booking_web.tables.alerts import Alert
from booking_web.tables.appointment import Appointment, Period
from booking_web.tables.hours import Closure, Opening
from booking_web.tables.opening_checks import Found, OpeningCheck, Step
from booking_web.tables.presence import EndpointPresence, Presence
from booking_web.tables.states import AppointmentState, PeriodKind
from provisioning.database.access import EndpointCut
from provisioning.database.models import Counsellor, Kiosk

# A Tuesday, 10:02 in Paris.
NOW = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WASSIGNY, GUISE = 1, 2
LIMITS = DisuseLimits(unused_days=14, unattended_days=3, missed_calls=4, paper_days=5)


class DisuseWatch:
    """Who looks for disuse again and again, and what was told."""

    def __init__(self, session) -> None:
        self.session = session
        self.now = NOW
        self.limits = LIMITS

    def look(self, after=timedelta()) -> list[str]:
        """Look once; give what was told now."""
        self.now += after
        raised = subjects_of(raised_alerts(self.session))
        findings = find_disuse(self.session, raised, self.limits, self.now)
        told = settle_alerts(self.session, findings, Ways(), self.now)
        return [
            f"{each.kind} {each.subject} {'over' if each.ended_at else 'begins'}"
            for each in told
        ]

    def look_for(self, length, every=20 * MINUTE) -> list[str]:
        """Look every few minutes for so long; give what was told meanwhile."""
        end, told = self.now + length, []
        while self.now < end:
            told += self.look(every)
        return told


@pytest.fixture
def watch(session, opened) -> DisuseWatch:
    return DisuseWatch(session)


@pytest.fixture
def opened(session) -> None:
    """Have both organisations open on each weekday; both kiosks stand there since long ago."""
    for counter in (1, 3):
        session.add(
            Opening(
                counter_id=counter,
                first_day=date(2026, 1, 1),
                weekdays=0b11111,
                opens_minute=540,
                closes_minute=1020,
            )
        )
    there = NOW - 300 * DAY
    session.execute(update(Kiosk).values(enrolled_at=there, secrets_since=there))


@pytest.fixture
def honoured(session, booked):
    """Give a function that has an appointment have taken place."""

    def took_place(at, relay="wassigny") -> None:
        appointment = booked(at, relay=relay, now=at - DAY)
        appointment.state = AppointmentState.DONE
        session.flush()

    return took_place


@pytest.fixture
def attended(session) -> None:
    """Have a counsellor of each organisation be there."""
    slugs = {1: "msa", 2: "caf"}
    for number, slug in slugs.items():
        session.add(
            Counsellor(slug=f"counsellor-{slug}", name="Zoé", organisation_id=number)
        )
    session.flush()
    members = {(slug, f"counsellor-{slug}"): Presence.READY for slug in slugs.values()}
    kiosks = {f"kiosk-{each}": Presence.READY for each in ("wassigny", "guise")}
    write_presence(session, kiosks, members, NOW, is_all=True)


@pytest.fixture
def in_use(attended, honoured) -> None:
    """Have everything be used."""
    for relay in ("wassigny", "guise"):
        honoured(NOW - DAY, relay)


def goes_off(session, slug, at) -> None:
    session.execute(
        update(EndpointPresence)
        .where(EndpointPresence.slug == slug)
        .values(state=Presence.OFFLINE, since=at)
    )


def test_nothing_is_told_of_what_is_used(watch, in_use) -> None:
    assert watch.look_for(6 * HOUR) == []


def test_a_relay_unused_for_fourteen_open_days_is_told_once_until_it_is_used(
    watch, attended, honoured, session
) -> None:
    honoured(NOW - DAY, "guise")
    # Monday, 2 November: the 11th is a holiday, so that the 24th is after 14 open days.
    honoured(datetime(2026, 11, 2, 10, 0, tzinfo=UTC))
    watch.now = NOW - DAY
    assert watch.look_for(8 * HOUR) == []
    watch.now = NOW
    assert watch.look_for(2 * HOUR) == ["relay_unused wassigny begins"]
    [alert] = raised_alerts(session)
    assert alert.detail == "14 2026-11-02 wassigny"
    assert watch.look_for(DAY) == []
    honoured(watch.now)
    assert watch.look_for(2 * HOUR) == ["relay_unused wassigny over"]


def test_a_relay_that_is_new_or_closed_or_shut_out_is_not_told(
    watch, attended, session
) -> None:
    new = update(Kiosk).where(Kiosk.id == WASSIGNY)
    session.execute(new.values(enrolled_at=None, secrets_since=NOW - 10 * DAY))
    session.add(EndpointCut(slug="kiosk-guise", is_revoked=True, asked_at=NOW))
    assert watch.look_for(6 * HOUR) == []
    session.execute(new.values(secrets_since=NOW - 100 * DAY))
    for organisation in (1, 2):
        session.add(
            Closure(
                organisation_id=organisation,
                first_day=date(2026, 11, 1),
                last_day=date(2026, 12, 31),
                label="Travaux",
            )
        )
    session.flush()
    assert watch.look_for(6 * HOUR) == []


def test_nobody_is_told_by_night_what_is_counted_in_days(
    watch, attended, honoured
) -> None:
    honoured(NOW - DAY, "guise")
    watch.now = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
    assert watch.look_for(12 * HOUR) == []
    assert watch.look_for(4 * HOUR) == ["relay_unused wassigny begins"]


def test_a_kiosk_off_over_the_weekend_is_nobodys_alarm_off_for_a_day_is(
    watch, in_use, session
) -> None:
    friday_evening = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    goes_off(session, "kiosk-wassigny", friday_evening)
    watch.now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    keep_watch(session, watch.now)
    assert watch.look_for(40 * MINUTE) == []
    told = []
    while not told and watch.now < NOW + DAY:
        keep_watch(session, watch.now + 20 * MINUTE)
        told = watch.look(20 * MINUTE)
    assert told == ["kiosk_unreachable kiosk-wassigny begins"]
    # An hour of Friday, all of Monday but an hour, and the hour that it waits.
    assert watch.now.date() == date(2026, 11, 24)
    write_presence(
        session, {"kiosk-wassigny": Presence.READY}, {}, watch.now, is_all=False
    )
    assert watch.look_for(2 * HOUR) == ["kiosk_unreachable kiosk-wassigny over"]


def test_paper_is_told_once_the_host_looked_and_does_not_any_more(
    watch, in_use, session
) -> None:
    def looks(day) -> None:
        note_check(
            session,
            WASSIGNY,
            Step.PAPER,
            Found.OK,
            day=day,
            user_id=1,
            now=watch.now,
        )

    assert watch.look_for(2 * HOUR) == []
    looks(date(2026, 11, 17))
    assert watch.look_for(2 * HOUR) == []
    watch.now = NOW + DAY
    assert watch.look_for(2 * HOUR) == ["paper_unchecked kiosk-wassigny begins"]
    looks(watch.now.date())
    assert watch.look_for(2 * HOUR) == ["paper_unchecked kiosk-wassigny over"]


def test_an_organisation_without_hours_is_told_after_three_days(
    watch, in_use, session
) -> None:
    session.execute(
        update(Opening)
        .where(Opening.counter_id == 3)
        .values(last_day=date(2026, 11, 20))
    )
    assert watch.look_for(2 * HOUR) == ["no_hours caf begins"]
    session.execute(
        update(Opening).where(Opening.counter_id == 3).values(last_day=None)
    )
    assert watch.look_for(2 * HOUR) == ["no_hours caf over"]


def test_an_organisation_that_never_published_is_given_three_days(
    watch, in_use, session
) -> None:
    session.delete(session.scalars(select(Opening).filter_by(counter_id=3)).one())
    session.flush()
    assert watch.look_for(2 * DAY, HOUR) == []
    assert watch.look_for(2 * DAY, HOUR) == ["no_hours caf begins"]


def test_an_organisation_whose_counsellors_stay_away_is_told(
    watch, in_use, session
) -> None:
    goes_off(session, "counsellor-msa", datetime(2026, 11, 18, 16, 0, tzinfo=UTC))
    keep_watch(session, NOW - DAY)
    watch.now = NOW - DAY
    assert watch.look() == []
    watch.now = NOW
    keep_watch(session, NOW)
    watch.look()
    keep_watch(session, NOW + 70 * MINUTE)
    assert watch.look(70 * MINUTE) == ["no_counsellor msa begins"]
    members = {("msa", "counsellor-msa"): Presence.READY}
    write_presence(session, {}, members, watch.now, is_all=False)
    assert watch.look_for(2 * HOUR) == ["no_counsellor msa over"]


def test_calls_that_nobody_took_are_told_from_so_many_in_a_week(
    watch, in_use, booked, session
) -> None:
    def missed(at) -> None:
        appointment = booked(at, relay="guise", organisation="caf", now=at - DAY)
        appointment.state = AppointmentState.ABANDONED
        session.add(
            Period(
                appointment_id=appointment.id,
                kind=PeriodKind.QUEUED,
                started_at=at,
                ended_at=at + 5 * MINUTE,
            )
        )
        session.flush()

    for number in range(3):
        missed(NOW - (2 + number) * HOUR)
    assert watch.look_for(2 * HOUR) == []
    missed(NOW - 10 * DAY)
    assert watch.look_for(2 * HOUR) == []
    missed(NOW - 6 * HOUR)
    assert watch.look_for(2 * HOUR) == ["calls_missed caf begins"]
    # One of them was taken after all: three are left, which is not well below.
    taken = session.scalars(select(Appointment).order_by(Appointment.id.desc())).first()
    session.add(
        Period(
            appointment_id=taken.id,
            kind=PeriodKind.IN_CALL,
            started_at=NOW,
            ended_at=NOW + MINUTE,
        )
    )
    session.flush()
    assert watch.look_for(2 * HOUR) == []
    watch.now += 7 * DAY
    assert watch.look_for(2 * HOUR) == ["calls_missed caf over"]


def test_fault_a_clock_that_jumps_raises_and_ends_nothing_twice(
    watch, attended, honoured, session
) -> None:
    honoured(NOW - DAY, "guise")
    told = watch.look_for(2 * HOUR)
    before = watch.now
    for jump in (40 * DAY, -40 * DAY, 3 * DAY):
        watch.now = before + jump
        told += watch.look() + watch.look(MINUTE)
        watch.now = before + MINUTE
        told += watch.look() + watch.look(MINUTE)
    assert told == ["relay_unused wassigny begins"]
    told = watch.look_for(3 * HOUR)
    assert told == []
    honoured(watch.now)
    for jump in (40 * DAY, -40 * DAY):
        after = watch.now
        watch.now += jump
        told += watch.look() + watch.look(MINUTE)
        watch.now = after
        told += watch.look(MINUTE)
    told += watch.look_for(3 * HOUR)
    assert told == ["relay_unused wassigny over"]
    assert session.scalars(select(Alert.ended_at)).all() != [None]


def test_zero_turns_each_off(watch, session) -> None:
    watch.limits = DisuseLimits(
        unused_days=0, unattended_days=0, missed_calls=0, paper_days=0
    )
    assert watch.look_for(DAY, HOUR) == []


def test_old_checks_are_forgotten_but_the_last_look_at_the_paper(session) -> None:
    for day in (date(2026, 5, 4), date(2026, 5, 5)):
        for step in (Step.PAPER, Step.GLASS):
            session.add(
                OpeningCheck(
                    kiosk_id=WASSIGNY,
                    day=day,
                    step=step,
                    found=Found.OK,
                    checked_at=NOW,
                    checked_by_id=1,
                )
            )
    session.flush()
    forget_old_checks(session, NOW)
    left = session.execute(select(OpeningCheck.day, OpeningCheck.step)).all()
    assert {(day, step) for day, step in left} >= {(date(2026, 5, 5), Step.PAPER)}
    assert {day for day, _ in left} == {date(2026, 5, 5)}

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each kind is kept for its own term, to the second, and no setting is out of bounds."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from booking_web.base.settings import Settings, SettingsError, load_settings
from booking_web.domain.appointments.acts import cancel
from booking_web.domain.retention.due import due
from booking_web.domain.retention.periods import Held
from booking_web.domain.retention.pruning import prune
from booking_web.domain.retention.purges import last_purge, note_purge
from booking_web.domain.retention.terms import Terms

SECOND = timedelta(seconds=1)


def terms(older_than_days: int | None = None, **settings: int) -> Terms:
    given = Settings(database_url="", secret_key="", **settings)
    return Terms.of(given, older_than_days)


def test_a_site_that_says_nothing_new_keeps_all_as_it_did() -> None:
    assert terms() == Terms(1000, 1000, 90, 365) == Terms.at_most(1000)
    assert terms(forget_after_days=60) == Terms(60, 60, 60, 60) == Terms.at_most(60)
    assert terms(older_than_days=400) == Terms(400, 400, 90, 365)


def test_documents_and_drafts_may_go_sooner_and_never_later() -> None:
    sooner = {"forget_documents_after_days": 30, "forget_drafts_after_days": 20}
    assert terms(**sooner) == Terms(1000, 30, 20, 365)
    assert terms(10, **sooner) == Terms(10, 10, 10, 10)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"forget_after_days": 0}, "forget_after_days must be from 1 to 1826 days"),
        ({"forget_after_days": 1827}, "forget_after_days must be from 1 to 1826 days"),
        (
            {"forget_drafts_after_days": 366},
            "forget_drafts_after_days must be from 1 to 365 days",
        ),
        (
            {"forget_documents_after_days": -1},
            "forget_documents_after_days must be from 0 to 1826 days",
        ),
        (
            {"forget_documents_after_days": 61, "forget_after_days": 60},
            "forget_documents_after_days must not be longer than forget_after_days",
        ),
    ],
)
def test_a_term_out_of_bounds_is_told_at_the_start(said, fault) -> None:
    with pytest.raises(SettingsError, match=fault):
        load_settings(None, {}, database_url="x", secret_key="x", **said)


@pytest.mark.parametrize("summer", [False, True])
def test_the_term_is_kept_to_the_second(session, booked, now, summer) -> None:
    appointment = booked()
    cancel(session, appointment, "user:1", now)
    if summer:
        # Between its end and its term the clocks are put back an hour: a term is so many days
        # of 24 hours, whatever the wall says.
        paris = ZoneInfo("Europe/Paris")
        ends = now.replace(month=10, day=1)
        appointment.starts_at, appointment.ends_at = ends - timedelta(minutes=30), ends
        assert ends.astimezone(paris).utcoffset() == timedelta(hours=2)
    session.flush()
    ends = appointment.ends_at
    term = ends + timedelta(days=30)
    asked = Terms.at_most(30)
    for at, count in ((term - SECOND, 0), (term, 0), (term + SECOND, 1)):
        [residents] = [
            each for each in due(session, asked, at) if each.held is Held.RESIDENT
        ]
        assert (residents.count, residents.oldest) == (count, ends if count else None)
        dry = prune(session, 30, at, dry_run=True)
        assert dry.appointments_anonymised == count
    assert prune(session, 30, term).appointments_anonymised == 0
    assert appointment.resident_name
    assert prune(session, 30, term + SECOND).appointments_anonymised == 1
    assert not appointment.resident_name


def test_the_last_purge_is_remembered_and_old_ones_are_not(session, now) -> None:
    assert last_purge(session) is None
    note_purge(session, {"documents_removed": 3}, now - timedelta(days=401))
    note_purge(session, {"documents_removed": 2}, now)
    session.flush()
    last = last_purge(session)
    assert last is not None and (last.at, last.counts) == (
        now,
        {"documents_removed": 2},
    )
    note_purge(session, {}, now + timedelta(days=401))
    session.flush()
    assert session.query(type(last)).count() == 1

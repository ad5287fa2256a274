# SPDX-License-Identifier: AGPL-3.0-or-later
"""Changes reach open pages once each; the poller lives only while somebody looks."""

import threading

import pytest

from booking_web.lifecycle import announce
from booking_web.live import (
    STREAMS_PER_VIEWER,
    LiveEvents,
    TooManyStreams,
    server_sent,
)
from booking_web.models import Appointment
from booking_web.scheduling import BookingRequest, book
from stage.waiting import wait_for


@pytest.fixture
def appointments(database, now) -> list[int]:
    """Book one appointment at each of the two kiosks."""
    with database.write() as session:
        requests = [
            BookingRequest(
                token=relay,
                user_id=1,
                relay=relay,
                organisation="msa",
                resident_name="M. Dupont",
                reason="",
                starts_at=now.replace(hour=12),
            )
            for relay in ("wassigny", "guise")
        ]
        return [book(session, each, now).appointment.id for each in requests]


@pytest.fixture
def live(database) -> LiveEvents:
    return LiveEvents(database, max_streams=10)


def change(database, appointment_id, now):
    with database.write() as session:
        announce(session, session.get_one(Appointment, appointment_id), now)


def test_a_town_hall_hears_of_what_it_booked_at_a_neighbours_kiosk(
    database, live, appointments, now
) -> None:
    here, elsewhere = appointments  # both were booked by the town hall of Wassigny
    before = live.last_id()
    wassigny = live.subscribe("user:1", [1], booked_at=1)
    marly = live.subscribe("user:3", [3], booked_at=3)
    for appointment_id in appointments:
        change(database, appointment_id, now)
    seen = []
    wait_for(lambda: seen.extend(wassigny.wait(0.2)) or len(seen) == 2, "changes")
    assert [each.appointment_id for each in seen] == [here, elsewhere]
    assert live.since(before, [1], booked_at=1) == seen
    assert marly.wait(0.3) == live.since(before, [3], booked_at=3) == []


def test_a_page_gets_each_change_of_its_kiosks_once(
    database, live, appointments, now
) -> None:
    wassigny = live.subscribe("user:1", [1])
    everything = live.subscribe("user:2", None)
    for appointment_id in appointments * 2:
        change(database, appointment_id, now)
    seen = []
    wait_for(lambda: seen.extend(everything.wait(0.2)) or len(seen) == 4, "changes")
    assert [each.appointment_id for each in seen] == appointments * 2
    mine = wassigny.wait(0.3)
    assert [each.appointment_id for each in mine] == [appointments[0]] * 2
    assert wassigny.wait(0.3) == []
    for subscription in (wassigny, everything):
        subscription.close()


def test_the_poller_ends_with_the_last_page(live) -> None:
    def pollers():
        return [
            thread
            for thread in threading.enumerate()
            if thread.name == "live-events" and thread not in others
        ]

    # An application of another test may still be closing its own.
    others: list[threading.Thread] = []
    others = pollers()
    subscription = live.subscribe("user:1", None)
    assert len(pollers()) == 1
    subscription.close()
    subscription.close()
    assert live.open_streams == 0
    wait_for(lambda: not pollers(), "the poller ends")


def test_one_viewer_has_only_so_many_streams(live) -> None:
    opened = [live.subscribe("user:1", None) for _ in range(STREAMS_PER_VIEWER)]
    with pytest.raises(TooManyStreams):
        live.subscribe("user:1", None)
    opened.append(live.subscribe("user:2", None))
    opened.pop(0).close()
    opened.append(live.subscribe("user:1", None))
    for subscription in opened:
        subscription.close()


def test_one_worker_has_only_so_many_streams(database) -> None:
    live = LiveEvents(database, max_streams=1)
    subscription = live.subscribe("user:1", None)
    with pytest.raises(TooManyStreams):
        live.subscribe("user:2", None)
    subscription.close()


def test_a_page_that_was_away_is_told_what_it_missed(
    database, live, appointments, now
) -> None:
    before = live.last_id()
    change(database, appointments[1], now)
    assert [each.appointment_id for each in live.since(before, None)] == [
        appointments[1]
    ]
    assert live.since(before, [1]) == []
    assert live.since(live.last_id(), None) == []


def test_an_event_is_written_as_the_standard_says() -> None:
    written = server_sent("day", "<p>\n  a\r\n</p>", 7)
    assert written == "id: 7\nevent: day\ndata: <p>\ndata:   a\ndata: </p>\n\n"

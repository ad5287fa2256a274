# SPDX-License-Identifier: AGPL-3.0-or-later
"""Why somebody who came without an appointment is not called, and until when."""

from datetime import timedelta

import pytest

from booking_web.domain.appointments import acts
from booking_web.domain.appointments.asked import asked_for
from booking_web.domain.appointments.lifecycle import move
from booking_web.domain.appointments.line.calling import call_from_lines
from booking_web.domain.appointments.line.causes import Cause, Hindrance, hindrance
from booking_web.domain.appointments.line.joining import join_line
from booking_web.domain.appointments.line.keeping import Keeping
from booking_web.domain.places.grid import slot_of
from booking_web.tables.presence import (
    EndpointKind,
    EndpointPresence,
    Presence,
    PresenceWatch,
)
from booking_web.tables.states import AppointmentState as State
from provisioning.database.models import Counsellor, Kiosk
from tests.factories.orders import an_order

MINUTE = timedelta(minutes=1)
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture(autouse=True)
def everybody_there(session, now):
    """Have the dispatcher hear both kiosks and a counsellor of each organisation."""
    rows = [PresenceWatch(id=1, heard_at=now)]
    for number, slug in enumerate(("msa", "caf"), 1):
        name = f"counsellor-{slug}"
        rows.append(
            Counsellor(slug=name, name=slug, organisation_id=number, softphone=False)
        )
        rows.append(
            EndpointPresence(
                slug=name, kind=EndpointKind.COUNSELLOR, state=Presence.READY
            )
        )
    for slug in ("kiosk-wassigny", "kiosk-guise"):
        rows.append(
            EndpointPresence(slug=slug, kind=EndpointKind.KIOSK, state=Presence.READY)
        )
    session.add_all(rows)
    session.flush()


def there(session, slug, state):
    session.get_one(EndpointPresence, slug).state = state
    session.flush()


def at_wassigny(session, now, organisation_id=1, length=HALF_AN_HOUR):
    # The watch goes on giving its signs.
    session.get_one(PresenceWatch, 1).heard_at = now
    session.flush()
    return hindrance(session, organisation_id, 1, length, now, Keeping())


def goes_through(session, appointment, at, *states):
    appointment.call_requested_at = None
    for state in states:
        move(session, appointment, state, actor="dispatcher", at=at)
        session.flush()


def test_nothing_is_in_the_way_of_a_free_kiosk(session, now) -> None:
    assert at_wassigny(session, now) is None


def test_a_kiosk_that_is_off(session, now) -> None:
    there(session, "kiosk-wassigny", Presence.OFFLINE)
    assert at_wassigny(session, now) == Hindrance(Cause.KIOSK_OFF)


def test_a_second_kiosk_that_is_on_is_enough(session, now) -> None:
    there(session, "kiosk-wassigny", Presence.OFFLINE)
    session.add(Kiosk(id=3, slug="kiosk-second", relay_id=1, token_digest="3"))
    there(session, "kiosk-guise", Presence.READY)
    session.add(
        EndpointPresence(
            slug="kiosk-second", kind=EndpointKind.KIOSK, state=Presence.READY
        )
    )
    assert at_wassigny(session, now) is None


def test_a_dispatcher_that_hears_nothing(session, now) -> None:
    session.get_one(PresenceWatch, 1).heard_at = None
    session.flush()
    found = hindrance(session, 1, 1, HALF_AN_HOUR, now, Keeping())
    assert found == Hindrance(Cause.NOBODY_CALLS)


def test_a_kiosk_that_somebody_booked_for_later(session, booked, now) -> None:
    """The issue's own case: kiosk and counsellor free, and nobody is called."""
    start = slot_of(now) + 20 * MINUTE
    booked(start, organisation="caf")
    assert at_wassigny(session, now) == Hindrance(
        Cause.KIOSK_BOOKED, begins_at=start, call_at=start + HALF_AN_HOUR
    )
    assert at_wassigny(session, now, length=15 * MINUTE) is None


def test_a_kiosk_whose_hour_has_begun(session, booked, now) -> None:
    start = slot_of(now) + 5 * MINUTE
    here = booked(start, organisation="caf")
    acts.mark_arrived(session, here, "user:1", now)
    assert at_wassigny(session, start + MINUTE) == Hindrance(
        Cause.KIOSK_BOOKED, call_at=start + HALF_AN_HOUR
    )


@pytest.mark.parametrize("hour_of_the_next", [40, 60])
def test_a_kiosk_in_call(session, booked, now, hour_of_the_next) -> None:
    on_line = booked(organisation="caf")
    goes_through(session, on_line, now, State.CALLING, State.IN_CALL)
    following = slot_of(now) + hour_of_the_next * MINUTE
    booked(following, organisation="caf")
    free = on_line.ends_at if hour_of_the_next == 60 else following + HALF_AN_HOUR
    assert at_wassigny(session, now) == Hindrance(Cause.KIOSK_IN_CALL, call_at=free)


def test_a_place_kept_for_a_failed_call(session, booked, now) -> None:
    failed = booked(organisation="caf")
    goes_through(session, failed, now, State.CALLING, State.UNREACHABLE)
    until = now + 5 * MINUTE
    assert at_wassigny(session, now + MINUTE) == Hindrance(
        Cause.KIOSK_KEPT, ends_at=until, call_at=until
    )
    assert at_wassigny(session, until) is None


def test_a_place_kept_before_an_hour_that_somebody_booked(session, booked, now) -> None:
    failed = booked(organisation="caf")
    goes_through(session, failed, now, State.CALLING, State.UNREACHABLE)
    following = booked(failed.ends_at, organisation="caf")
    assert at_wassigny(session, now + MINUTE) == Hindrance(
        Cause.KIOSK_KEPT, ends_at=now + 5 * MINUTE, call_at=following.ends_at
    )


def test_counters_that_are_booked_elsewhere(session, booked, now) -> None:
    start = slot_of(now) + 10 * MINUTE
    booked(start, organisation="caf", relay="guise")
    assert at_wassigny(session, now, organisation_id=2) == Hindrance(
        Cause.COUNTERS_BOOKED, begins_at=start, call_at=start + HALF_AN_HOUR
    )
    assert at_wassigny(session, now) is None


def test_counters_in_call(session, booked, now) -> None:
    on_line = booked(organisation="caf", relay="guise")
    goes_through(session, on_line, now, State.CALLING, State.IN_CALL)
    assert at_wassigny(session, now, organisation_id=2) == Hindrance(
        Cause.COUNTERS_IN_CALL, call_at=on_line.ends_at
    )


def test_no_counsellor_is_told_and_keeps_nobody_from_a_call(session, now) -> None:
    there(session, "counsellor-msa", Presence.PAUSED)
    assert at_wassigny(session, now) == Hindrance(Cause.NO_COUNSELLOR)


def test_what_is_told_is_what_keeps_the_dispatcher_from_calling(session, now) -> None:
    there(session, "kiosk-wassigny", Presence.OFFLINE)
    request = an_order(token="walk-in", resident_name="Mme Petit")
    waits = join_line(session, request, asked_for(session, request), now)
    assert call_from_lines(session, "dispatcher", now) == 0
    there(session, "kiosk-wassigny", Presence.READY)
    assert call_from_lines(session, "dispatcher", now) == 1
    assert waits.call_requested_at == now

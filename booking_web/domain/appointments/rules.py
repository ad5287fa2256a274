# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which hours may be booked, said once for every door, for booking and for moving."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from booking_web.domain.appointments.refusals import (
    BeyondHorizon,
    BookingError,
    NothingToBook,
    NotNear,
    OffGrid,
    OutsideHours,
    PlaceTaken,
    TooEarly,
    TooLate,
    TooSoon,
)
from booking_web.domain.places.choosing import Side
from booking_web.domain.places.grid import SLOT, SLOT_MINUTES, slot_of
from booking_web.domain.places.published import read_rules
from booking_web.domain.places.relays import is_offered_at
from booking_web.domain.places.search import (
    SlotSearch,
    WhyNoSlot,
    find_slots,
    has_published_hours,
    open_counters,
)
from provisioning.database.models import Organisation, Relay

HORIZON_DAYS = 366


class Hours(StrEnum):
    """Which hours an order may name."""

    # One of those that the search offers: published, with notice, not too many a day.
    OFFERED = "offered"
    # Any that somebody agreed with the organisation: held to no published hours. A person at
    # a desk may ask for it by typing the hour, and who takes over what was agreed elsewhere.
    AGREED = "agreed"


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """The time that an appointment is to take, and between whom."""

    relay_id: int
    organisation_id: int
    starts_at: datetime
    length: timedelta
    # The relay whose resident comes, where only its neighbours' hours are offered; None: any.
    home_relay_id: int | None = None
    # An appointment that is moved: it does not stand in its own way.
    besides: int | None = None
    # Whether the organisation publishes hours; None: not asked yet.
    has_hours: bool | None = None
    # A service whose interpreter is to be there; None: nobody interprets.
    interpreter_id: int | None = None


def check_bounds(starts_at: datetime, now: datetime) -> None:
    """Raise TooEarly or TooLate for an hour at which nothing can be booked at all."""
    if starts_at < slot_of(now):
        raise TooEarly
    if starts_at > now + timedelta(days=HORIZON_DAYS):
        raise TooLate


def counters_to_take(
    session: Session, stretch: Stretch, hours: Hours, now: datetime
) -> list[int]:
    """Hold the hour to the rules and give the counters to take first; any other may serve.

    Raises a BookingError. Of hours agreed, those counters come first that publish them.
    """
    check_bounds(stretch.starts_at, now)
    if hours is Hours.AGREED:
        has_hours = stretch.has_hours
        if has_hours is None:
            has_hours = has_published_hours(session, stretch.organisation_id)
        return _open_counters(session, stretch) if has_hours else []
    if stretch.starts_at != slot_of(stretch.starts_at):
        raise OffGrid(SLOT_MINUTES)
    if stretch.home_relay_id not in (None, stretch.relay_id):
        home = session.get_one(Relay, stretch.home_relay_id)
        if not is_offered_at(session, home, stretch.relay_id):
            raise NotNear
    search = SlotSearch(
        organisation_id=stretch.organisation_id,
        relay_ids=[stretch.relay_id],
        length=stretch.length,
        after=stretch.starts_at,
        until=stretch.starts_at + SLOT,
        limit=1,
        besides=stretch.besides,
        interpreter_id=stretch.interpreter_id,
    )
    found = find_slots(session, search, now)
    if found.why is not None:
        raise _refusal(session, stretch, found.why)
    return [slot.counter_id for slot in found.slots]


def _open_counters(session: Session, stretch: Stretch) -> list[int]:
    return open_counters(
        session,
        stretch.organisation_id,
        stretch.relay_id,
        stretch.starts_at,
        stretch.starts_at + stretch.length,
    )


def _refusal(session: Session, stretch: Stretch, why: WhyNoSlot) -> BookingError:
    if why is WhyNoSlot.TOO_LONG and _open_counters(session, stretch):
        # Long enough, but no appointment begins there.
        organisation = session.get_one(Organisation, stretch.organisation_id)
        return OffGrid(read_rules(session, organisation).step_minutes)
    told = {
        WhyNoSlot.NO_KIOSK: NothingToBook(Side.KIOSK),
        WhyNoSlot.NO_COUNTER: NothingToBook(Side.COUNTER),
        WhyNoSlot.TOO_SOON: TooSoon(),
        WhyNoSlot.BEYOND_HORIZON: BeyondHorizon(),
        WhyNoSlot.DAYS_FULL: PlaceTaken(None),
        WhyNoSlot.ALL_TAKEN: PlaceTaken(None),
        WhyNoSlot.NO_INTERPRETER: PlaceTaken(Side.INTERPRETER),
    }
    return told.get(why) or OutsideHours(why)

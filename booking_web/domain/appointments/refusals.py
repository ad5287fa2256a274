# SPDX-License-Identifier: AGPL-3.0-or-later
"""Why an appointment is not booked or moved as asked; nothing was written then."""

from booking_web.domain.places.choosing import Place, Side, Taken
from booking_web.domain.places.search import WhyNoSlot


class BookingError(Exception):
    """The appointment cannot be booked as asked; nothing was written."""


class UnknownOrganisation(BookingError):
    """No organisation has this slug."""


class NotForResidents(BookingError):
    """The organisation interprets for others: no resident is booked with it."""


class UnknownInterpreter(BookingError):
    """No organisation of this slug interprets."""


class UnknownRelay(BookingError):
    """No relay has this slug."""


class UnknownReason(BookingError):
    """The organisation has no such reason: nobody's, or another's."""


class KeyReused(BookingError):
    """A program's key comes again with other content."""

    def __init__(self, appointment_id: int) -> None:
        super().__init__(f"the key is that of appointment {appointment_id}")
        # What it booked the first time.
        self.appointment_id = appointment_id


class NothingToBook(BookingError):
    """The relay has no kiosk or the organisation no counter."""

    def __init__(self, missing: Side) -> None:
        super().__init__(f"no {missing}")
        self.missing = missing


class TooEarly(BookingError):
    """The hour is past."""


class TooSoon(TooEarly):
    """The hour is to come, and the organisation wants to know earlier."""


class TooLate(BookingError):
    """The hour is more than HORIZON_DAYS away."""


class BeyondHorizon(TooLate):
    """The organisation does not take appointments for that day yet."""


class NotOffered(BookingError):
    """The hour is none that is offered; one agreed with the organisation may be all the same."""


class OffGrid(NotOffered):
    """No appointment begins at this minute."""

    def __init__(self, every_minutes: int) -> None:
        super().__init__(f"not one of every {every_minutes} minutes")
        # From one start to the next.
        self.every_minutes = every_minutes


class OutsideHours(NotOffered):
    """The organisation publishes no hours that hold the whole appointment."""

    def __init__(self, why: WhyNoSlot) -> None:
        super().__init__(f"outside hours: {why}")
        self.why = why


class NotNear(NotOffered):
    """The relay's hours are not offered to the residents of the other one."""


class PlaceTaken(BookingError):
    """Kiosk, counter or interpreter are held by others at that hour."""

    def __init__(self, taken: Side | None) -> None:
        super().__init__(f"{taken or 'place'} taken")
        # None: which of them was not asked, or the organisation wants no more that day.
        self.taken = taken


def place_or_refusal(found: Place | Taken) -> Place:
    """Give the place; raises NothingToBook or PlaceTaken where there is none."""
    if isinstance(found, Place):
        return found
    raise NothingToBook(found.by) if found.is_missing else PlaceTaken(found.by)

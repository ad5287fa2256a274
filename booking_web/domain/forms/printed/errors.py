# SPDX-License-Identifier: AGPL-3.0-or-later
"""What can be wrong with a printed form, or with what came back of it."""

from booking_web.domain.forms.errors import FormError


class PrintedFormGone(FormError):
    """There is no such printed form in that appointment, or its document was removed."""


class ReturnedPageGone(FormError):
    """There is no such scanned page in that appointment, or its scan was removed."""


class NotComplete(FormError):
    """A page is missing, or a zone is still to be signed or looked at."""


class PagesChanged(FormError):
    """A page was named, turned, set aside or came again while they were put together."""


class KeptElsewhere(FormError):
    """The signed document is one of another appointment already."""

    def __init__(self, appointment_id: int, number: int) -> None:
        super().__init__(f"{appointment_id} {number}")
        self.appointment_id = appointment_id
        self.number = number


class NothingToPrintAgain(FormError):
    """Nothing of it is missing or unsigned."""

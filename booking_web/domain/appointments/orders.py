# SPDX-License-Identifier: AGPL-3.0-or-later
"""What every door asks of `booking.book`, in plain values, and the name of a submission.

The name is a digest that is kept with the appointment: the same order sent again finds what it
made. What goes into it must never change, or a retry across an upgrade books twice.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from booking_web.base.languages import FRENCH
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.residents.identifying import Particulars
from booking_web.domain.residents.postal import NO_ADDRESS, PostalAddress
from booking_web.tables.states import AppointmentSource

# Of the 64 characters of a program's submission: 160 bits of its key, 96 of its content.
KEY_LENGTH = 40
SUBMISSION_LENGTH = 64


@dataclass(frozen=True, kw_only=True)
class BookingOrder:
    """An appointment that somebody wants; texts are already made regular."""

    # One per page shown, random; or a program's own key, with its scope before.
    token: str
    # The account behind, whoever acts.
    user_id: int
    # By slug.
    relay: str
    organisation: str
    visit_reason: str | None = None
    resident_name: str
    # More words on the reason.
    details: str = ""
    # What the kiosk writes and says, a code of `base.languages`.
    language: str = FRENCH
    # The service whose interpreter is to be there, by slug; None: nobody interprets.
    interpreter: str | None = None
    # Boards and messages tell neither who comes nor why.
    discreet: bool = False
    # None: now. Who cannot be called at once waits in the line.
    starts_at: datetime | None
    # Which hours may be named: the one thing that a desk may do and a program may not.
    hours: Hours
    # None: as long as the reason or the organisation says.
    minutes: int | None = None
    # The number of a resident who is known.
    resident_id: int | None = None
    # How to tell which resident of the home relay it is, or to write down a new one. Without
    # it and without a number no more is known than the name.
    particulars: Particulars | None = None
    # Where post reaches who comes, told by a program or a file: nobody is looked up for it.
    address: PostalAddress = NO_ADDRESS
    # The relay whose resident comes, where it may be another: its neighbours' hours are offered.
    home_relay: str | None = None
    source: AppointmentSource = AppointmentSource.DESK
    # How the journal names who books; empty: the account.
    acting: str = ""
    # Somebody is there to be asked whether a second appointment of that day is meant.
    asks_twice: bool = False
    # The first one, by number, where they were asked and mean it.
    twin_known: int | None = None
    # The token is a program's: the same with other content is refused, not another order.
    is_keyed: bool = False

    @property
    def actor(self) -> str:
        """Name in the journal who books."""
        return self.acting or f"user:{self.user_id}"

    @property
    def key(self) -> str:
        """Give the part of the submission that a program's key alone settles."""
        return hashlib.sha256(self.token.encode()).hexdigest()[:KEY_LENGTH]


def submission_of(
    order: BookingOrder, visit_reason_id: int | None, minutes: int
) -> str:
    """Name this very submission.

    The content takes part, so that a form corrected after "back" and sent with the same token
    is a new appointment, while the identical one is found again.
    """
    if order.is_keyed:
        content = _digest(
            order.relay,
            order.organisation,
            order.resident_name,
            order.details,
            order.starts_at.isoformat() if order.starts_at else "",
            str(visit_reason_id or ""),
            str(minutes or ""),
            # What was named before there were addresses, languages and interpreters keeps
            # its name.
            *order.address.lines,
            *(() if order.language == FRENCH else (f"language {order.language}",)),
            *_interpreter(order),
            *(("discreet",) if order.discreet else ()),
        )
        return order.key + content[: SUBMISSION_LENGTH - KEY_LENGTH]
    return _digest(
        order.token,
        str(order.user_id),
        order.relay,
        order.organisation,
        order.resident_name,
        order.details,
        order.starts_at.isoformat() if order.starts_at else "now",
        # Not the resident: a double click must find what created them.
        str(visit_reason_id or ""),
        *_interpreter(order),
    )


def _interpreter(order: BookingOrder) -> tuple[str, ...]:
    return () if order.interpreter is None else (f"interpreter {order.interpreter}",)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()

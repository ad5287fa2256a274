# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the console shows of an appointment's end."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.domain.appointments.conclusions import (
    CONCLUDED_IN,
    can_conclude,
    ending_of,
)
from booking_web.domain.appointments.following_up import Following, following_of
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.counsellor.filling.people import names_of
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import CALLABLE_AGAIN, AppointmentState
from booking_web.words.conclusions import OUTCOMES
from booking_web.words.dates import clock, long_date

_FOLLOWED_IN = CONCLUDED_IN | CALLABLE_AGAIN | {AppointmentState.NO_SHOW}


@dataclass(frozen=True)
class EndingSection:
    """The end as far as it is known; empty words where nothing was noted."""

    outcome: str = ""
    note: str = ""
    noted_by: str = ""
    noted_at: datetime | None = None
    can_conclude: bool = False
    # The continuation: when and where, and its number.
    following: str = ""
    following_id: int | None = None
    can_follow: bool = False

    @property
    def is_shown(self) -> bool:
        """Tell whether there is anything to be said or done."""
        return self.can_conclude or self.can_follow or bool(self.outcome)


def ending_section(
    session: Session, viewer: Person, appointment: Appointment
) -> EndingSection:
    """Read it for who looks at the console; a note is for the organisation alone."""
    if not viewer.may(Right.RECEIVING):
        return EndingSection()
    end = ending_of(session, appointment.id)
    following = following_of(session, appointment.id)
    state = AppointmentState(appointment.state)
    return EndingSection(
        outcome=str(OUTCOMES[end.outcome]) if end.outcome else "",
        note=end.note,
        noted_by=(
            names_of(session, [end.noted_by])[end.noted_by] if end.noted_by else ""
        ),
        noted_at=end.noted_at,
        can_conclude=can_conclude(appointment),
        following=following_words(Following.of(following)) if following else "",
        following_id=following.id if following else None,
        can_follow=state in _FOLLOWED_IN and bool(appointment.resident_name),
    )


def following_words(following: Following) -> str:
    """Say when and where the resident comes next."""
    return gettext(
        "%(day)s à %(hour)s, %(relay)s",
        day=long_date(following.starts_at.astimezone(following.zone).date()),
        hour=clock(following.starts_at, following.zone),
        relay=following.relay,
    )

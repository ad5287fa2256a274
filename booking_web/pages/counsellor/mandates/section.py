# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an appointment's page tells of the mandates of its resident with its organisation."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from booking_web.base.local_time import local_day
from booking_web.domain.mandates.reading import mandates_of
from booking_web.domain.mandates.standing import OVER, MandateState, state_of
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.rows.actors import name_of
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from booking_web.tables.mandates import Mandate
from booking_web.words.dates import clock, short_date
from booking_web.words.mandates import (
    LOOKS,
    STATES,
    revoked_words,
    scope_words,
    who_acts,
)


@dataclass(frozen=True)
class MandateLine:
    """One mandate, as a reader of the page is told of it."""

    id: int
    said: str
    # For what: the matter is for who fills in.
    scope: tuple[str, ...]
    state: MandateState
    words: str
    icon: str
    # Of documents of this very appointment, to lead to them.
    paper: int | None
    signed: int | None
    # Of a revoked one: by whom, when and why.
    revoked: str = ""

    @property
    def is_over(self) -> bool:
        """Tell whether it allows nothing any more."""
        return self.state in OVER

    @property
    def is_in_force(self) -> bool:
        """Tell whether somebody may act by it today."""
        return self.state is MandateState.SIGNED


def mandate_lines(
    session: Session, viewer: Person, appointment: Appointment, now: datetime
) -> tuple[MandateLine, ...]:
    """List the mandates of the appointment's resident, the newest first."""
    today = today_at(appointment, now)
    zone = ZoneInfo(appointment.kiosk.relay.time_zone)
    return tuple(
        mandate_line(each, viewer, appointment.id, today, _revoked(session, each, zone))
        for each in mandates_of(session, appointment)
    )


def mandate_line(
    mandate: Mandate,
    viewer: Person,
    appointment_id: int,
    today: date,
    revoked: str = "",
) -> MandateLine:
    """Say it for this reader on this day."""
    state = state_of(mandate, today)
    paper, signed = mandate.document, mandate.signed_document
    return MandateLine(
        id=mandate.id,
        said=who_acts(mandate),
        scope=scope_words(mandate) if viewer.may(Right.FILLING) else (),
        state=state,
        words=str(STATES[state]),
        icon=LOOKS[state],
        paper=_number(paper, appointment_id),
        signed=_number(signed, appointment_id) if signed is not None else None,
        revoked=revoked,
    )


def today_at(appointment: Appointment, now: datetime) -> date:
    """Give the day that it is at the appointment's relay."""
    return local_day(now, ZoneInfo(appointment.kiosk.relay.time_zone))


def _revoked(session: Session, mandate: Mandate, zone: ZoneInfo) -> str:
    at = mandate.revoked_at
    if at is None:
        return ""
    day = short_date(local_day(at, zone))
    by = name_of(session, mandate.revoked_by)
    return revoked_words(mandate, by, f"{day}, {clock(at, zone)}")


def _number(document: Document, appointment_id: int) -> int | None:
    is_here = document.appointment_id == appointment_id
    return document.number if is_here and document.removed_at is None else None

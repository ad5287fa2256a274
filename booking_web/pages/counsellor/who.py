# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who comes and why, on top of the console before the call is picked up.

For the organisation that receives: its own appointments of the resident, and no other's.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.local_time import local_day
from booking_web.domain.appointments.asked_papers import Arrived, arrived_papers
from booking_web.domain.appointments.history import Earlier, history_of
from booking_web.domain.journal.addresses import resident_of
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.counsellor.filling.console_section import FormsSection
from booking_web.tables.appointment import Appointment
from booking_web.tables.documents import Document
from booking_web.words.appointments import STATES
from booking_web.words.conclusions import OUTCOMES
from booking_web.words.dates import long_date, short_date


@dataclass(frozen=True)
class PaperAsked:
    """A paper to bring, and the documents that it is; none: it is not here yet."""

    name: str
    pictogram: str
    documents: tuple[int, ...]


@dataclass(frozen=True)
class EarlierLine:
    """An earlier appointment, in words."""

    id: int
    day: str
    reason: str
    # The outcome; before anybody noted one, the state.
    outcome: str
    note: str


@dataclass(frozen=True)
class Who:
    """What is to be known before anybody picks up."""

    # When the resident was born and how old they are; empty where nobody asked.
    born: str
    papers: tuple[PaperAsked, ...]
    earlier: tuple[EarlierLine, ...]
    # How many there are before these.
    more: int
    # Nobody is written down as the resident: no more than the name is known.
    is_unknown: bool
    # The titles of what was begun and goes on, here or from the time before.
    drafts: tuple[str, ...]


def who_comes(
    session: Session,
    viewer: Person,
    appointment: Appointment,
    forms: FormsSection,
    now: datetime,
) -> Who | None:
    """Read it for who looks at the console; None for who receives nobody."""
    if not viewer.may(Right.RECEIVING):
        return None
    resident = resident_of(session, appointment)
    zone = ZoneInfo(appointment.kiosk.relay.time_zone)
    history = history_of(session, viewer, appointment)
    birth = resident.birth_date if resident else None
    return Who(
        born=_born(birth, local_day(now, zone)) if birth else "",
        papers=_papers(session, viewer, appointment),
        earlier=tuple(_line(each) for each in history.earlier),
        more=history.more,
        is_unknown=resident is None,
        drafts=tuple(each.title for each in (*forms.drafts, *forms.waiting)),
    )


def _papers(
    session: Session, viewer: Person, appointment: Appointment
) -> tuple[PaperAsked, ...]:
    reason = appointment.visit_reason
    if reason is None or not reason.papers:
        return ()
    documents = session.scalars(
        select(Document)
        .where(Document.appointment_id == appointment.id, Document.removed_at.is_(None))
        .order_by(Document.number)
    ).all()
    here = arrived_papers(
        [each["name"] for each in reason.papers],
        [
            Arrived(each.number, each.title, each.kind)
            for each in documents
            if viewer.reads(each)
        ],
    )
    return tuple(
        PaperAsked(paper["name"], paper["pictogram"], numbers)
        for paper, (_, numbers) in zip(reason.papers, here, strict=True)
    )


def _born(birth: date, today: date) -> str:
    age = age_on(birth, today)
    return gettext("né(e) le %(day)s, %(age)s ans", day=short_date(birth), age=age)


def age_on(birth: date, today: date) -> int:
    """Tell how old somebody is on a day."""
    is_before = (today.month, today.day) < (birth.month, birth.day)
    return today.year - birth.year - is_before


def _line(earlier: Earlier) -> EarlierLine:
    return EarlierLine(
        earlier.id,
        long_date(local_day(earlier.starts_at, earlier.zone)),
        earlier.reason,
        str(
            OUTCOMES[earlier.outcome] if earlier.outcome else STATES[earlier.state].word
        ),
        earlier.note,
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the CV's page shows: the fields, who writes, what the second screen follows."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.domain.cv.content import CvContent, Layout, Section
from booking_web.domain.cv.cv_rows import waiting
from booking_web.domain.cv.cvs import OpenCv
from booking_web.domain.cv.latest_first import is_dated
from booking_web.domain.journal.addresses import resident_of
from booking_web.domain.kiosks.screen_content import Sight, screen_content
from booking_web.pages.counsellor.cv.blueprint import own_appointment
from booking_web.pages.counsellor.cv.sent import shown_digests
from booking_web.pages.counsellor.filling.people import names_of
from booking_web.tables.document_mails import DocumentMail
from booking_web.tables.documents import Document
from booking_web.tables.states import AppointmentState
from booking_web.words.cv import (
    ADDING,
    ENTRY_FIELDS,
    FIELDS,
    LAYOUTS,
    LEVELS,
    ONE_OF,
    SECTIONS,
    entry_words,
)
from booking_web.words.document_mails import mail_words
from booking_web.words.second_screen import CV


@dataclass(frozen=True)
class NotKept:
    """What was sent and is not kept: shown, so that it is not lost. Without its content."""

    label: str
    value: str = field(repr=False)
    why: str = ""


@dataclass(frozen=True)
class Waiting:
    """A CV that the resident had kept."""

    id: int
    changed_at: datetime


@dataclass(frozen=True)
class CvView:
    """A CV on its page; without one, what can be begun or resumed."""

    appointment_id: int
    resident: str
    organisation: str
    relay: str
    zone: ZoneInfo
    is_in_call: bool
    # The resident has an e-mail address.
    has_address: bool
    cv: OpenCv | None
    waiting: tuple[Waiting, ...] = ()
    # Another who writes it now.
    holder: str = ""
    # Whether the resident sees it; None where the second screen does not follow it.
    sight: Sight | None = None
    mails: tuple[str, ...] = ()
    digests: str = field(default="", repr=False)
    # Where a wording may be put: key and words.
    targets: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def is_shown(self) -> bool:
        """Tell whether the second screen follows it."""
        return self.sight is not None

    @property
    def sight_words(self) -> str:
        """Say whether the resident sees it."""
        return str(CV[self.sight]) if self.sight else ""

    @property
    def parts(self) -> dict[str, object]:
        """Give what each live part shows; the names are ids of the page."""
        if self.cv is None:
            return {}
        content = self.cv.content
        removed = content.removed and (content.removed.section, content.removed.index)
        order = tuple(
            (section, each.number)
            for section in Section
            for each in content.of(section)
        )
        return {
            "holder": (self.holder, self.cv.revision),
            "reading": self.is_shown,
            "asked": (order, removed, self.cv.is_agreed, self.cv.has_resident),
            "target": self.targets,
            "page-acts": (
                *(self.sight, self.is_in_call),
                *(self.has_address, self.mails),
            ),
        }


def cv_view(
    session: Session, appointment_id: int, cv: OpenCv | None, reader: str, now: datetime
) -> CvView:
    """Read what the page shows."""
    appointment = own_appointment(session, appointment_id)
    resident = resident_of(session, appointment)
    shown = screen_content(session, appointment, now).cv
    holder = cv.held_by if cv and cv.held_by != reader else ""
    zone = ZoneInfo(appointment.kiosk.relay.time_zone)
    return CvView(
        appointment_id=appointment_id,
        resident=appointment.name_on_boards,
        organisation=appointment.organisation.name,
        relay=appointment.kiosk.relay.name,
        zone=zone,
        is_in_call=appointment.state == AppointmentState.IN_CALL,
        has_address=bool(resident and resident.email),
        cv=cv,
        waiting=(
            ()
            if cv
            else tuple(
                Waiting(each.id, each.changed_at)
                for each in waiting(session, appointment)
            )
        ),
        holder=names_of(session, [holder])[holder] if holder else "",
        sight=shown.sight if cv and shown and shown.id == cv.id else None,
        mails=_mails(session, appointment_id, zone),
        digests=shown_digests(cv.content) if cv else "",
        targets=_targets(cv.content) if cv else (),
    )


def shown_words() -> dict[str, object]:
    """Give the words and the order of what is asked, for the templates."""
    return {
        "Section": Section,
        "is_dated": is_dated,
        "Layout": Layout,
        "fields": FIELDS,
        "entry_fields": ENTRY_FIELDS,
        "sections": SECTIONS,
        "one_of": ONE_OF,
        "adding": ADDING,
        "levels": LEVELS,
        "layouts": LAYOUTS,
    }


def _targets(content: CvContent) -> tuple[tuple[str, str], ...]:
    jobs = tuple(
        (
            f"{Section.EXPERIENCE}.{each.number}.tasks",
            entry_words(content, Section.EXPERIENCE, each.number),
        )
        for each in content.of(Section.EXPERIENCE)
    )
    return (*jobs, ("skills", ""), ("summary", ""))


def _mails(session: Session, appointment_id: int, zone: ZoneInfo) -> tuple[str, ...]:
    query = (
        select(DocumentMail)
        .join(Document, Document.id == DocumentMail.document_id)
        .where(Document.appointment_id == appointment_id)
        .order_by(DocumentMail.id)
    )
    return tuple(mail_words(each, zone) for each in session.scalars(query))

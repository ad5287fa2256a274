# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a console shows: the appointment, its documents, the kiosk's devices and their jobs."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import LazyString, gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.base.languages import language_or_french
from booking_web.domain.appointments.empty_chairs import called_in_vain
from booking_web.domain.documents.arranging import unkept
from booking_web.domain.kiosks.orders import is_silent
from booking_web.domain.kiosks.screen_content import ShownPage, screen_content
from booking_web.domain.receipts.keeping import receipt_number
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.counsellor.filling.console_section import (
    FormsSection,
    forms_section,
)
from booking_web.pages.counsellor.returns.view import ReturnsSection, returns_section
from booking_web.pages.counsellor.second_screen.line import ScreenLine, screen_line
from booking_web.pages.rows.day import Row, row_of
from booking_web.pages.rows.devices import DevicesLine, devices_line
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import FINAL, JobState, Operation
from booking_web.tables.document_kinds import DocumentKind
from booking_web.tables.document_sources import Source
from booking_web.tables.documents import DeviceJob, Document
from booking_web.tables.states import AppointmentState
from booking_web.words import devices as device_wording
from booking_web.words.documents import (
    KINDS,
    ORIGINS,
    document_title,
    unread_title,
    verdict_sentence,
)
from provisioning.database.models import Kiosk

JOBS_SHOWN = 12


@dataclass(frozen=True)
class DocumentCard:
    """A document as the page shows it."""

    number: int
    title: str
    facts: str
    doubts: str
    # What of it the kiosk's second screen shows, in words; empty where nothing.
    shown: str = ""
    has_more_pages: bool = False
    # Whether its pages were arranged and the document was not made of them yet.
    is_unkept: bool = False
    # Whether the reader of the page may look into it.
    is_readable: bool = True


@dataclass(frozen=True)
class JobLine:
    """A device job as the page shows it."""

    number: int | None
    title: str
    words: str
    detail: str
    icon: str
    tone: str
    page: int
    pages: int
    is_running: bool
    is_silent: bool
    # By which a new announcement is told from one that was heard already.
    key: str

    @property
    def announcement(self) -> str:
        """Say it in one sentence for those who listen to the page."""
        said = gettext("%(name)s : %(what)s.", name=self.title, what=self.words)
        return f"{said} {self.detail}".strip()


@dataclass(frozen=True)
class ConsoleView:
    """One appointment's console."""

    row: Row
    relay: str
    zone: ZoneInfo
    is_in_call: bool
    # What the kiosk writes and says in it, a code of `base.languages`.
    language: str
    documents: list[DocumentCard]
    jobs: list[JobLine]
    devices: DevicesLine
    kiosk_id: int
    # The number of the receipt among the documents; None where none was made.
    receipt: int | None
    # Whether the reader of the page makes it, and looks into it.
    makes_receipt: bool
    # None for whom the forms are none of their business.
    screen: ScreenLine | None
    forms: FormsSection = FormsSection(is_shown=False)
    returns: ReturnsSection = ReturnsSection()

    @property
    def line(self) -> tuple[str, ...]:
        """Say what is wrong with the call's line, a sentence for each way."""
        is_told = self.is_in_call and not self.devices.is_silent
        return self.devices.line if is_told else ()

    @property
    def parts(self) -> dict[str, object]:
        """Give what each part of the page shows; their templates are console/_NAME.html."""
        return {
            "call": (
                self.row,
                self.is_in_call,
                self.receipt,
                self.makes_receipt,
                self.line,
            ),
            "language": self.language,
            "volume": (self.devices, self.is_in_call),
            "devices": self.devices,
            "jobs": (self.jobs, self.is_in_call),
            "documents": (self.documents, self.is_in_call),
            "forms": self.forms,
            "screen": (self.screen, self.is_in_call),
            "returns": (self.returns, self.is_in_call),
        }


def console_view(
    session: Session, viewer: Person, appointment_id: int, now: datetime
) -> ConsoleView:
    """Read a console; 404 where the person may not see it."""
    appointment = viewer.appointment(
        session,
        appointment_id,
        joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
        joinedload(Appointment.organisation),
        joinedload(Appointment.counsellor),
        joinedload(Appointment.visit_reason),
    )
    in_vain = called_in_vain(session, [appointment])
    row = row_of(appointment, now, was_called=bool(in_vain))
    content = screen_content(session, appointment, now)
    return ConsoleView(
        row=row,
        relay=appointment.kiosk.relay.name,
        zone=row.zone,
        is_in_call=appointment.state == AppointmentState.IN_CALL,
        language=language_or_french(appointment.language),
        documents=_cards(session, viewer, appointment_id, content.page, now),
        jobs=_job_lines(session, appointment_id, now),
        devices=devices_line(session, appointment.kiosk_id, now),
        kiosk_id=appointment.kiosk_id,
        screen=screen_line(session, viewer, content),
        receipt=receipt_number(session, appointment_id),
        makes_receipt=viewer.may(Right.FILLING),
        forms=forms_section(session, viewer, appointment, now),
        returns=returns_section(session, viewer, appointment_id, now),
    )


def _cards(
    session: Session,
    viewer: Person,
    appointment_id: int,
    shown: ShownPage | None,
    now: datetime,
) -> list[DocumentCard]:
    query = select(Document).where(
        Document.appointment_id == appointment_id, Document.removed_at.is_(None)
    )
    documents = session.scalars(query.order_by(Document.number)).all()
    arranged = unkept(session, documents, now)
    return [
        replace(
            document_card(each, shown, is_readable=viewer.reads(each)),
            is_unkept=each.number in arranged,
        )
        for each in documents
    ]


def _job_lines(session: Session, appointment_id: int, now: datetime) -> list[JobLine]:
    query = select(DeviceJob).where(DeviceJob.appointment_id == appointment_id)
    newest = query.order_by(DeviceJob.id.desc()).limit(JOBS_SHOWN)
    return [_job_line(each, now) for each in session.scalars(newest)]


def document_card(
    document: Document, shown: ShownPage | None = None, *, is_readable: bool = True
) -> DocumentCard:
    """Turn a document into its card; `shown` is what the kiosk's screen shows.

    What is not readable by who looks at the page is called by no name that tells of it.
    """
    is_shown = shown is not None and shown.document_id == document.id
    pages = ngettext("%(num)d page", "%(num)d pages", document.pages)
    kilobytes = max(1, round(document.size / 1024))
    size = (
        gettext("%(size)s ko", size=kilobytes)
        if kilobytes < 1024
        else gettext("%(size)s Mo", size=round(kilobytes / 1024, 1))
    )
    origin = str(ORIGINS[Source(document.source)])
    return DocumentCard(
        document.number,
        document_title(document) if is_readable else unread_title(),
        _facts_of(document, f"{pages}, {size}, {origin}"),
        verdict_sentence(document.verdicts),
        _shown_words(shown) if shown and is_shown else "",
        document.pages > 1,
        is_readable=is_readable,
    )


def _facts_of(document: Document, facts: str) -> str:
    # A document without a title is called by its kind.
    if document.kind and document.title:
        return f"{KINDS[DocumentKind(document.kind)]} – {facts}"
    return facts


def _shown_words(shown: ShownPage) -> str:
    if not shown.is_seen:
        return gettext(
            "Envoyé au second écran (page %(page)s sur %(pages)s), pas encore affiché.",
            page=shown.page,
            pages=shown.pages,
        )
    return gettext(
        "Montré au second écran : page %(page)s sur %(pages)s.",
        page=shown.page,
        pages=shown.pages,
    )


def _job_line(job: DeviceJob, now: datetime) -> JobLine:
    state = JobState(job.state)
    operation = Operation(job.operation)
    icon, tone = device_wording.LOOKS[state]
    return JobLine(
        number=job.number,
        title=_job_title(operation, job),
        words=device_wording.state_words(job),
        detail=device_wording.reason_words(job.reason) or job.sentence,
        icon=icon,
        tone=tone,
        page=job.page,
        pages=job.pages,
        is_running=state not in FINAL,
        is_silent=is_silent(job, now),
        key=f"{job.id}-{job.sequence}",
    )


def _job_title(operation: Operation, job: DeviceJob) -> str:
    name: LazyString = device_wording.OPERATIONS[operation]
    if job.document is None:
        return str(name)
    return gettext("%(what)s, document %(number)s", what=name, number=job.document)

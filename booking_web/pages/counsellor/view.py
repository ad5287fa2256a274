# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a console shows: the appointment, its documents, the kiosk's devices and their jobs."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import LazyString, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.base.languages import language_or_french
from booking_web.domain.appointments.empty_chairs import called_in_vain
from booking_web.domain.kiosks.desks import colleague_in_call
from booking_web.domain.kiosks.orders import is_silent
from booking_web.domain.kiosks.screen_content import is_fresh, screen_content
from booking_web.domain.receipts.keeping import receipt_number
from booking_web.domain.rights.person import Person, Right
from booking_web.pages.counsellor.document_cards import DocumentCard, document_cards
from booking_web.pages.counsellor.duty_line import DutyLine, duty_line
from booking_web.pages.counsellor.ending.section import EndingSection, ending_section
from booking_web.pages.counsellor.filling.console_section import (
    FormsSection,
    forms_section,
)
from booking_web.pages.counsellor.guest_line import GuestLine, guest_line
from booking_web.pages.counsellor.handing_over.section import (
    HandoverSection,
    handover_section,
)
from booking_web.pages.counsellor.interpreter_line import (
    InterpreterLine,
    interpreter_line,
)
from booking_web.pages.counsellor.mandates.section import MandateLine, mandate_lines
from booking_web.pages.counsellor.returns.view import ReturnsSection, returns_section
from booking_web.pages.counsellor.second_screen.line import ScreenLine, screen_line
from booking_web.pages.counsellor.who import Who, who_comes
from booking_web.pages.rows.consents import NOT_ASKED, ConsentLine, consent_lines
from booking_web.pages.rows.day import Row, row_of
from booking_web.pages.rows.devices import DevicesLine, devices_line
from booking_web.pages.rows.interpreter_doubts import interpreter_doubts
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import FINAL, JobState, Operation
from booking_web.tables.documents import DeviceJob
from booking_web.tables.states import AppointmentState
from booking_web.words import devices as device_wording
from booking_web.words.languages import language_name
from provisioning.database.models import Kiosk

JOBS_SHOWN = 12


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
    # And nobody else has the call, as far as that is known.
    is_in_call: bool
    # What the kiosk writes and says in it, a code of `base.languages`.
    language: str
    # What the second screen says that it is in still, by its name; empty where it is that.
    other_language: str
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
    # None where nobody interprets.
    interpreter: InterpreterLine | None = None
    # None where nobody may be invited now, or the reader invites nobody.
    guest: GuestLine | None = None
    # Who comes and why; None for who receives nobody.
    who: Who | None = None
    ending: EndingSection = EndingSection()
    handover: HandoverSection = HandoverSection()
    # Who has the call, where that is another desk's: this one may look, and touches nothing.
    colleague: str = ""
    # None for whom no telephone is known.
    duty: DutyLine | None = None
    # Whether the resident agrees to what they were told.
    consent: ConsentLine = NOT_ASKED
    # Who acts for the resident, as long as it lasts.
    mandates: tuple[MandateLine, ...] = ()

    @property
    def line(self) -> tuple[str, ...]:
        """Say what is wrong with the call's line, a sentence for each way."""
        is_told = self.is_in_call and not self.devices.is_silent
        return self.devices.line if is_told else ()

    @property
    def parts(self) -> dict[str, object]:
        """Give what each part of the page shows; their templates are console/_NAME.html."""
        return {
            "handover": (self.handover, self.zone),
            "who": (self.who, self.row),
            "ending": (self.ending, bool(self.documents)),
            "call": (
                self.row,
                self.colleague,
                self.is_in_call,
                self.receipt,
                self.makes_receipt,
                self.line,
            ),
            "duty": self.duty,
            "consent": self.consent,
            "mandates": self.mandates,
            "interpreter": self.interpreter,
            "guest": (self.guest, self.mandates),
            "language": (self.language, self.other_language, self.row.alias),
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
    doubt = interpreter_doubts(session, [appointment]).get(appointment_id)
    row = row_of(appointment, now, was_called=bool(in_vain), doubt=doubt)
    content = screen_content(session, appointment, now)
    language = language_or_french(appointment.language)
    forms = forms_section(session, viewer, appointment, now)
    colleague = colleague_in_call(session, appointment, viewer.actor)
    is_in_call = appointment.state == AppointmentState.IN_CALL and colleague is None
    return ConsoleView(
        row=row,
        relay=appointment.kiosk.relay.name,
        zone=row.zone,
        is_in_call=is_in_call,
        language=language,
        other_language=(
            language_name(content.language)
            if is_fresh(content.told_at, now) and content.language != language
            else ""
        ),
        documents=document_cards(session, viewer, appointment_id, content.page, now),
        jobs=_job_lines(session, appointment_id, now),
        devices=devices_line(session, appointment.kiosk_id, now),
        kiosk_id=appointment.kiosk_id,
        screen=screen_line(session, viewer, appointment, content, now),
        receipt=receipt_number(session, appointment_id),
        makes_receipt=viewer.may(Right.FILLING),
        forms=forms,
        returns=returns_section(session, viewer, appointment_id, now),
        interpreter=interpreter_line(session, appointment),
        guest=guest_line(session, viewer, appointment, now) if is_in_call else None,
        who=who_comes(session, viewer, appointment, forms, now),
        ending=ending_section(session, viewer, appointment),
        handover=handover_section(session, viewer, appointment),
        colleague=colleague.name if colleague else "",
        duty=duty_line(session, viewer, now),
        consent=consent_lines(session, [appointment_id])[appointment_id],
        mandates=tuple(
            each
            for each in mandate_lines(session, viewer, appointment, now)
            if not each.is_over
        ),
    )


def _job_lines(session: Session, appointment_id: int, now: datetime) -> list[JobLine]:
    query = select(DeviceJob).where(DeviceJob.appointment_id == appointment_id)
    newest = query.order_by(DeviceJob.id.desc()).limit(JOBS_SHOWN)
    return [_job_line(each, now) for each in session.scalars(newest)]


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

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a receipt may say, as the appointment tells it: titles and dates, never contents."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from booking_web.base.languages import language_or_french
from booking_web.domain.journal.addresses import resident_of
from booking_web.domain.residents.telephones import readable_telephone
from booking_web.domain.rights.kept_documents import is_own, is_served
from booking_web.domain.rights.person import Person
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.device_jobs import JobState, Operation
from booking_web.tables.document_mails import DocumentMail
from booking_web.tables.documents import DeviceJob, Document
from booking_web.tables.forms import Draft, Form, FormEdition
from booking_web.tables.messages import MessageState
from booking_web.tables.printed_forms import PrintedForm, PrintedPart, ReturnedPage
from booking_web.tables.receipts import Receipt
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Kiosk


class Deed(StrEnum):
    """What was done with a paper."""

    FILLED = "filled"
    FILLED_AND_PRINTED = "filled_and_printed"
    # On paper, signed there, and come back by the scanner.
    SIGNED = "signed"
    PRINTED = "printed"
    # To the resident's own address.
    MAILED = "mailed"
    PRINTED_AND_MAILED = "printed_and_mailed"
    # Put among the documents, and neither printed, sent nor scanned.
    ADDED = "added"
    # The resident's own paper, of which the organisation now has a picture.
    HANDED_IN = "handed_in"


@dataclass(frozen=True)
class Line:
    """One thing that was done; `key` names it in the page's form."""

    key: str
    deed: Deed
    title: str
    pages: int = 0
    # A value of `DocumentKind`, or nothing.
    kind: str = ""

    @property
    def is_usual(self) -> bool:
        """Tell whether a resident wants to read of it unless somebody says otherwise."""
        return self.deed is not Deed.ADDED


@dataclass(frozen=True)
class NextAppointment:
    """Where and when the resident is expected next by the same organisation."""

    starts_at: datetime
    zone: ZoneInfo
    organisation: str
    relay: str


@dataclass(frozen=True)
class Proposal:
    """All that may stand on the receipt; `whom` and `telephone` are empty if not known.

    `language` is the resident's, as the appointment has it.
    """

    day: datetime
    zone: ZoneInfo
    organisation: str
    relay: str
    lines: tuple[Line, ...]
    next_appointment: NextAppointment | None
    whom: str
    telephone: str
    language: str


def propose(
    session: Session, viewer: Person, appointment: Appointment, now: datetime
) -> Proposal:
    """Gather what was done in an appointment, and what comes next that `viewer` may see."""
    relay, organisation = appointment.kiosk.relay, appointment.organisation
    whom = organisation if organisation.telephone else relay
    return Proposal(
        day=appointment.starts_at,
        zone=ZoneInfo(relay.time_zone),
        organisation=organisation.name,
        relay=relay.name,
        lines=tuple(_lines(session, appointment.id)),
        next_appointment=_next_of(session, viewer, appointment, now),
        whom=whom.name if whom.telephone else "",
        telephone=readable_telephone(whom.telephone),
        language=language_or_french(appointment.language),
    )


def _lines(session: Session, appointment_id: int) -> list[Line]:
    forms = session.scalars(
        select(PrintedForm)
        .join(Document, Document.id == PrintedForm.document_id)
        .where(PrintedForm.appointment_id == appointment_id, is_served())
    ).all()
    on_paper = {each.draft_id for each in forms}
    signed = {each.draft_id for each in forms if each.signed_document_id}
    drafts = session.execute(
        select(Draft.id, Form.title)
        .join(FormEdition, FormEdition.id == Draft.edition_id)
        .join(Form, Form.id == FormEdition.form_id)
        .where(
            Draft.appointment_id == appointment_id,
            Draft.erased_at.is_(None),
            is_own(Draft.organisation_id, Draft.appointment_id),
            or_(Draft.revision > 0, Draft.id.in_(on_paper)),
        )
        .order_by(Draft.id)
    )
    lines = []
    for number, title in drafts:
        deed = Deed.FILLED_AND_PRINTED if number in on_paper else Deed.FILLED
        deed = Deed.SIGNED if number in signed else deed
        lines.append(Line(f"draft-{number}", deed, title))
    documents = _documents(session, appointment_id)
    printed = _printed(session, appointment_id)
    mailed = _mailed(session, documents)
    return lines + [
        _line_of(each, each.number in printed, each.id in mailed) for each in documents
    ]


def _documents(session: Session, appointment_id: int) -> Sequence[Document]:
    """List what is neither a receipt nor a form that was filled in, on any of its ways."""
    of_forms = PrintedForm.appointment_id == appointment_id
    others = (
        select(Receipt.document_id).where(Receipt.appointment_id == appointment_id),
        select(PrintedForm.document_id).where(of_forms),
        select(PrintedForm.signed_document_id).where(
            of_forms, PrintedForm.signed_document_id.is_not(None)
        ),
        select(PrintedPart.document_id)
        .join(PrintedForm, PrintedForm.id == PrintedPart.printed_form_id)
        .where(of_forms),
        select(ReturnedPage.document_id)
        .join(PrintedForm, PrintedForm.id == ReturnedPage.printed_form_id)
        .where(of_forms),
    )
    query = select(Document).where(
        Document.appointment_id == appointment_id,
        Document.removed_at.is_(None),
        is_served(),
        *(Document.id.not_in(each) for each in others),
    )
    return session.scalars(query.order_by(Document.number)).all()


def _printed(session: Session, appointment_id: int) -> Collection[int | None]:
    query = select(DeviceJob.document).where(
        DeviceJob.appointment_id == appointment_id,
        DeviceJob.operation == Operation.PRINT,
        DeviceJob.state.not_in((JobState.CANCELED, JobState.ABORTED)),
    )
    return set(session.scalars(query))


def _mailed(session: Session, documents: Sequence[Document]) -> Collection[int]:
    """Give those that went out by e-mail, or are about to."""
    query = select(DocumentMail.document_id).where(
        DocumentMail.document_id.in_([each.id for each in documents]),
        DocumentMail.state.in_((MessageState.WAITING, MessageState.SENT)),
    )
    return set(session.scalars(query))


def _line_of(document: Document, is_printed: bool, is_mailed: bool) -> Line:
    if document.source == "scan":
        deed = Deed.HANDED_IN
    elif is_printed:
        deed = Deed.PRINTED_AND_MAILED if is_mailed else Deed.PRINTED
    else:
        deed = Deed.MAILED if is_mailed else Deed.ADDED
    key = f"document-{document.number}"
    return Line(key, deed, document.title, document.pages, document.kind)


def _next_of(
    session: Session, viewer: Person, appointment: Appointment, now: datetime
) -> NextAppointment | None:
    resident = resident_of(session, appointment)
    if resident is None:
        return None
    doubles = select(Resident.id).where(Resident.merged_into_id == resident.id)
    found = session.scalar(
        viewer.appointments()
        .where(
            or_(
                Appointment.resident_id == resident.id,
                Appointment.resident_id.in_(doubles),
            ),
            Appointment.state == AppointmentState.BOOKED,
            # What another organisation does for somebody is not told by this one.
            Appointment.organisation_id == appointment.organisation_id,
            Appointment.starts_at > now,
        )
        .options(
            joinedload(Appointment.kiosk).joinedload(Kiosk.relay),
            joinedload(Appointment.organisation),
        )
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(1)
    )
    if found is None:
        return None
    relay = found.kiosk.relay
    return NextAppointment(
        found.starts_at, ZoneInfo(relay.time_zone), found.organisation.name, relay.name
    )

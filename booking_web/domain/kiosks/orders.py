# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the console asks of a kiosk's devices: a job is stored, then its code is to be keyed.

Each works in the caller's writing transaction; ring the dispatcher's doorbell after it.
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking_web.domain.consents.barring import check_agrees
from booking_web.domain.journal.promises import News
from booking_web.domain.journal.telling import tell, tell_pages
from booking_web.domain.kiosks.desks import colleague_in_call
from booking_web.domain.kiosks.screen_content import screen_content
from booking_web.domain.kiosks.second_screen import show_page
from booking_web.domain.rights.kept_documents import is_served
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import (
    CANCEL_CODE,
    MAX_NUMBER,
    STATE_CODE,
    JobOrder,
    JobState,
    Operation,
    code_of_job,
    code_of_volume,
    code_to_show,
)
from booking_web.tables.documents import CodeToPlay, DeviceJob, Document
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentState

# A job of which the kiosk told nothing for so long may be keyed again: at the kiosk its
# number runs once, whatever comes.
SILENT_AFTER = timedelta(seconds=8)
MAX_OPEN_JOBS = 20


class OrderRefused(Exception):
    """The order cannot be carried out; the classes below say why."""


class NotInCall(OrderRefused):
    """The appointment is not in call now: nobody would hear the code."""


class OthersCall(NotInCall):
    """A colleague has the call: who is not in it does nothing at the kiosk."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has the call")
        self.name = name


class NoSuchDocument(OrderRefused):
    """The appointment has no such document."""


class TooManyJobs(OrderRefused):
    """So many jobs wait, or were made, that no more are taken."""


def prepare_job(
    session: Session,
    appointment: Appointment,
    order: JobOrder,
    actor: str,
    now: datetime,
) -> DeviceJob:
    """Store the job under the appointment's next number and have its code keyed.

    Lock the appointment's row before. Raises OrderRefused, and ResidentDisagrees of a scan.
    """
    check_in_call(session, appointment, actor)
    if order.operation is Operation.SCAN:
        check_agrees(session, appointment.id)
    if order.document is not None:
        _check_document(session, appointment, order.document)
    number = _next_number(session, appointment)
    job = DeviceJob(
        appointment_id=appointment.id,
        number=number,
        # By it the kiosk knows that it did the job already: the number alone comes again
        # where a database is restored from an older copy.
        uuid=str(uuid.uuid4()),
        operation=order.operation,
        document=order.document,
        copies=order.copies,
        colour=order.colour,
        duplex=order.duplex,
        preset=str(order.preset),
        resolution_dpi=order.resolution_dpi,
        scan_colour=str(order.scan_colour),
        state=JobState.PENDING,
        created_at=now,
        created_by=actor,
        changed_at=now,
    )
    session.add(job)
    detail = f"job {number}"
    if order.document is not None:
        detail += f", document {order.document}"
    act = Act(f"{order.operation}_requested")
    tell(session, act, appointment, actor=actor, at=now, detail=detail)
    _have_keyed(session, appointment, code_of_job(number), actor, now)
    return job


def key_again(
    session: Session, appointment: Appointment, number: int, actor: str, now: datetime
) -> None:
    """Have the code of a job keyed again of which the kiosk told nothing.

    Raises what `prepare_job` raises.
    """
    check_in_call(session, appointment, actor)
    job = session.scalar(
        select(DeviceJob).where(
            DeviceJob.appointment_id == appointment.id, DeviceJob.number == number
        )
    )
    if job is None or not is_silent(job, now):
        return
    if job.operation == Operation.SCAN:
        check_agrees(session, appointment.id)
    job.changed_at = now
    _have_keyed(session, appointment, code_of_job(number), actor, now)
    tell_pages(session, News.CODE_WAITS, appointment, now)


def is_silent(job: DeviceJob, now: datetime) -> bool:
    """Tell whether the kiosk should have told something of the prepared job by now.

    A job without a number was begun at the kiosk: there is no code to key again.
    """
    return (
        job.number is not None
        and job.sequence < 0
        and now - job.changed_at > SILENT_AFTER
    )


def cancel_jobs(
    session: Session, appointment: Appointment, actor: str, now: datetime
) -> None:
    """Have the kiosk cancel what its devices are doing."""
    check_in_call(session, appointment, actor)
    tell(session, Act.CANCEL_REQUESTED, appointment, actor=actor, at=now)
    _have_keyed(session, appointment, CANCEL_CODE, actor, now)


def ask_state(
    session: Session, appointment: Appointment, actor: str, now: datetime
) -> None:
    """Have the kiosk tell the counsellor's telephone how its devices are."""
    check_in_call(session, appointment, actor)
    _have_keyed(session, appointment, STATE_CODE, actor, now)
    tell_pages(session, News.CODE_WAITS, appointment, now)


def set_volume(
    session: Session, appointment: Appointment, level: int, actor: str, now: datetime
) -> None:
    """Have the kiosk be as loud as this until the call ends; ValueError: no such level.

    Raises OrderRefused.
    """
    check_in_call(session, appointment, actor)
    _have_keyed(session, appointment, code_of_volume(level), actor, now)
    tell_pages(session, News.CODE_WAITS, appointment, now)


def show_document(
    session: Session, appointment: Appointment, number: int, actor: str, now: datetime
) -> None:
    """Have the kiosk show a document on its second screen, or its next page.

    Raises OrderRefused.
    """
    check_in_call(session, appointment, actor)
    _check_document(session, appointment, number)
    detail = f"document {number}"
    tell(session, Act.SHOW_REQUESTED, appointment, actor=actor, at=now, detail=detail)
    _have_keyed(session, appointment, code_to_show(number), actor, now)


def hide_document(
    session: Session, appointment: Appointment, actor: str, now: datetime
) -> None:
    """Have the kiosk show nothing any more: no document, and no form that it follows."""
    check_in_call(session, appointment, actor)
    if screen_content(session, appointment, now).is_following:
        # A form is shown by the server alone: no code is needed.
        show_page(session, appointment, None, 1, actor, now)
        return
    _have_keyed(session, appointment, code_to_show(None), actor, now)
    tell_pages(session, News.CODE_WAITS, appointment, now)


def check_in_call(session: Session, appointment: Appointment, actor: str) -> None:
    """Return where the appointment is in call and `actor` may touch it.

    Raises NotInCall, OthersCall.
    """
    if appointment.state != AppointmentState.IN_CALL or not appointment.call:
        raise NotInCall
    colleague = colleague_in_call(session, appointment, actor)
    if colleague is not None:
        raise OthersCall(colleague.name)


def _check_document(session: Session, appointment: Appointment, number: int) -> None:
    known = session.scalar(
        select(Document.id).where(
            Document.appointment_id == appointment.id,
            Document.number == number,
            Document.removed_at.is_(None),
            is_served(),
        )
    )
    if known is None:
        raise NoSuchDocument


def _next_number(session: Session, appointment: Appointment) -> int:
    of_appointment = DeviceJob.appointment_id == appointment.id
    last = session.scalar(select(func.max(DeviceJob.number)).where(of_appointment))
    waiting = session.scalar(
        select(func.count()).where(of_appointment, DeviceJob.state == JobState.PENDING)
    )
    number = (last or 0) + 1
    if number > MAX_NUMBER or (waiting or 0) >= MAX_OPEN_JOBS:
        raise TooManyJobs
    return number


def _have_keyed(
    session: Session, appointment: Appointment, code: str, actor: str, now: datetime
) -> None:
    session.add(
        CodeToPlay(
            appointment_id=appointment.id,
            call=appointment.call or "",
            code=code,
            created_at=now,
            created_by=actor,
            outcome="waiting",
        )
    )

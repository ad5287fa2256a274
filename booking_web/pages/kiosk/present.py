# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whom the second screen is about: who is before it now, who comes next. Reads only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from booking_web.base.initials import alias_of, initials_of
from booking_web.base.languages import language_or_french
from booking_web.base.local_time import day_bounds, local_day
from booking_web.domain.kiosks.scenes import (
    GOODBYE_LASTS,
    SIGNING_LASTS,
    TROUBLE_LASTS,
)
from booking_web.domain.kiosks.watch import kiosks_switched_off
from booking_web.domain.kiosks.wipes import kiosks_not_wiped
from booking_web.tables.alerts import Alert, AlertNotice, NoticeState
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import JobState, Operation
from booking_web.tables.documents import DeviceJob, Document
from booking_web.tables.presence import EndpointPresence
from booking_web.tables.printed_forms import PrintedForm
from booking_web.tables.states import ON_THE_LINE, AppointmentState
from provisioning.database.models import Kiosk

# From so long before its hour until so long after it, a resident is expected.
EXPECTED_BEFORE = timedelta(minutes=10)
EXPECTED_AFTER = timedelta(minutes=15)
# A telephone that starts anew is back sooner.
AWAY_FOR = timedelta(minutes=1)

_S = AppointmentState


@dataclass(frozen=True)
class NextAppointment:
    """Of the next one no more than may be read by whoever passes."""

    # Of a discreet one an alias, and no organisation.
    initials: str
    starts_at: datetime
    organisation: str
    organisation_id: int
    is_expected: bool
    language: str


def present_appointment(
    session: Session, kiosk: Kiosk, now: datetime
) -> Appointment | None:
    """Give the appointment that the resident before the screen is here for, if any.

    The call that is up comes first, then the one that was asked for, then what ended last.
    """
    query = (
        select(Appointment)
        .where(Appointment.kiosk_id == kiosk.id)
        .options(joinedload(Appointment.organisation))
        .order_by(Appointment.state_since.desc(), Appointment.id.desc())
        .limit(1)
    )
    for condition in (
        Appointment.state.in_(ON_THE_LINE),
        (Appointment.state == _S.ARRIVED)
        & Appointment.call_requested_at.is_not(None)
        & (Appointment.state_since > now - timedelta(hours=1)),
        (Appointment.state == _S.DONE) & (Appointment.state_since > now - GOODBYE_LASTS)
        | Appointment.state.in_((_S.ABANDONED, _S.UNREACHABLE, _S.INTERRUPTED))
        & (Appointment.state_since > now - TROUBLE_LASTS),
    ):
        appointment = session.scalar(query.where(condition))
        if appointment is not None:
            return appointment
    return None


def next_appointment(
    session: Session, kiosk: Kiosk, now: datetime
) -> NextAppointment | None:
    """Give the next appointment of today at the kiosk; who waits in a line has no hour."""
    zone = ZoneInfo(kiosk.relay.time_zone)
    _, day_ends = day_bounds(local_day(now, zone), zone)
    found = session.scalar(
        select(Appointment)
        .where(
            Appointment.kiosk_id == kiosk.id,
            Appointment.state.in_((_S.BOOKED, _S.ARRIVED)),
            ~Appointment.in_line,
            Appointment.starts_at > now - EXPECTED_AFTER,
            Appointment.starts_at < day_ends,
        )
        .options(joinedload(Appointment.organisation))
        .order_by(Appointment.starts_at, Appointment.id)
        .limit(1)
    )
    if found is None:
        return None
    return NextAppointment(
        alias_of(found.id) if found.discreet else initials_of(found.resident_name),
        found.starts_at,
        "" if found.discreet else found.organisation.short_name,
        found.organisation_id,
        found.starts_at <= now + EXPECTED_BEFORE,
        language_or_french(found.language),
    )


def people_before(session: Session, appointment: Appointment) -> int | None:
    """Tell how many wait in the organisation's queue since before this one; None: not in it."""
    if appointment.state != _S.QUEUED:
        return None
    is_before = or_(
        Appointment.state_since < appointment.state_since,
        (Appointment.state_since == appointment.state_since)
        & (Appointment.id < appointment.id),
    )
    query = select(func.count()).where(
        Appointment.organisation_id == appointment.organisation_id,
        Appointment.state == _S.QUEUED,
        is_before,
    )
    return session.scalar(query) or 0


def has_to_sign(session: Session, appointment: Appointment, now: datetime) -> bool:
    """Tell whether pages to be signed came out of the printer, and were not scanned since."""
    if appointment.state != _S.IN_CALL:
        return False
    printed_at = session.scalar(
        select(func.max(DeviceJob.changed_at))
        .join(Document, Document.number == DeviceJob.document)
        .join(PrintedForm, PrintedForm.document_id == Document.id)
        .where(
            DeviceJob.appointment_id == appointment.id,
            Document.appointment_id == appointment.id,
            DeviceJob.operation == Operation.PRINT,
            DeviceJob.state == JobState.COMPLETED,
            DeviceJob.changed_at > max(now - SIGNING_LASTS, appointment.state_since),
            PrintedForm.signed_document_id.is_(None),
        )
    )
    if printed_at is None:
        return False
    scanned = select(DeviceJob.id).where(
        DeviceJob.appointment_id == appointment.id,
        DeviceJob.operation == Operation.SCAN,
        DeviceJob.created_at > printed_at,
    )
    return session.scalar(scanned.limit(1)) is None


def is_out_of_order(session: Session, kiosk: Kiosk, now: datetime) -> bool:
    """Tell whether nobody can be called here.

    Its telephone is away for longer than it takes to start, or the last appointment is not
    wiped.
    """
    if kiosks_not_wiped(session, [kiosk.id], now):
        return True
    if kiosk.id not in kiosks_switched_off(session, [kiosk.id], now):
        return False
    seen = session.get(EndpointPresence, kiosk.slug)
    return seen is None or seen.since is None or seen.since < now - AWAY_FOR


def is_trouble_told(session: Session, kiosk: Kiosk) -> bool:
    """Tell whether something that is wrong with the kiosk was sent to its administrators."""
    notice = exists().where(
        AlertNotice.alert_id == Alert.id, AlertNotice.state == NoticeState.SENT
    )
    query = select(Alert.id).where(
        Alert.subject == kiosk.slug, Alert.ended_at.is_(None), notice
    )
    return session.scalar(query.limit(1)) is not None

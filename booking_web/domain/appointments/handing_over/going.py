# SPDX-License-Identifier: AGPL-3.0-or-later
"""What becomes of a hand-over: the kiosk is sent, answered there, comes back, or never left.

In the caller's writing transaction, with the appointment's row locked. Each is told.
"""

from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from booking_web.domain.appointments.handing_over.whose import (
    give_back,
    give_to_other_organisation,
)
from booking_web.domain.appointments.lifecycle import move, wait_again
from booking_web.domain.journal.telling import (
    Former,
    tell,
    tell_former_organisation,
)
from booking_web.tables.appointment import Appointment
from booking_web.tables.conclusions import Outcome
from booking_web.tables.handovers import Handover, HandoverState
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import ON_THE_LINE, AppointmentState

logger = structlog.get_logger(__name__)


def is_elsewhere(row: Handover) -> bool:
    """Tell whether it is for another organisation."""
    return row.to_organisation_id != row.from_organisation_id


def set_out(
    session: Session, row: Handover, appointment: Appointment, actor: str, at: datetime
) -> bool:
    """Have the appointment wait for whom it is for; to be committed before Asterisk is told.

    False, and nothing but the hand-over is changed, where its call is over or another's.
    """
    is_still_so = (
        appointment.state == AppointmentState.IN_CALL
        and appointment.call == row.call
        and appointment.counsellor_id == row.from_counsellor_id
        and appointment.hangup_requested_at is None
    )
    if not is_still_so:
        undo(session, row, appointment, actor, at)
        return False
    former = Former.of(appointment)
    row.state, row.began_at = HandoverState.RINGING, at
    appointment.counsellor_id = None
    if is_elsewhere(row):
        give_to_other_organisation(session, row, appointment, at)
    wait_again(session, appointment, actor=row.asked_by, at=at, former=former)
    _tell(session, Act.HANDED_OVER, row, appointment, row.asked_by, at)
    return True


def undo(
    session: Session, row: Handover, appointment: Appointment, actor: str, at: datetime
) -> None:
    """Note that the kiosk was never sent: the appointment is whose it was, where it was."""
    former = Former.of(appointment)
    had_left = row.began_at is not None
    row.state, row.ended_at = HandoverState.UNDONE, at
    if had_left:
        if is_elsewhere(row) and appointment.organisation_id == row.to_organisation_id:
            give_back(session, row, appointment, at)
        if appointment.call == row.call:
            appointment.counsellor_id = row.from_counsellor_id
            if appointment.state == AppointmentState.QUEUED:
                in_call = AppointmentState.IN_CALL
                move(session, appointment, in_call, actor=actor, at=at, former=former)
                # Whose it is again was told with the move.
                former = Former.of(appointment)
    _tell(session, Act.HANDOVER_UNDONE, row, appointment, actor, at, former)


def come_back(
    session: Session, row: Handover, appointment: Appointment, actor: str, at: datetime
) -> None:
    """Note that the colleague did not take it, and that it rings where it came from."""
    row.state = HandoverState.RETURNING
    _tell(session, Act.HANDOVER_RETURNED, row, appointment, actor, at)


def taken(
    session: Session,
    row: Handover,
    appointment: Appointment,
    counsellor_id: int | None,
    actor: str,
    at: datetime,
) -> None:
    """Note that somebody answered: whom it was for or, of one that came back, its own."""
    is_back = row.state == HandoverState.RETURNING
    row.state = HandoverState.RETURNED if is_back else HandoverState.TAKEN
    row.ended_at, row.taken_by_id = at, counsellor_id
    if not is_back and is_elsewhere(row) and not row.outcome:
        # Until its counsellor says more of it.
        row.outcome = Outcome.REDIRECTED
    _tell(session, Act.HANDOVER_TAKEN, row, appointment, actor, at)


def stand_as_seen(
    session: Session,
    row: Handover,
    appointment: Appointment,
    counsellor_id: int | None,
    actor: str,
    at: datetime,
) -> None:
    """Have the appointment stand as its call does: with this counsellor, or with none yet.

    Where the events of its call told as much already, nothing is changed.
    """
    if appointment.call != row.call:
        return
    is_in_call = appointment.state == AppointmentState.IN_CALL
    if is_in_call and appointment.counsellor_id != counsellor_id:
        wait_again(session, appointment, actor=actor, at=at)
        appointment.counsellor_id = None
    if counsellor_id is not None and appointment.state == AppointmentState.QUEUED:
        appointment.counsellor_id = counsellor_id
        move(session, appointment, AppointmentState.IN_CALL, actor=actor, at=at)


def nobody_came(
    session: Session, row: Handover, appointment: Appointment, at: datetime
) -> None:
    """Note that the call was over before anybody took it; its move says how.

    A look at Asterisk from before the kiosk was sent may have given it back to who had it.
    """
    row.state, row.ended_at = HandoverState.NOBODY, at
    is_its_end = appointment.call == row.call and appointment.state not in ON_THE_LINE
    if is_its_end and appointment.counsellor_id == row.from_counsellor_id:
        appointment.counsellor_id = None
    _tell_former(session, row, appointment, at)


def _tell(
    session: Session,
    act: Act,
    row: Handover,
    appointment: Appointment,
    actor: str,
    at: datetime,
    former: Former | None = None,
) -> None:
    detail = f"handover {row.id}: {_names(row)}"
    tell(session, act, appointment, actor=actor, at=at, detail=detail, former=former)
    _tell_former(session, row, appointment, at)
    logger.info(str(act).replace("_", " "), appointment=appointment.id, handover=row.id)


def _tell_former(
    session: Session, row: Handover, appointment: Appointment, at: datetime
) -> None:
    if appointment.organisation_id != row.from_organisation_id:
        tell_former_organisation(session, row.from_organisation_id, appointment, at)


def _names(row: Handover) -> str:
    to = row.to_counsellor.slug if row.to_counsellor else row.to_organisation.slug
    return f"{row.from_organisation.slug} -> {to}"

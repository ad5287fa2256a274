# SPDX-License-Identifier: AGPL-3.0-or-later
"""The hand-overs in the database: which to carry out, and how each stands.

Each function is a piece of work in the caller's transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from booking_web.dispatcher.following.facts import ACTOR
from booking_web.dispatcher.handing_over.orders import HandoverOrder
from booking_web.dispatcher.handing_over.standing import Seen, Standing
from booking_web.domain.appointments.handing_over.going import (
    come_back,
    nobody_came,
    set_out,
    stand_as_seen,
    taken,
    undo,
)
from booking_web.tables.appointment import Appointment
from booking_web.tables.handovers import GOING_ON, Handover, HandoverState
from provisioning.database.models import Counsellor, Kiosk

# Whoever pressed a button this long ago no longer expects anything of it.
LATE_AFTER = timedelta(seconds=15)


@dataclass(frozen=True)
class GoingOn:
    """A hand-over that is not over."""

    id: int
    call: str
    kiosk: str
    # None: Asterisk was not told yet.
    began_at: datetime | None


def handovers_going_on(session: Session) -> list[GoingOn]:
    """List the hand-overs that are not over."""
    return [GoingOn(*row) for row in session.execute(_GOING_ON)]


def take_handovers(session: Session, now: datetime) -> list[HandoverOrder]:
    """Claim those that are asked for: whoever commits this has the kiosks sent."""
    orders = []
    for row, appointment in _locked(session, HandoverState.ASKED):
        if now - row.asked_at > LATE_AFTER:
            undo(session, row, appointment, ACTOR, now)
        elif set_out(session, row, appointment, ACTOR, now):
            orders.append(_order(row, appointment))
    return orders


def give_up(session: Session, handover_id: int, now: datetime) -> None:
    """Note that Asterisk refused it."""
    for row, appointment in _locked(session, HandoverState.RINGING):
        if row.id == handover_id:
            undo(session, row, appointment, ACTOR, now)


def settle(session: Session, seen: Mapping[int, Seen], now: datetime) -> bool:
    """Write down where each stands; tells whether one must be looked at again soon."""
    is_coming = False
    for row, appointment in _locked(
        session, HandoverState.RINGING, HandoverState.RETURNING
    ):
        found = seen.get(row.id)
        if found is None or found.standing is Standing.COMING:
            is_coming = True
        else:
            _settle_one(session, row, appointment, found, now)
    return is_coming


def _settle_one(
    session: Session,
    row: Handover,
    appointment: Appointment,
    found: Seen,
    now: datetime,
) -> None:
    counsellor_id = session.scalar(
        select(Counsellor.id).where(Counsellor.slug == found.counsellor)
    )
    if found.is_up:
        stand_as_seen(session, row, appointment, counsellor_id, ACTOR, now)
    is_back = found.standing in (Standing.RETURNING, Standing.TAKEN_BACK)
    if is_back and row.state == HandoverState.RINGING:
        come_back(session, row, appointment, ACTOR, now)
    if found.standing in (Standing.TAKEN, Standing.TAKEN_BACK):
        taken(session, row, appointment, counsellor_id, ACTOR, now)
    elif found.standing is Standing.NOT_SENT:
        undo(session, row, appointment, ACTOR, now)
    elif found.standing is Standing.OVER:
        nobody_came(session, row, appointment, now)


def _order(row: Handover, appointment: Appointment) -> HandoverOrder:
    reason, first = appointment.reason_on_boards, row.from_counsellor
    return HandoverOrder(
        id=row.id,
        appointment_id=appointment.id,
        call=row.call,
        resident_name=appointment.name_on_boards,
        reason=reason.name if reason else appointment.details_on_boards,
        relay_name=appointment.kiosk.relay.name,
        first=first.slug if first else "",
        first_name=row.from_organisation.short_name,
        colleague=row.to_counsellor.slug if row.to_counsellor else "",
        organisation=row.to_organisation.slug,
        queue_seconds=row.to_organisation.abandon_after_seconds,
    )


def _locked(
    session: Session, *states: HandoverState
) -> list[tuple[Handover, Appointment]]:
    found = session.execute(_to_change(states)).all()
    return [(row.Handover, row.Appointment) for row in found]


def _to_change(states: tuple[HandoverState, ...]) -> Select[Handover, Appointment]:
    return (
        select(Handover, Appointment)
        .join(Appointment, Appointment.id == Handover.appointment_id)
        .where(Handover.state.in_(states))
        # In one order, so that two dispatchers never wait for each other.
        .order_by(Appointment.id)
        .with_for_update(of=(Handover, Appointment))
    )


_GOING_ON = (
    select(Handover.id, Handover.call, Kiosk.slug, Handover.began_at)
    .join(Appointment, Appointment.id == Handover.appointment_id)
    .join(Kiosk, Kiosk.id == Appointment.kiosk_id)
    .where(Handover.state.in_(GOING_ON))
    .order_by(Handover.id)
)

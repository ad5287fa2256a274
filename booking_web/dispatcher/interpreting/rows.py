# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second calls in the database: which to place, which to end, how each stands.

Each function is a piece of work in the caller's transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from booking_web.base.languages import language_or_french
from booking_web.dispatcher.following.facts import ACTOR
from booking_web.dispatcher.interpreting.orders import InterpreterOrder, name_of
from booking_web.dispatcher.interpreting.standing import Seen, Standing, standing_of
from booking_web.domain.appointments.guests.numbers import NoNumber, Trunk
from booking_web.domain.appointments.guests.telephoning import (
    end_telephoned,
    take_number,
    telephone_rings,
)
from booking_web.domain.appointments.interpreters.calls import (
    call_ended,
    interpreter_came,
    kiosk_took,
)
from booking_web.tables.appointment import Appointment
from booking_web.tables.guests import Guest
from booking_web.tables.interpreters import (
    GOING_ON,
    InterpreterCall,
    InterpreterState,
    WhyNobody,
)
from provisioning.asterisk.realtime_rows import guest_telephone
from provisioning.database.models import Kiosk, Organisation, Relay

# A page answers by itself.
GUEST_SECONDS = 20
# How long a telephone outside rings.
TELEPHONE_SECONDS = 25
# Whoever had a number called this long ago no longer expects a voice.
LATE_AFTER = timedelta(seconds=15)
# Too short for a number.
NOWHERE = "0"


@dataclass(frozen=True)
class GoingOn:
    """A second call that is asked for or up."""

    id: int
    call: str
    is_to_be_placed: bool
    is_to_end: bool
    # Of a telephone outside, the kiosk under which Asterisk remembers how it went.
    telephoned_from: str = ""


def calls_going_on(session: Session) -> list[GoingOn]:
    """List the calls that are not over."""
    return [
        GoingOn(
            row.id,
            name_of(row.appointment_id, row.id),
            is_to_be_placed=row.placed_at is None,
            is_to_end=row.end_requested_at is not None,
            telephoned_from=row.kiosk if row.last_digits else "",
        )
        for row in session.execute(_GOING_ON)
    ]


def take_orders(
    session: Session, trunk: Trunk | None, now: datetime
) -> list[InterpreterOrder]:
    """Claim the calls that are to be placed: whoever commits this places them."""
    orders = []
    for row in session.execute(_TO_PLACE).all():
        if _is_late(row.InterpreterCall, now):
            call_ended(
                session, row.InterpreterCall, ACTOR, now, WhyNobody.NOT_CONNECTED
            )
            end_telephoned(session, row.InterpreterCall.guest, now)
            continue
        row.InterpreterCall.placed_at = now
        order = InterpreterOrder(
            id=row.InterpreterCall.id,
            appointment_id=row.InterpreterCall.appointment_id,
            kiosk=row.kiosk,
            relay_name=row.relay_name,
            organisation_name=row.organisation_name,
            interpreter=row.interpreter,
            language=language_or_french(row.language),
            queue_seconds=row.queue_seconds,
        )
        guest = row.InterpreterCall.guest
        orders.append(order if guest is None else _of_guest(order, guest, trunk))
    return orders


def _is_late(call: InterpreterCall, now: datetime) -> bool:
    """Tell whether nobody is called outside any more: the dispatcher was away meanwhile."""
    is_outside = call.guest is not None and call.guest.is_telephoned
    return is_outside and now - call.asked_at > LATE_AFTER


def _of_guest(
    order: InterpreterOrder, guest: Guest, trunk: Trunk | None
) -> InterpreterOrder:
    if not guest.is_telephoned:
        name = guest_telephone(guest.id)
        return replace(order, guest=name, queue_seconds=GUEST_SECONDS)
    return replace(
        order,
        telephone=_dialled(take_number(guest), trunk),
        caller_number=trunk.caller_number if trunk else "",
        queue_seconds=TELEPHONE_SECONDS,
    )


def _dialled(number: str, trunk: Trunk | None) -> str:
    """Give what the line dials; what the dialplan refuses where there is nothing to dial."""
    if trunk is None:
        # The site gave its line up meanwhile.
        return NOWHERE
    try:
        return trunk.dialled(number)
    except NoNumber:
        return NOWHERE


def settle(
    session: Session,
    seen: Mapping[int, Seen],
    now: datetime,
    remembered: Mapping[int, WhyNobody] = MappingProxyType({}),
) -> bool:
    """Write down where each call stands; tells whether one must be looked at again soon.

    `remembered` is what Asterisk remembers of telephones outside that did not answer.
    """
    is_coming = False
    for call in session.scalars(_TO_SETTLE).all():
        found = standing_of(call.id, call.placed_at, seen, now)
        if found.standing is Standing.COMING:
            is_coming = True
        elif found.standing is Standing.OVER:
            call_ended(session, call, ACTOR, now, remembered.get(call.id))
            if call.guest is not None:
                end_telephoned(session, call.guest, now)
        elif found.standing is Standing.HERE and call.state == InterpreterState.ASKED:
            interpreter_came(session, call, found.interpreter, ACTOR, now)
        else:
            _note_progress(session, call, found, now)
    return is_coming


def _note_progress(
    session: Session, call: InterpreterCall, found: Seen, now: datetime
) -> None:
    if call.taken_at is None:
        kiosk_took(call, now)
    guest = call.guest
    if guest is not None and guest.is_telephoned and not guest.rings_at:
        if found.is_ringing:
            telephone_rings(session, guest, now)


_GOING_ON = (
    select(
        InterpreterCall.id,
        InterpreterCall.appointment_id,
        InterpreterCall.placed_at,
        InterpreterCall.end_requested_at,
        Kiosk.slug.label("kiosk"),
        Guest.last_digits,
    )
    .join(Appointment, Appointment.id == InterpreterCall.appointment_id)
    .join(Appointment.kiosk)
    .outerjoin(Guest, Guest.id == InterpreterCall.guest_id)
    .where(InterpreterCall.state.in_(GOING_ON))
)
_TO_SETTLE = (
    select(InterpreterCall)
    .where(InterpreterCall.state.in_(GOING_ON), InterpreterCall.placed_at.is_not(None))
    # In one order, so that two dispatchers never wait for each other.
    .order_by(InterpreterCall.id)
    .with_for_update(of=InterpreterCall)
)
_INTERPRETER = aliased(Organisation)
_TO_PLACE = (
    select(
        InterpreterCall,
        Appointment.language,
        Kiosk.slug.label("kiosk"),
        Relay.name.label("relay_name"),
        Organisation.name.label("organisation_name"),
        _INTERPRETER.slug.label("interpreter"),
        _INTERPRETER.abandon_after_seconds.label("queue_seconds"),
    )
    .join(Appointment, Appointment.id == InterpreterCall.appointment_id)
    .join(Appointment.kiosk)
    .join(Kiosk.relay)
    .join(Appointment.organisation)
    .join(_INTERPRETER, _INTERPRETER.id == InterpreterCall.organisation_id)
    .where(
        InterpreterCall.state == InterpreterState.ASKED,
        InterpreterCall.placed_at.is_(None),
        InterpreterCall.end_requested_at.is_(None),
    )
    .order_by(InterpreterCall.id)
    .with_for_update(of=InterpreterCall, skip_locked=True)
)

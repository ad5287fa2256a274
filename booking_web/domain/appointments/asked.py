# SPDX-License-Identifier: AGPL-3.0-or-later
"""Looks up what an order names, and what an earlier one of the same submission made."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, and_, bindparam, select, true
from sqlalchemy.orm import Session

from booking_web.domain.appointments.lengths import length_of
from booking_web.domain.appointments.orders import (
    KEY_LENGTH,
    SUBMISSION_LENGTH,
    BookingOrder,
    submission_of,
)
from booking_web.domain.appointments.refusals import (
    KeyReused,
    NotForResidents,
    UnknownInterpreter,
    UnknownOrganisation,
    UnknownReason,
    UnknownRelay,
)
from booking_web.domain.places.search import publishes_hours
from booking_web.tables.appointment import Appointment
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Organisation, Relay, User, VisitReason


@dataclass(frozen=True)
class AskedFor:
    """What there is to know of the relay and the organisation that an order names."""

    relay_id: int
    time_zone: str
    organisation_id: int
    length: timedelta
    # Whether it publishes hours at all.
    has_hours: bool
    # The relay whose town hall asks; None: no town hall does.
    town_hall_id: int | None
    visit_reason_id: int | None
    # The name of this very submission.
    submission: str
    # The service that interprets; None: nobody does.
    interpreter_id: int | None = None


def asked_for(session: Session, order: BookingOrder) -> AskedFor:
    """Look all up at once; raises what of `refusals` says that something is unknown."""
    told = {
        "relay": order.relay,
        "organisation": order.organisation,
        "reason": order.visit_reason,
        "user_id": order.user_id,
    }
    found = session.execute(_ASKED_FOR, told).one_or_none()
    if found is None:
        relay_named(session, order.relay)
        raise UnknownOrganisation
    if found.interprets:
        raise NotForResidents
    if order.visit_reason is not None and found.visit_reason_id is None:
        raise UnknownReason
    length = length_of(found, found)
    if order.minutes:
        length = timedelta(minutes=order.minutes)
    minutes = int(length.total_seconds()) // 60
    return AskedFor(
        found.relay_id,
        found.time_zone,
        found.organisation_id,
        length,
        found.has_hours,
        found.town_hall_id,
        found.visit_reason_id,
        submission_of(order, found.visit_reason_id, minutes),
        _interpreter_id(session, order.interpreter),
    )


def _interpreter_id(session: Session, slug: str | None) -> int | None:
    if slug is None:
        return None
    found: int | None = session.scalar(
        _INTERPRETERS.where(_ORGANISATION.c.slug == slug)
    )
    if found is None:
        raise UnknownInterpreter
    return found


def relay_named(session: Session, slug: str) -> Relay:
    """Give the relay; raises UnknownRelay."""
    relay = session.scalar(select(Relay).where(Relay.slug == slug))
    if relay is None:
        raise UnknownRelay
    return relay


def made_before(
    session: Session, order: BookingOrder, asked: AskedFor
) -> Appointment | None:
    """Give the appointment that an identical submission made, if there is one.

    Raises KeyReused where a program's key made another.
    """
    if not order.is_keyed:
        made = session.scalar(_MADE_BEFORE, {"submission": asked.submission})
        return None if made is None else session.get_one(Appointment, made)
    twin = made_with(session, order)
    if twin is not None and twin.submission != asked.submission:
        raise KeyReused(twin.id)
    return twin


def made_with(session: Session, order: BookingOrder) -> Appointment | None:
    """Give what a program's key made, whatever its content was."""
    first = order.key
    # All are hexadecimal digits: "g" comes after each of them.
    end = first + "g" * (SUBMISSION_LENGTH - KEY_LENGTH)
    return session.scalar(_OF_KEY, {"first": first, "end": end})


def new_appointment(
    order: BookingOrder,
    asked: AskedFor,
    now: datetime,
    *,
    kiosk_id: int,
    counter_id: int,
    starts_at: datetime,
    ends_at: datetime,
    interpreter_counter_id: int | None = None,
    in_line: bool = False,
) -> Appointment:
    """Give the row of what was ordered, not yet in any session."""
    return Appointment(
        submission=asked.submission,
        kiosk_id=kiosk_id,
        counter_id=counter_id,
        interpreter_counter_id=interpreter_counter_id,
        organisation_id=asked.organisation_id,
        resident_id=order.resident_id,
        resident_name=order.resident_name,
        visit_reason_id=asked.visit_reason_id,
        source=order.source,
        reason=order.details,
        language=order.language,
        discreet=order.discreet,
        starts_at=starts_at,
        ends_at=ends_at,
        state=AppointmentState.BOOKED,
        state_since=now,
        in_line=in_line,
        created_by_id=order.user_id,
        town_hall_id=asked.town_hall_id,
        created_at=now,
    )


# Built once, and of plain tables: to build a statement costs about as much as to run it, and
# to make objects of rows costs more.
_APPOINTMENT = cast(Table, Appointment.__table__)
_RELAY = cast(Table, Relay.__table__)
_ORGANISATION = cast(Table, Organisation.__table__)
_REASON = cast(Table, VisitReason.__table__)
_USER = cast(Table, User.__table__)
_INTERPRETERS = select(_ORGANISATION.c.id).where(_ORGANISATION.c.interprets != "")
_MADE_BEFORE = select(_APPOINTMENT.c.id).where(
    _APPOINTMENT.c.submission == bindparam("submission")
)
_OF_KEY = select(Appointment).where(
    Appointment.submission >= bindparam("first"),
    Appointment.submission < bindparam("end"),
)
_ASKED_FOR = (
    select(
        _RELAY.c.id.label("relay_id"),
        _RELAY.c.time_zone,
        _ORGANISATION.c.id.label("organisation_id"),
        _ORGANISATION.c.appointment_minutes,
        _ORGANISATION.c.interprets,
        publishes_hours(_ORGANISATION.c.id).label("has_hours"),
        select(_USER.c.relay_id)
        .where(_USER.c.id == bindparam("user_id"))
        .scalar_subquery()
        .label("town_hall_id"),
        _REASON.c.id.label("visit_reason_id"),
        _REASON.c.minutes,
    )
    .join_from(_RELAY, _ORGANISATION, true())
    .outerjoin(
        _REASON,
        and_(
            _REASON.c.slug == bindparam("reason"),
            _REASON.c.organisation_id == _ORGANISATION.c.id,
        ),
    )
    .where(
        _RELAY.c.slug == bindparam("relay"),
        _ORGANISATION.c.slug == bindparam("organisation"),
    )
)

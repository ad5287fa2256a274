# SPDX-License-Identifier: AGPL-3.0-or-later
"""The interpreter of an appointment to come whose service withdrew the hours.

The service keeps the appointment all the same, sends another of its interpreters, or gives it
up; the town hall asks another service. Until then nothing of the appointment changes, and who
booked it reads that its interpreter is not certain. Each works in the caller's transaction.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from booking_web.domain.appointments.interpreters.services import (
    interpreting_organisations,
)
from booking_web.domain.appointments.lifecycle import release_slots
from booking_web.domain.appointments.refusals import PlaceTaken
from booking_web.domain.journal.reading import details_of
from booking_web.domain.journal.telling import Former, tell
from booking_web.domain.places.choosing import Side
from booking_web.domain.places.held_slots import hold
from booking_web.domain.places.interpreters import open_interpreter
from booking_web.tables.appointment import Appointment, JournalEntry, KioskSlot
from booking_web.tables.journal_acts import Act
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Organisation

# Before its call an appointment can get another interpreter.
REPLACEABLE_IN = (AppointmentState.BOOKED, AppointmentState.ARRIVED)
# After any of them it is not asked any more whether the interpreter comes.
SETTLED = (
    Act.INTERPRETER_HOURS_WITHDRAWN,
    Act.INTERPRETER_KEPT,
    Act.INTERPRETER_GIVEN_UP,
    Act.INTERPRETER_CHANGED,
    Act.RESCHEDULED,
)


class NothingToReplace(Exception):
    """The appointment is in call or over."""


@dataclass(frozen=True)
class Doubt:
    """Why it is not certain that an appointment has its interpreter."""

    # By slug, the service that was booked.
    service: str
    # It does not interpret any more; else its hours are gone, and it has not decided yet.
    is_gone: bool


def doubts_of(
    session: Session, appointments: Collection[Appointment]
) -> dict[int, Doubt]:
    """Give by number those whose interpreter was withdrawn and not replaced."""
    open_ones = {each.id: each for each in appointments if each.state in REPLACEABLE_IN}
    found: dict[int, Doubt] = {}
    for number, act, detail in details_of(session, open_ones, SETTLED):
        if act == Act.INTERPRETER_HOURS_WITHDRAWN:
            found[number] = Doubt(detail, is_gone=False)
        elif act == Act.INTERPRETER_GIVEN_UP:
            found[number] = Doubt(detail, is_gone=True)
        elif (
            act != Act.RESCHEDULED or not (was := found.get(number)) or not was.is_gone
        ):
            # Who is moved has an interpreter at the new hour; but not who had none any more.
            found.pop(number, None)
    return {
        number: doubt
        for number, doubt in found.items()
        if doubt.is_gone == (open_ones[number].interpreter_counter_id is None)
    }


def in_doubt(query: Select[Appointment], now: datetime) -> Select[Appointment]:
    """Limit a query to those to come of which `doubts_of` may tell something."""
    withdrawn = (Act.INTERPRETER_HOURS_WITHDRAWN, Act.INTERPRETER_GIVEN_UP)
    return query.where(
        Appointment.starts_at > now,
        Appointment.state.in_(REPLACEABLE_IN),
        exists().where(
            JournalEntry.appointment_id == Appointment.id,
            JournalEntry.act.in_(withdrawn),
        ),
    )


def others_free(
    session: Session, appointment: Appointment, service: str
) -> list[Organisation]:
    """List the services of the same kind as `service` that could interpret in it."""
    return [
        each
        for each in _alike(session, service)
        if open_interpreter(
            session, each.id, appointment, needs_hours=each.slug == service
        )
        is not None
    ]


def ask_another(
    session: Session,
    appointment: Appointment,
    service: Organisation,
    actor: str,
    now: datetime,
) -> None:
    """Have another interpreter of this service come; raises PlaceTaken where none is free.

    Raises NothingToReplace where it is too late.
    """
    _check(appointment)
    former = appointment.interpreter
    counter_id = open_interpreter(
        session,
        service.id,
        appointment,
        needs_hours=former is not None and former.id == service.id,
        to_choose=True,
    )
    if counter_id is None:
        raise PlaceTaken(Side.INTERPRETER)
    before = former.slug if former is not None else ""
    _change(
        session,
        appointment,
        counter_id,
        Act.INTERPRETER_CHANGED,
        f"{before} -> {service.slug}",
        actor,
        now,
    )


def give_up(
    session: Session, appointment: Appointment, actor: str, now: datetime
) -> None:
    """Have nobody interpret any more; raises NothingToReplace where it is too late."""
    _check(appointment)
    if appointment.interpreter is not None:
        slug = appointment.interpreter.slug
        _change(session, appointment, None, Act.INTERPRETER_GIVEN_UP, slug, actor, now)


def keep(session: Session, appointment: Appointment, actor: str, now: datetime) -> None:
    """Have the interpreter come though the hours are gone."""
    tell(session, Act.INTERPRETER_KEPT, appointment, actor=actor, at=now)


def _alike(session: Session, service: str) -> list[Organisation]:
    interpreting = interpreting_organisations(session)
    kinds = {each.interprets for each in interpreting if each.slug == service}
    return [each for each in interpreting if each.interprets in kinds]


def _check(appointment: Appointment) -> None:
    if appointment.state not in REPLACEABLE_IN:
        raise NothingToReplace


def _change(
    session: Session,
    appointment: Appointment,
    counter_id: int | None,
    act: Act,
    detail: str,
    actor: str,
    now: datetime,
) -> None:
    former = Former.of(appointment)
    # Who waits in a line holds none.
    held = select(KioskSlot.starts_at).where(KioskSlot.appointment_id == appointment.id)
    slots = session.scalars(held).all()
    release_slots(session, appointment)
    appointment.interpreter_counter_id = counter_id
    session.flush()
    session.expire(appointment, ["interpreter_counter"])
    hold(session, appointment, slots)
    tell(session, act, appointment, actor=actor, at=now, detail=detail, former=former)

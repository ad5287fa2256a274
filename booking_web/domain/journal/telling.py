# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tells of an act on an appointment, once and to everybody: the only way to do so.

What each act tells is in `promises`. All is written in the caller's transaction, so nothing
is told of what did not happen, and what happened is told.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy.orm import Session

from booking_web.base.plain_inserts import insert_row
from booking_web.domain.journal.entries import write_down
from booking_web.domain.journal.message_outbox import queue_messages
from booking_web.domain.journal.promises import NEWS, TOLD, News
from booking_web.domain.journal.webhook_outbox import queue_event
from booking_web.tables.appointment import Appointment, LiveEvent
from booking_web.tables.journal_acts import Act
from booking_web.tables.live_kind import Kind
from booking_web.tables.messages import MessageKind
from booking_web.tables.webhooks import EventKind


@dataclass(frozen=True)
class Former:
    """An appointment's hour, place, number, organisation and interpreter before an act."""

    starts_at: datetime
    ends_at: datetime
    kiosk_id: int
    counter_id: int
    sequence: int
    # The service, not which of its counters: that is nobody else's.
    interpreter_id: int | None
    organisation_id: int

    @classmethod
    def of(cls, appointment: Appointment) -> Self:
        """Keep what it is now."""
        return cls(
            appointment.starts_at,
            appointment.ends_at,
            appointment.kiosk_id,
            appointment.counter_id,
            appointment.sequence,
            appointment.interpreter_id,
            appointment.organisation_id,
        )


def tell(
    session: Session,
    act: Act,
    appointment: Appointment,
    *,
    actor: str,
    at: datetime,
    detail: str = "",
    former: Former | None = None,
    is_followed: bool = False,
) -> None:
    """Write the act into the journal and tell pages, programs and the resident of it.

    `detail` must hold nothing personal. Given how the appointment was before, programs and
    the resident hear of a change only where there is one; the former kiosk's pages and
    relay, and the programs of the former organisation, hear that it has left.
    `is_followed`: pages hear of the move that comes next.
    """
    told = TOLD[act]
    is_changed = former is not None and former != Former.of(appointment)
    write_down(
        session, act, actor=actor, at=at, detail=detail, appointment_id=appointment.id
    )
    if told.live is not None:
        left = former.kiosk_id if former is not None else appointment.kiosk_id
        if left != appointment.kiosk_id:
            _tell_live(session, told.live, at, left, appointment)
        if not is_followed:
            kiosk_id = appointment.kiosk_id
            _tell_live(
                session, told.live, at, kiosk_id, appointment, at_once=told.at_once
            )
    for kind in told.webhooks:
        if kind is not EventKind.CHANGED:
            queue_event(session, appointment, kind, at)
        elif former is not None and is_changed:
            had_it = (former.kiosk_id, former.organisation_id)
            queue_event(session, appointment, kind, at, had_it)
    if (
        told.message is not None
        and told.message_in in (None, appointment.state)
        and (former is None or is_changed)
    ):
        queue_messages(session, appointment, told.message, at)


def tell_pages(
    session: Session, news: News, appointment: Appointment, at: datetime
) -> None:
    """Have open pages look again at an appointment; the journal keeps nothing of it."""
    _tell_live(session, NEWS[news], at, appointment.kiosk_id, appointment)


def tell_readiness(session: Session, kiosk_id: int | None, at: datetime) -> None:
    """Have open pages look again at who is there; None: those of every relay."""
    _tell_live(session, NEWS[News.READINESS_CHANGED], at, kiosk_id)


def tell_duty(session: Session, organisation_id: int, at: datetime) -> None:
    """Have the pages of the organisation's counsellors look again at who is available."""
    kind = NEWS[News.DUTY_CHANGED]
    _tell_live(session, kind, at, None, organisation_id=organisation_id)


def tell_former_organisation(
    session: Session, organisation_id: int, appointment: Appointment, at: datetime
) -> None:
    """Have pages of an organisation look again that has handed an appointment over."""
    kind = NEWS[News.HANDOVER_WENT_ON]
    kiosk_id = appointment.kiosk_id
    _tell_live(session, kind, at, kiosk_id, organisation_id=organisation_id)


def remind(session: Session, appointment: Appointment, at: datetime) -> int:
    """Queue the reminders of an appointment, each once however often; count the new."""
    return queue_messages(session, appointment, MessageKind.REMINDER, at)


def _tell_live(
    session: Session,
    kind: Kind,
    at: datetime,
    kiosk_id: int | None,
    appointment: Appointment | None = None,
    *,
    organisation_id: int | None = None,
    at_once: bool = False,
) -> None:
    row = {
        "at": at,
        "kiosk_id": kiosk_id,
        "appointment_id": appointment and appointment.id,
        "state": appointment and appointment.state,
        "organisation_id": organisation_id,
        "kind": str(kind),
    }
    if at_once:
        insert_row(session, LiveEvent, **row)
    else:
        session.add(LiveEvent(**row))

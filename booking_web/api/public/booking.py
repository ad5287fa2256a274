# SPDX-License-Identifier: AGPL-3.0-or-later
"""From a client's request to the appointment, or to the problem that says why not.

A client books what is offered and nothing else: inside published hours, where the rules of
the organisation leave a slot.
"""

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NoReturn

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.api.public.problems import Problem
from booking_web.base.transactions import in_transaction
from booking_web.domain.appointments.booking import (
    Booking,
    BookingError,
    NothingToBook,
    PlaceTaken,
    TooEarly,
    TooLate,
    book,
)
from booking_web.domain.appointments.keyed_requests import KEY_LENGTH, KeyedRequest
from booking_web.domain.places.choosing import Side
from booking_web.domain.places.search import (
    Slot,
    SlotSearch,
    SlotsFound,
    Why,
    find_slots,
    within_hours,
)
from booking_web.shell.services import services
from booking_web.tables.appointment import Appointment
from provisioning.database.models import Organisation, Relay, VisitReason

OFFERED_INSTEAD = 5


def reason_named(
    session: Session, organisation: Organisation, slug: str | None
) -> VisitReason | None:
    """Give the organisation's reason of this name; an unknown one is a problem (422)."""
    if slug is None:
        return None
    reason = session.scalar(
        select(VisitReason).where(
            VisitReason.slug == slug, VisitReason.organisation_id == organisation.id
        )
    )
    if reason is None:
        raise Problem(
            422, "unknown-reason", gettext("Ce motif n'est pas de cet organisme.")
        )
    return reason


def slot_at(
    session: Session,
    search: SlotSearch,
    now: datetime,
) -> Slot:
    """Give the offered slot that begins exactly at `search.after`, or raise a Problem.

    The problem carries the free slots that follow.
    """
    starts_at = search.after
    if starts_at.second or starts_at.microsecond or starts_at.minute % 5:
        raise Problem(
            422, "off-grid", gettext("Un rendez-vous commence toutes les cinq minutes.")
        )
    found = find_slots(session, dataclasses.replace(search, limit=OFFERED_INSTEAD), now)
    if found.slots and found.slots[0].starts_at == starts_at:
        return found.slots[0]
    _refuse(session, search, found, now)


def book_slot(request: KeyedRequest, search: SlotSearch, now: datetime) -> Booking:
    """Book a slot that is offered, or give what this key booked; raises a Problem."""
    database = services().database
    with database.read() as session:
        twin = _same_key(session, request)
        if twin is None:
            slot = slot_at(session, search, now)
            request = dataclasses.replace(
                request, preferred_counter_ids=[slot.counter_id]
            )
        elif twin.submission != request.submission:
            raise Problem(
                422,
                "key-reused",
                gettext("Cette clé d'idempotence a déjà servi à une autre demande."),
            )
    try:
        return in_transaction(database, lambda session: book(session, request, now))
    except BookingError as error:
        refuse_booking(error, search, now)


def refuse_booking(error: BookingError, search: SlotSearch, now: datetime) -> NoReturn:
    """Turn what booking or moving raised into a Problem."""
    if isinstance(error, PlaceTaken):
        with services().database.read() as session:
            found = find_slots(
                session, dataclasses.replace(search, limit=OFFERED_INSTEAD), now
            )
            raise _taken(session, found)
    if isinstance(error, TooEarly):
        raise Problem(422, "too-early", gettext("Cette heure est passée."))
    if isinstance(error, TooLate):
        raise Problem(422, "too-late", gettext("Cette date est trop loin."))
    if isinstance(error, NothingToBook):
        raise Problem(
            422,
            f"no-{error.missing}",
            (
                gettext("Ce relais n'a pas de borne.")
                if error.missing is Side.KIOSK
                else gettext("Cet organisme n'a pas de guichet.")
            ),
        )
    raise Problem(422, "unknown", gettext("Cet organisme ou ce relais n'existe plus."))


def as_slots(session: Session, slots: Sequence[Slot]) -> list[dict[str, Any]]:
    """Describe slots as the API does."""
    slugs = {each.id: each.slug for each in session.scalars(select(Relay))}
    return [
        {
            "relay": slugs[slot.relay_id],
            "starts_at": slot.starts_at,
            "ends_at": slot.ends_at,
        }
        for slot in slots
    ]


def _same_key(session: Session, request: KeyedRequest) -> Appointment | None:
    start = request.key
    return session.scalar(
        select(Appointment).where(
            Appointment.submission >= start,
            # All are hexadecimal digits: "g" comes after each of them.
            Appointment.submission < start + "g" * (64 - KEY_LENGTH),
        )
    )


def _refuse(
    session: Session, search: SlotSearch, found: SlotsFound, now: datetime
) -> NoReturn:
    starts_at, ends_at = search.after, search.after + search.length
    if starts_at < now:
        raise Problem(422, "too-early", gettext("Cette heure est passée."))
    if within_hours(
        session, search.organisation_id, search.relay_ids[0], starts_at, ends_at
    ):
        raise _taken(session, found)
    why = found.why if found.why in (Why.NO_HOURS, Why.RELAY_NOT_SERVED) else None
    raise Problem(
        422,
        "outside-hours",
        gettext("Cette heure n'est pas dans les heures publiées par l'organisme."),
        why=why,
        slots=_written(as_slots(session, found.slots)),
    )


def _taken(session: Session, found: SlotsFound) -> Problem:
    return Problem(
        409,
        "slot-taken",
        gettext("Cette heure n'est plus libre."),
        slots=_written(as_slots(session, found.slots)),
    )


def _written(slots: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [
        {
            "relay": slot["relay"],
            "starts_at": slot["starts_at"].isoformat(),
            "ends_at": slot["ends_at"].isoformat(),
        }
        for slot in slots
    ]

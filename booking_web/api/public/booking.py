# SPDX-License-Identifier: AGPL-3.0-or-later
"""From a client's order to the appointment, or to the problem that says why not.

A client books what is offered and nothing else: inside published hours, where the rules of
the organisation leave a slot.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.api.problems import Problem
from booking_web.base.transactions import in_transaction
from booking_web.domain.appointments.booking import Booking, book
from booking_web.domain.appointments.orders import BookingOrder
from booking_web.domain.appointments.refusals import (
    BeyondHorizon,
    BookingError,
    KeyReused,
    NotForResidents,
    NothingToBook,
    OffGrid,
    OutsideHours,
    PlaceTaken,
    TooEarly,
    TooLate,
    TooSoon,
    UnknownInterpreter,
    UnknownOrganisation,
    UnknownReason,
    UnknownRelay,
)
from booking_web.domain.places.choosing import Side
from booking_web.domain.places.search import (
    Slot,
    SlotSearch,
    WhyNoSlot,
    find_slots,
)
from booking_web.shell.services import services
from provisioning.database.models import Organisation, Relay, VisitReason

OFFERED_INSTEAD = 5
_UNKNOWN_REASON = lazy_gettext("Ce motif n'est pas de cet organisme.")
# The end of a problem's type, and its title.
_PROBLEMS: dict[type[BookingError], tuple[str, LazyString]] = {
    TooEarly: ("too-early", lazy_gettext("Cette heure est passée.")),
    TooSoon: (
        "too-early",
        lazy_gettext("C'est trop tôt : cet organisme demande un délai."),
    ),
    TooLate: ("too-late", lazy_gettext("Cette date est trop loin.")),
    BeyondHorizon: (
        "too-late",
        lazy_gettext(
            "Cet organisme ne prend pas encore de rendez-vous pour ces jours."
        ),
    ),
    NotForResidents: (
        "not-for-residents",
        lazy_gettext("C'est un service d'interprètes : il ne reçoit pas d'usagers."),
    ),
    UnknownInterpreter: (
        "unknown-interpreter",
        lazy_gettext("Ce service d'interprètes n'existe pas."),
    ),
    OffGrid: (
        "off-grid",
        lazy_gettext("Un rendez-vous commence toutes les %(minutes)s minutes."),
    ),
    NothingToBook: ("no-kiosk", lazy_gettext("Ce relais n'a pas de borne.")),
    UnknownReason: ("unknown-reason", _UNKNOWN_REASON),
    UnknownRelay: (
        "unknown",
        lazy_gettext("Cet organisme ou ce relais n'existe plus."),
    ),
    UnknownOrganisation: (
        "unknown",
        lazy_gettext("Cet organisme ou ce relais n'existe plus."),
    ),
    KeyReused: (
        "key-reused",
        lazy_gettext("Cette clé d'idempotence a déjà servi à une autre demande."),
    ),
}


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
        raise Problem(422, "unknown-reason", str(_UNKNOWN_REASON))
    return reason


def book_offered(order: BookingOrder, search: SlotSearch, now: datetime) -> Booking:
    """Book what is offered, or give what this key booked; raises a Problem.

    `search` finds what is told instead where the slot is taken.
    """
    try:
        return in_transaction(
            services().database, lambda session: book(session, order, now)
        )
    except BookingError as error:
        raise refused(error, search, now) from error


def refused(error: BookingError, search: SlotSearch, now: datetime) -> Problem:
    """Turn what booking or moving raised into the problem that is told."""
    if isinstance(error, PlaceTaken):
        return Problem(
            409,
            "slot-taken",
            gettext("Cette heure n'est plus libre."),
            slots=_following(search, now),
        )
    if isinstance(error, OutsideHours):
        is_lasting = error.why in (WhyNoSlot.NO_HOURS, WhyNoSlot.RELAY_NOT_SERVED)
        return Problem(
            422,
            "outside-hours",
            gettext("Cette heure n'est pas dans les heures publiées par l'organisme."),
            why=error.why if is_lasting else None,
            slots=_following(search, now),
        )
    code, told = _PROBLEMS[type(error)]
    sentence = str(told)
    if isinstance(error, OffGrid):
        sentence %= {"minutes": error.every_minutes}
    if isinstance(error, NothingToBook):
        code = f"no-{error.missing}"
        if error.missing is Side.COUNTER:
            sentence = gettext("Cet organisme n'a pas de guichet.")
    return Problem(422, code, sentence)


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


def _following(search: SlotSearch, now: datetime) -> list[dict[str, str]]:
    with services().database.read() as session:
        found = find_slots(session, replace(search, limit=OFFERED_INSTEAD), now)
        return _written(as_slots(session, found.slots))


def _written(slots: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [
        {
            "relay": slot["relay"],
            "starts_at": slot["starts_at"].isoformat(),
            "ends_at": slot["ends_at"].isoformat(),
        }
        for slot in slots
    ]

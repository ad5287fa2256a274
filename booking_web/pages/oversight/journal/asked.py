# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the officer looks for, read from the address: numbers and days, never a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import abort, request
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from booking_web.base.local_time import day_bounds
from booking_web.base.row_numbers import row_number
from booking_web.domain.journal.kinds import ActKind
from booking_web.domain.journal.searching import Asked
from booking_web.tables.appointment import Resident
from provisioning.database.models import Organisation, Relay, User
from provisioning.directory.usual_time_zone import usual_time_zone

FIELDS = ("usager", "personne", "acte", "relais", "organisme", "du", "au")


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is looked for, and what the form offers to look for."""

    asked: Asked
    zone: ZoneInfo
    resident: Resident | None
    people: Sequence[User]
    relays: Sequence[Relay]
    organisations: Sequence[Organisation]
    # As it was sent, so that the form shows it and other addresses have it too.
    sent: dict[str, str]

    @property
    def told(self) -> str:
        """Say it as the journal keeps it."""
        return " ".join(f"{name} {value}" for name, value in self.sent.items())


def question(session: Session) -> Question:
    """Read it; what cannot be meant is not found (404)."""
    sent = {name: request.args.get(name, "") for name in FIELDS}
    sent = {name: value for name, value in sent.items() if value}
    zone = ZoneInfo(usual_time_zone(session))
    resident = None
    if (number := _number(sent, "usager")) is not None:
        resident = session.get(Resident, number, options=[joinedload(Resident.relay)])
        if resident is None:
            abort(404)
    asked = Asked(
        resident_id=number,
        user_id=_number(sent, "personne"),
        kind=_kind(sent),
        relay_id=_number(sent, "relais"),
        organisation_id=_number(sent, "organisme"),
        begins=_bound(sent, "du", zone)[0],
        ends=_bound(sent, "au", zone)[1],
    )
    return Question(
        asked=asked,
        zone=zone,
        resident=resident,
        people=session.scalars(select(User).order_by(User.name, User.id)).all(),
        relays=session.scalars(select(Relay).order_by(Relay.name)).all(),
        organisations=session.scalars(
            select(Organisation).order_by(Organisation.name)
        ).all(),
        sent=sent,
    )


def before_line() -> int | None:
    """Give below which number the page's lines are; None: the latest ones."""
    return _number({"avant": request.args.get("avant", "")}, "avant")


def _number(sent: dict[str, str], name: str) -> int | None:
    told = sent.get(name, "")
    if not told:
        return None
    try:
        return row_number(told)
    except ValueError:
        abort(404)


def _kind(sent: dict[str, str]) -> ActKind | None:
    told = sent.get("acte", "")
    if not told:
        return None
    try:
        return ActKind(told)
    except ValueError:
        abort(404)


def _bound(
    sent: dict[str, str], name: str, zone: ZoneInfo
) -> tuple[datetime | None, datetime | None]:
    told = sent.get(name, "")
    if not told:
        return None, None
    try:
        day = date.fromisoformat(told)
    except ValueError:
        abort(404)
    # The first and last days of all have no instants before or after.
    if not date.min.year < day.year < date.max.year:
        abort(404)
    begins, ends = day_bounds(day, zone)
    return begins, ends

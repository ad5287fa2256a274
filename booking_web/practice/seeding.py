# SPDX-License-Identifier: AGPL-3.0-or-later
"""What there is to practise on: an invented relay, invented people, hours of every day."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.clock import utc_now
from booking_web.base.local_time import local_day
from booking_web.domain.appointments.booking import book
from booking_web.domain.appointments.orders import BookingOrder
from booking_web.domain.appointments.rules import Hours
from booking_web.domain.documents.store import DocumentStore
from booking_web.domain.forms.errors import EngineUnavailable
from booking_web.domain.forms.library import Library, Sent
from booking_web.domain.forms.reader import FormReader
from booking_web.domain.places.grid import slot_of
from booking_web.domain.residents.identifying import NEW_RESIDENT, Particulars
from booking_web.domain.residents.register import create_resident
from booking_web.tables.hours import ALL_WEEKDAYS, Opening
from booking_web.telling.our_forms.catalogue import OUR_FORMS
from booking_web.telling.our_forms.making import make
from provisioning.database.engine import Database
from provisioning.database.models import (
    DEFAULT_TIME_ZONE,
    Counter,
    Organisation,
    Relay,
    User,
)
from provisioning.database.schema import upgrade
from provisioning.directory.entries import planner_of
from provisioning.directory.service import Directory
from provisioning.inventory.reading import read_inventory

logger = structlog.get_logger(__name__)

RELAY = "relais-exercice"
KIOSK = "kiosk-exercice"
# The organisation whose counsellor the trainee plays, and the other one.
OWN_ORGANISATION = "caisse-exercice"
OTHER_ORGANISATION = "prefecture-exercice"
SECRETARY = "secretariat@exercice.example"
COUNSELLOR = "conseil@exercice.example"

# Whom an exercise speaks of. Each name says that nobody is called so.
LATE = "Mme Aline Exercice"
EXPECTED = "M. Basile Exercice"
TO_MOVE = "Mme Colette Exemple"
TO_CANCEL = "M. Désiré Exemple"
TO_BOOK = "Mme Gisèle Exercice"
# Those who come to the counsellor's counter, in turn.
VISITORS = (
    "Mme Flore Fictive",
    "M. Hector Fictif",
    "Mme Irène Modèle",
    "M. Jules Modèle",
)

_FORM = "rappel"
_INVENTORY = Path(__file__).parent / "inventory.toml"
_OPENS, _CLOSES = 8 * 60, 19 * 60
_BEFORE = timedelta(hours=1)
_SLOT = timedelta(minutes=5)
_ZONE = ZoneInfo(DEFAULT_TIME_ZONE)


class _Expected(NamedTuple):
    """An appointment that is there from the first."""

    name: str
    organisation: str
    reason: str
    starts_at: datetime


def make_template(url: str, documents: DocumentStore) -> None:
    """Make the database of what exists for everybody who practises; nothing happens yet."""
    upgrade(url)
    database = Database(url)
    try:
        planner = planner_of(read_inventory(_INVENTORY), prune=False)
        # Nobody signs in there, and no telephone does: what is secret is thrown away.
        Directory(database).apply(planner, lambda outcome: None)
        _add_form(database, documents)
    finally:
        database.dispose()


def _add_form(database: Database, documents: DocumentStore) -> None:
    """Put a form of ours into the library of the counsellor's organisation."""
    query = select(Organisation.id).where(Organisation.slug == OWN_ORGANISATION)
    with database.read() as session:
        organisation_id = session.scalars(query).one()
    ours = OUR_FORMS[_FORM]
    try:
        read = make(ours, FormReader())
    except EngineUnavailable:
        # All the rest can be practised; a counsellor can write a CV.
        logger.warning("no form to practise on", form=_FORM)
        return
    sent = Sent(organisation_id, "practice", "practice form")
    Library(database, documents, utc_now).take_in(
        sent, str(ours.title), read, ours.asked
    )


def seed(database: Database, now: datetime) -> None:
    """Publish hours and book those of whom the exercises speak."""
    with database.write() as session:
        user_id = session.scalars(select(User.id).where(User.email == SECRETARY)).one()
        relay_id = session.scalars(select(Relay.id).where(Relay.slug == RELAY)).one()
        for counter_id in session.scalars(select(Counter.id)).all():
            session.add(
                Opening(
                    counter_id=counter_id,
                    first_day=local_day(now, _ZONE) - timedelta(days=7),
                    weekdays=ALL_WEEKDAYS,
                    opens_minute=_OPENS,
                    closes_minute=_CLOSES,
                )
            )
        create_resident(
            session,
            relay_id=relay_id,
            name=TO_BOOK,
            user_id=user_id,
            now=now - _BEFORE,
        )
        session.flush()
        for number, each in enumerate(_expected(now)):
            _book(session, user_id, each, number, now)


def _expected(now: datetime) -> tuple[_Expected, ...]:
    tomorrow = now + timedelta(days=1)
    morning = tomorrow.astimezone(_ZONE).replace(hour=10, minute=0, second=0)
    late = slot_of(now) - 6 * _SLOT
    soon = slot_of(now) + 9 * _SLOT
    allowance = "caisse-exercice-allocation"
    car = "prefecture-exercice-carte-grise"
    return (
        _Expected(LATE, OWN_ORGANISATION, "caisse-exercice-changement", late),
        _Expected(EXPECTED, OWN_ORGANISATION, allowance, soon),
        _Expected(TO_MOVE, OTHER_ORGANISATION, car, slot_of(morning)),
        _Expected(
            TO_CANCEL, OWN_ORGANISATION, allowance, slot_of(morning) + 48 * _SLOT
        ),
    )


def _book(
    session: Session, user_id: int, who: _Expected, number: int, now: datetime
) -> None:
    order = BookingOrder(
        token=f"practice {number}",
        user_id=user_id,
        relay=RELAY,
        organisation=who.organisation,
        visit_reason=who.reason,
        resident_name=who.name,
        starts_at=who.starts_at,
        hours=Hours.AGREED,
        particulars=Particulars(telephone=f"+3363998010{number}", answer=NEW_RESIDENT),
    )
    # Before the trainee came, so that none of it counts as theirs; and nobody books for an
    # hour that is past.
    book(session, order, min(now, who.starts_at) - _BEFORE)

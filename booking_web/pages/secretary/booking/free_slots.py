# SPDX-License-Identifier: AGPL-3.0-or-later
"""The free slots that the page offers, here and at the neighbours; without any, why."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy.orm import Session

from booking_web.base.local_time import day_bounds, local_day
from booking_web.domain.places.relays import neighbours_of
from booking_web.domain.places.search import (
    Slot,
    SlotSearch,
    SlotsFound,
    WhyNoSlot,
    find_slots,
)
from booking_web.domain.places.slot_value import SlotValue
from booking_web.domain.residents.telephones import readable_telephone
from booking_web.pages.secretary.booking.subjects import Subject
from booking_web.pages.secretary.booking.walk_in import now_words
from booking_web.words.dates import clock, near_date
from booking_web.words.slots import why_sentence
from provisioning.database.models import Relay

DAYS = 3
SLOTS_A_DAY = 4
NEIGHBOUR_SLOTS = 2


@dataclass(frozen=True)
class OfferedSlot:
    """A slot as the page writes it."""

    value: str
    hour: str
    day: str
    relay: str = ""
    distance: str = ""


@dataclass(frozen=True)
class OfferedDay:
    """The slots of one day at the resident's own relay."""

    day: str
    slots: list[OfferedSlot]


@dataclass(frozen=True, kw_only=True)
class FreeSlots:
    """What the page says about when."""

    # None: nothing is chosen yet.
    subject: Subject | None = None
    relay: str = ""
    days: list[OfferedDay] = field(default_factory=list)
    neighbours: list[OfferedSlot] = field(default_factory=list)
    # Without a slot here: why, then what to do.
    why: str = ""
    advice: str = ""
    telephone: str = ""
    has_hours: bool = False
    # What "now" would bring.
    now_words: str = ""

    @property
    def values(self) -> list[str]:
        """List every value that is offered."""
        here = [slot.value for day in self.days for slot in day.slots]
        return here + [slot.value for slot in self.neighbours]


@dataclass(frozen=True)
class _Looking:
    """What is looked for, at whatever relay and from whatever time on."""

    session: Session
    subject: Subject
    # A service whose interpreter must be free too; None: nobody interprets.
    interpreter_id: int | None
    now: datetime

    def at(
        self, relay_ids: list[int], after: datetime, limit: int = SLOTS_A_DAY
    ) -> SlotsFound:
        """Give the first slots at these relays from then on."""
        search = SlotSearch(
            organisation_id=self.subject.organisation_id,
            relay_ids=relay_ids,
            length=self.subject.length,
            after=after,
            limit=limit,
            interpreter_id=self.interpreter_id,
        )
        return find_slots(self.session, search, self.now)


def free_slots(
    session: Session,
    subject: Subject | None,
    relay: Relay | None,
    now: datetime,
    interpreter_id: int | None = None,
) -> FreeSlots:
    """Look for slots for what the resident comes for, at their relay and around it."""
    if subject is None or relay is None:
        return FreeSlots(subject=subject)
    zone = ZoneInfo(relay.time_zone)
    looking = _Looking(session, subject, interpreter_id, now)
    found = looking.at([relay.id], now)
    days = list(_days(looking, relay, found))
    has_hours = found.why not in (WhyNoSlot.NO_HOURS, WhyNoSlot.NO_COUNTER)
    return FreeSlots(
        subject=subject,
        relay=relay.name,
        days=[
            OfferedDay(
                _day_words(day, now, zone), [_here(s, relay, zone) for s in slots]
            )
            for day, slots in days
        ],
        neighbours=_neighbours(looking, relay) if has_hours else [],
        why="" if days else why_sentence(found),
        advice="" if days else _advice(found, subject),
        telephone=readable_telephone(subject.telephone),
        has_hours=has_hours,
        now_words=now_words(session, subject, relay, now, has_hours=has_hours),
    )


def _days(
    looking: _Looking, relay: Relay, found: SlotsFound
) -> Iterator[tuple[date, list[Slot]]]:
    """Give the first slots of each of the next days that have any."""
    zone = ZoneInfo(relay.time_zone)
    for _ in range(DAYS):
        if not found.slots:
            return
        day = local_day(found.slots[0].starts_at, zone)
        yield day, [s for s in found.slots if local_day(s.starts_at, zone) == day]
        _, midnight = day_bounds(day, zone)
        found = looking.at([relay.id], midnight)


def _neighbours(looking: _Looking, relay: Relay) -> list[OfferedSlot]:
    near = neighbours_of(looking.session, relay)
    if not near:
        return []
    found = looking.at(list(near), looking.now, NEIGHBOUR_SLOTS)
    offered = []
    for slot in found.slots:
        other, distance = near[slot.relay_id]
        zone = ZoneInfo(other.time_zone)
        offered.append(
            OfferedSlot(
                str(SlotValue(slot.starts_at, other.slug)),
                clock(slot.starts_at, zone),
                near_date(local_day(slot.starts_at, zone)),
                other.name,
                _distance_words(distance),
            )
        )
    return offered


def _here(slot: Slot, relay: Relay, zone: ZoneInfo) -> OfferedSlot:
    value = str(SlotValue(slot.starts_at, relay.slug))
    day = near_date(local_day(slot.starts_at, zone))
    return OfferedSlot(value, clock(slot.starts_at, zone), day)


def _day_words(day: date, now: datetime, zone: ZoneInfo) -> str:
    today = local_day(now, zone)
    if day == today:
        return gettext("Aujourd'hui")
    if day == today + timedelta(days=1):
        return gettext("Demain, %(day)s", day=near_date(day))
    return near_date(day)


def _distance_words(distance_km: float | None) -> str:
    if distance_km is None:
        return ""
    if distance_km < 1:
        return gettext("à moins de 1 km")
    return gettext("à %(km)s km", km=round(distance_km))


def _advice(found: SlotsFound, subject: Subject) -> str:
    if found.why in (WhyNoSlot.NO_HOURS, WhyNoSlot.NO_COUNTER):
        return gettext(
            "Convenez d'une heure par téléphone, puis notez-la sous « Une autre date et "
            "heure ». Si l'usager est là, choisissez « Maintenant »."
        )
    return gettext(
        "Inscrivez l'usager sur la liste d'attente : la première heure qui se libère "
        "vous sera proposée ici."
    )

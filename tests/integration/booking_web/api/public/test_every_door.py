# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every door that books is held to every rule, and says which one it was.

One table: a row for each rule, a column for each door. A door that forgets a rule books, and a
rule that a door reads in another way says something else.
"""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select

from booking_web.domain.appointments.acts import cancel
from booking_web.domain.imports.importing import preview, run_import
from booking_web.domain.imports.interpreting import Scope
from booking_web.tables.appointment import Appointment, Resident
from booking_web.tables.hours import BookingRules, Opening, RelayRules
from booking_web.tables.states import AppointmentState
from booking_web.tables.waiting import WaitingEntry, WaitingState
from provisioning.database.models import (
    Counter,
    Kiosk,
    Organisation,
    Relay,
    User,
    VisitReason,
)
from tests.integration.booking_web.api.public.conftest import NOW

PARIS = ZoneInfo("Europe/Paris")
HEAD = "reference;relais;organisme;date;heure;nom;motif"
# The doors, in the order of the table's columns.
SLOT, TYPED, WALK_IN, OFFER, PREVIEW, IMPORT, API = DOORS = (
    "a slot of the desk's list",
    "an hour typed at the desk",
    "a resident who is there",
    "an offer to who waits",
    "an import's preview",
    "an import",
    "the public API",
)
BOOKED, WAITS = "booked", "waits in the line"
# What the pages say, by a word for it.
SENTENCES = {
    "past": "Cette heure est passée.",
    "a year": "Cette date est trop loin : un an au plus.",
    "just taken": "Cette heure vient d'être prise",
    "kiosk taken": "La borne est déjà prise",
    "no kiosk": "Ce relais n'a pas de borne.",
    "no counter": "Cet organisme n'a pas de guichet.",
    "no such reason": "Ce motif n'est plus proposé.",
}
OUTSIDE = "booked, outside hours"
IN_HOURS = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
# Doors that a rule has nothing to say to: a resident who is there names no hour, the desk's one
# field names the reason and with it the organisation, a line of a file keeps as words what is
# none of the list.
NONE = None


def days(number: int) -> datetime:
    return IN_HOURS + timedelta(days=number)


# The rule, the hour, the reason, and what each door says: see DOORS.
TABLE = {
    "nothing": (
        (IN_HOURS, ""),
        (BOOKED, BOOKED, BOOKED, BOOKED, BOOKED, BOOKED, BOOKED),
    ),
    "the hour is past": (
        (days(-2), ""),
        ("past", "past", NONE, "just taken", "past", "past", "too-early"),
    ),
    "the hour is more than a year away": (
        (days(400), ""),
        ("a year", "a year", NONE, "just taken", "too_far", "too_far", "too-late"),
    ),
    "the organisation wants notice": (
        (NOW.replace(hour=10, minute=0), ""),
        ("just taken", BOOKED, NONE, "just taken", BOOKED, BOOKED, "too-early"),
    ),
    "the organisation does not look so far ahead": (
        (days(80), ""),
        ("just taken", BOOKED, NONE, "just taken", BOOKED, BOOKED, "too-late"),
    ),
    "it is none of every five minutes": (
        (IN_HOURS + timedelta(minutes=2), ""),
        ("just taken", BOOKED, NONE, "just taken", BOOKED, BOOKED, "off-grid"),
    ),
    "no appointment of theirs begins then": (
        (IN_HOURS + timedelta(minutes=5), ""),
        ("just taken", BOOKED, NONE, "just taken", BOOKED, BOOKED, "off-grid"),
    ),
    "it is outside the hours": (
        (IN_HOURS + timedelta(hours=6), ""),
        ("just taken", OUTSIDE, NONE, "just taken", BOOKED, BOOKED, "outside-hours"),
    ),
    "the relay is not served": (
        (IN_HOURS, ""),
        ("just taken", OUTSIDE, OUTSIDE, "just taken", BOOKED, BOOKED, "outside-hours"),
    ),
    "nobody has such a reason": (
        (IN_HOURS, "nobodys"),
        (*["no such reason"] * 3, NONE, BOOKED, BOOKED, "unknown-reason"),
    ),
    "the reason is another organisation's": (
        (IN_HOURS, "mission-locale-cv"),
        (NONE, NONE, NONE, "just taken", BOOKED, BOOKED, "unknown-reason"),
    ),
    "the relay has no kiosk": (
        (IN_HOURS, ""),
        (*["no kiosk"] * 3, "just taken", "no_kiosk", "no_kiosk", "no-kiosk"),
    ),
    "the organisation has no counter": (
        (IN_HOURS, ""),
        (*["no counter"] * 3, "just taken", "no_counter", "no_counter", "no-counter"),
    ),
    "somebody has the hour": (
        (IN_HOURS, ""),
        (
            "just taken",
            "kiosk taken",
            WAITS,
            "just taken",
            "kiosk_taken",
            "kiosk_taken",
            "slot-taken",
        ),
    ),
}


@pytest.fixture
def world(app, desk, msa, database) -> SimpleNamespace:
    """Give the doors on a day on which the MSA, open from nine to noon, wants notice."""
    with database.write() as session:
        ids = {
            slug: session.scalars(select(table.id).where(table.slug == slug)).one()
            for table, slug in (
                (Organisation, "msa"),
                (Relay, "wassigny"),
            )
        }
        session.add(BookingRules(organisation_id=ids["msa"], lead_minutes=90))
        reason_id = session.scalars(
            select(VisitReason.id).where(VisitReason.slug == "mission-locale-cv")
        ).one()
        user_id = session.scalars(
            select(User.id).where(User.email == "responsable@msa.example")
        ).one()
        resident = Resident(
            relay_id=ids["wassigny"],
            name="M. Roy",
            search_key="roy",
            telephone="",
            email="",
            created_at=NOW,
            created_by_id=user_id,
            seen_at=NOW,
        )
        session.add(resident)
        session.flush()
        return SimpleNamespace(
            desk=desk,
            api=msa,
            database=database,
            scope=Scope(user_id=user_id, actor=f"user:{user_id}"),
            resident_id=resident.id,
            reason_id=reason_id,
            user_id=user_id,
            **{slug.partition("-")[0]: number for slug, number in ids.items()},
        )


def prepare(world, rule: str) -> None:
    """Have the rule broken where the hour and the reason alone do not break it."""
    with world.database.write() as session:
        if rule == "the relay is not served":
            session.add(
                RelayRules(
                    organisation_id=world.msa, relay_id=world.wassigny, is_served=False
                )
            )
        if rule == "the relay has no kiosk":
            session.execute(delete(Kiosk).where(Kiosk.relay_id == world.wassigny))
        if rule == "the organisation has no counter":
            counters = select(Counter.id).where(Counter.organisation_id == world.msa)
            session.execute(delete(Opening).where(Opening.counter_id.in_(counters)))
            session.execute(delete(Counter).where(Counter.organisation_id == world.msa))
    if rule == "somebody has the hour":
        for when in (
            {"when": "now"},
            {"when": "at", "day": "2026-11-25", "hour": "09:00"},
        ):
            answer = world.desk.book(
                resident_name="Mme Avant",
                organisation="mission-locale-thierache",
                **when,
            )
            assert answer.status_code == 303


def free_again(world, kept: set[int]) -> None:
    """Have what a door booked out of the way of the next one."""
    with world.database.write() as session:
        made = session.scalars(select(Appointment).where(Appointment.id.not_in(kept)))
        for each in made:
            if each.state in (AppointmentState.BOOKED, AppointmentState.ARRIVED):
                cancel(session, each, "user:1", NOW)


def said_by_page(answer, follow: Callable[[str], str]) -> str:
    """Give the word for what a page says."""
    is_booked = answer.status_code == 303
    page = html.unescape(follow(answer.location) if is_booked else answer.text)
    page = page.replace("\N{NO-BREAK SPACE}", " ")
    for word, sentence in SENTENCES.items():
        if sentence in page:
            return word
    assert is_booked, re.findall(r"<li><a href=.#[^<]*<", page)
    if "attend dans la file" in page:
        return WAITS
    return OUTSIDE if "hors des heures publiées" in page else BOOKED


def at_the_desk(when: str) -> Callable[..., str]:
    def book(world, starts_at: datetime, reason: str) -> str:
        local = starts_at.astimezone(PARIS)
        answer = world.desk.book(
            organisation=f"motif:{reason}" if reason else "msa",
            when=when.format(starts_at),
            day=f"{local:%Y-%m-%d}",
            hour=f"{local:%H:%M}",
            submission=f"{when} {starts_at} {reason}",
        )
        return said_by_page(answer, lambda place: world.desk.client.get(place).text)

    return book


def to_who_waits(world, starts_at: datetime, reason: str) -> str:
    with world.database.write() as session:
        entry = WaitingEntry(
            relay_id=world.wassigny,
            organisation_id=world.msa,
            visit_reason_id=world.reason_id if reason else None,
            resident_id=world.resident_id,
            state=WaitingState.WAITING,
            passed=[],
            created_at=NOW,
            created_by_id=world.user_id,
        )
        session.add(entry)
        session.flush()
        number = entry.id
    token = world.desk.form().values["csrf_token"]
    answer = world.desk.client.post(
        f"/bureau/attente/{number}/prendre",
        data={"csrf_token": token, "slot": f"{starts_at:%Y-%m-%dT%H:%MZ}@wassigny"},
    )
    return said_by_page(answer, lambda place: world.desk.client.get(place).text)


def by_a_file(work: Callable) -> Callable[..., str]:
    def book(world, starts_at: datetime, reason: str) -> str:
        local = starts_at.astimezone(PARIS)
        cells = (
            "A1",
            "Relais de Wassigny",
            "MSA",
            f"{local:%d/%m/%Y}",
            f"{local:%H:%M}",
            "Mme Petit",
            reason,
        )
        content = f"{HEAD}\r\n{';'.join(cells)}".encode()
        [line] = work(world.database, content, world.scope, NOW).lines
        return str(line.why) if line.why else BOOKED

    return book


def by_a_program(world, starts_at: datetime, reason: str) -> str:
    answer = world.api.book(starts_at=starts_at.isoformat(), reason=reason or None)
    if answer.status_code == 201:
        return BOOKED
    return answer.json["type"].rpartition(":")[2]


BOOK = {
    SLOT: at_the_desk("{:%Y-%m-%dT%H:%MZ}@wassigny"),
    TYPED: at_the_desk("at"),
    WALK_IN: at_the_desk("now"),
    OFFER: to_who_waits,
    PREVIEW: by_a_file(preview),
    IMPORT: by_a_file(run_import),
    API: by_a_program,
}


@pytest.mark.parametrize("rule", TABLE)
def test_every_door_is_held_to_the_rule(world, rule) -> None:
    (starts_at, reason), expected = TABLE[rule]
    prepare(world, rule)
    with world.database.read() as session:
        kept = set(session.scalars(select(Appointment.id)))
    said = {}
    for door, wanted in zip(DOORS, expected, strict=True):
        if wanted is not NONE:
            said[door] = BOOK[door](world, starts_at, reason)
            free_again(world, kept)
    told = dict(zip(DOORS, expected, strict=True))
    assert said == {door: word for door, word in told.items() if word is not NONE}

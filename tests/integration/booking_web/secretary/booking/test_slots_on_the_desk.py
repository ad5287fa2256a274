# SPDX-License-Identifier: AGPL-3.0-or-later
"""Free slots on the page, here and at neighbours; the line; the waiting list."""

import html
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select, update

from booking_web.domain.kiosks.presence import write_presence
from booking_web.tables.appointment import Appointment, CounterSlot
from booking_web.tables.hours import Opening
from booking_web.tables.presence import Presence
from booking_web.tables.states import AppointmentState as State
from booking_web.tables.waiting import WaitingEntry
from provisioning.database.models import (
    Counsellor,
    Counter,
    Kiosk,
    Organisation,
    Relay,
    VisitReason,
)
from stage.keyboard_desk import publish_hours

PARIS = ZoneInfo("Europe/Paris")
ORGANISATION = "sous-prefecture-vervins"
CARD = "motif:sous-prefecture-carte-grise"
# A Tuesday, 10:02 in Paris.
NOW = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)
NEIGHBOUR = "mairie@guise.example"


def read(answer) -> str:
    return html.unescape(answer.text).replace("\u00a0", " ")


def appointments(database) -> list[Appointment]:
    with database.read() as session:
        return list(session.scalars(select(Appointment).order_by(Appointment.id)))


def entries(database) -> list[WaitingEntry]:
    with database.read() as session:
        return list(session.scalars(select(WaitingEntry).order_by(WaitingEntry.id)))


def slots_of(page: str) -> list[str]:
    return re.findall(r'name="when" value="([^"]+@[^"]+)"', page)


def chosen_in(page: str) -> list[str]:
    return re.findall(r'name="when" value="([^"]+)" checked', page)


def look(desk, subject: str = CARD, relay: str = "wassigny") -> str:
    query = {"organisation": subject, "relay": relay}
    return read(desk.client.get("/bureau/creneaux", query_string=query))


@pytest.fixture
def desks(new_app, ground, visitor, database):
    """Give the secretaries of Wassigny and Guise, on a Tuesday at 10:02."""
    publish_hours(database, ORGANISATION)
    app = new_app(ground, now=lambda: NOW)
    found = []
    for email in ("mairie@wassigny.example", NEIGHBOUR):
        found.append(type(visitor)(app.test_client(), ground.passwords))
        found[-1].sign_in(email)
    return found


@pytest.fixture
def desk_at_ten(desks):
    """Give the secretary of Wassigny."""
    return desks[0]


def everybody_there(database) -> None:
    """Have the dispatcher hear the kiosk of Wassigny and both organisations' counsellors."""
    with database.write() as session:
        counsellors = {
            (each.organisation.slug, each.slug): Presence.READY
            for each in session.scalars(select(Counsellor))
        }
        kiosks = {"kiosk-wassigny": Presence.READY}
        write_presence(session, kiosks, counsellors, NOW, is_all=True)


def close_but(database, opens_minute: int, closes_minute: int) -> None:
    """Leave one stretch of the day to be booked."""
    with database.write() as session:
        session.execute(
            update(Opening).values(
                opens_minute=opens_minute,
                closes_minute=closes_minute,
                last_day=NOW.date(),
            )
        )


def close_the_first_counter(database) -> tuple[int, int]:
    """Give its hours to a second one; return the numbers of the open and the closed one."""
    with database.write() as session:
        closed = session.scalars(
            select(Counter).join(Organisation).where(Organisation.slug == ORGANISATION)
        ).one()
        opened = Counter(slug="open", name="2", organisation_id=closed.organisation_id)
        session.add(opened)
        session.flush()
        session.execute(update(Opening).values(counter_id=opened.id))
        return opened.id, closed.id


def test_the_next_slots_are_shown_here_and_at_neighbours_with_their_distance(
    desk_at_ten,
) -> None:
    page = look(desk_at_ten)
    slots = slots_of(page)
    assert slots[0] == "2026-11-24T09:30Z@wassigny"
    assert " checked" not in page
    assert "Aujourd'hui" in page and "jeudi 26 novembre" in page
    assert any(slot.endswith("@guise") for slot in slots)
    assert "Relais de Guise, à 13 km" in page
    assert "Ancienne carte grise" in page


def test_a_form_that_names_no_hour_books_nothing(desk_at_ten, database) -> None:
    form = desk_at_ten.form()
    assert "when" not in form.values
    form.values |= {"resident_name": "Mme Roy", "organisation": CARD}
    refused = desk_at_ten.client.post(form.action, data=form.values)
    assert refused.status_code == 422
    assert "une heure libre ou une date." in read(refused)
    assert chosen_in(refused.text) == []
    assert appointments(database) == []


@pytest.mark.parametrize("when", ["now", "at", "2026-11-24T10:00Z@wassigny", ""])
def test_looking_for_hours_leaves_what_was_chosen(desk_at_ten, when) -> None:
    looked = desk_at_ten.book(organisation=CARD, when=when, look="1")
    page = read(looked)
    assert "2026-11-24T09:30Z@wassigny" in slots_of(page)
    assert chosen_in(page) == ([when] if when else [])


def test_a_slot_is_booked_with_its_reason_length_and_resident(
    desk_at_ten, database
) -> None:
    slot = slots_of(look(desk_at_ten))[0]
    answer = desk_at_ten.book(organisation=CARD, when=slot)
    assert answer.status_code == 303
    [made] = appointments(database)
    assert made.state == State.BOOKED
    assert made.ends_at - made.starts_at == timedelta(minutes=20)
    with database.read() as session:
        reason = session.get(VisitReason, made.visit_reason_id)
        assert reason.slug == "sous-prefecture-carte-grise"
        assert session.get(Counter, made.counter_id).slug == f"{ORGANISATION}-1"
    page = read(desk_at_ten.client.get(answer.location))
    assert "À apporter : " in page and "hors des heures" not in page


def test_a_slot_taken_meanwhile_is_said_with_those_that_are_free_and_all_is_kept(
    desks, database
) -> None:
    here, there = desks
    slot = slots_of(look(here))[0]
    taken = slot.replace("@wassigny", "@guise")
    assert there.book(organisation=CARD, when=taken).status_code == 303
    refused = here.book(
        resident_name="Mme Roy", organisation=CARD, when=slot, reason="achat"
    )
    assert refused.status_code == 409
    page = read(refused)
    assert "Cette heure vient d'être prise" in page
    assert 'value="Mme Roy"' in page and 'value="achat"' in page
    assert slot not in slots_of(page)
    assert "2026-11-24T10:00Z@wassigny" in slots_of(page)
    assert chosen_in(page) == []
    offered = re.search(r'name="proposed" value="([^"]+)"', page)[1]
    assert offered == "2026-11-24 11:00"
    assert len(appointments(database)) == 1


def test_the_town_hall_books_and_sees_and_cancels_at_a_neighbour(
    desks, database
) -> None:
    here, there = desks
    slot = next(s for s in slots_of(look(here)) if s.endswith("@guise"))
    answer = here.book(resident_name="Mme Roy", organisation=CARD, when=slot)
    [made] = appointments(database)
    with database.read() as session:
        relay_id = session.get(Kiosk, made.kiosk_id).relay_id
        assert session.get(Relay, relay_id).slug == "guise"
    own = read(here.client.get(answer.location))
    assert "Mme Roy" in own and "À la borne du Relais de Guise" in own
    theirs = read(there.client.get(answer.location))
    assert "Mme Roy" in theirs and "À la borne du" not in theirs
    assert here.press(made.id, "annuler").status_code == 303
    assert appointments(database)[0].state == State.CANCELLED


def test_an_hour_agreed_by_telephone_outside_the_published_ones_is_said(
    desk_at_ten, database
) -> None:
    answer = desk_at_ten.book(
        organisation=CARD, when="at", day="2026-11-28", hour="10:00"
    )
    page = read(desk_at_ten.client.get(answer.location))
    assert "Attention : hors des heures publiées" in page


def test_an_hour_agreed_by_telephone_takes_a_counter_that_is_open_then_any_other(
    desks, database
) -> None:
    expected = list(close_the_first_counter(database))
    # Not on the grid of starts that are offered, but within the hours.
    agreed = {"organisation": CARD, "when": "at", "day": "2026-11-25", "hour": "10:05"}
    told = []
    for each in desks:
        answer = each.book(resident_name="Mme Roy", **agreed)
        told.append(read(each.client.get(answer.location)))
    assert [each.counter_id for each in appointments(database)] == expected
    assert not any("hors des heures publiées" in page for page in told)


def test_now_is_said_to_be_outside_the_hours_where_no_counter_is_open(
    desk_at_ten, database
) -> None:
    said = "Hors des heures publiées"
    assert said not in look(desk_at_ten)
    assert said not in look(desk_at_ten, "msa")
    everybody_there(database)
    close_but(database, 14 * 60, 17 * 60)
    looked = look(desk_at_ten)
    assert "la borne appelle aussitôt. Hors des heures publiées" in looked
    answer = desk_at_ten.book(organisation=CARD, when="now")
    page = read(desk_at_ten.client.get(answer.location))
    assert "Attention : hors des heures publiées" in page
    [made] = appointments(database)
    assert made.state == State.ARRIVED


def test_now_takes_a_counter_that_is_open_though_the_call_may_outlast_its_hours(
    desk_at_ten, database
) -> None:
    close_but(database, 9 * 60, 10 * 60 + 5)
    opened_id, _ = close_the_first_counter(database)
    answer = desk_at_ten.book(organisation=CARD, when="now")
    assert "hors des heures" not in read(desk_at_ten.client.get(answer.location))
    assert [each.counter_id for each in appointments(database)] == [opened_id]


def test_a_slot_withdrawn_meanwhile_is_not_booked(desk_at_ten, database) -> None:
    slot = slots_of(look(desk_at_ten))[0]
    with database.write() as session:
        session.execute(delete(Opening))
    refused = desk_at_ten.book(organisation=CARD, when=slot)
    assert refused.status_code == 409
    assert appointments(database) == []


@pytest.mark.parametrize(
    "when", ["2026-13-45T09:00Z@wassigny", "2026-11-24T09:30Z@moon", "x@y", ""]
)
def test_a_slot_that_is_none_is_refused(desk_at_ten, database, when) -> None:
    refused = desk_at_ten.book(organisation=CARD, when=when)
    assert refused.status_code == 422
    assert appointments(database) == []


def test_a_reason_removed_meanwhile_is_said_and_the_rest_kept(
    desk_at_ten, database
) -> None:
    form = desk_at_ten.form()
    with database.write() as session:
        session.execute(
            delete(VisitReason).where(VisitReason.slug == CARD.partition(":")[2])
        )
    refused = desk_at_ten.book(form, organisation=CARD, reason="achat")
    assert refused.status_code == 422
    assert "Ce motif n'est plus proposé." in read(refused)
    assert 'value="achat"' in read(refused)


def test_without_a_slot_the_page_says_why_whom_to_call_and_when(
    desk_at_ten, database
) -> None:
    unpublished = look(desk_at_ten, "msa")
    assert "Cet organisme n'a pas publié d'horaires." in unpublished
    assert "01 99 00 20 03" in unpublished
    assert "liste d'attente" not in unpublished
    close_but(database, 9 * 60, 9 * 60 + 30)
    over = look(desk_at_ten)
    assert slots_of(over) == []
    assert "Mettre sur la liste d'attente" in over


def test_now_waits_in_the_line_where_the_kiosk_is_taken(desk_at_ten, database) -> None:
    everybody_there(database)
    assert "la borne appelle aussitôt" in look(desk_at_ten, "msa")
    desk_at_ten.book(resident_name="Mme Roy", organisation="msa", when="now")
    assert "Premier dans la file" in look(desk_at_ten)
    answer = desk_at_ten.book(resident_name="M. Benali", organisation=CARD, when="now")
    assert answer.status_code == 303
    waits = appointments(database)[-1]
    assert (waits.in_line, waits.state) == (True, State.ARRIVED)
    assert "M. Benali attend dans la file" in read(
        desk_at_ten.client.get(answer.location)
    )


def wish(desk, name: str, until: str = "", subject: str = CARD):
    return desk.book(
        resident_name=name, organisation=subject, wait="1", until=until, when="now"
    )


def act(desk, entry_id: int, what: str, slot: str = ""):
    token = desk.form().values["csrf_token"]
    return desk.client.post(
        f"/bureau/attente/{entry_id}/{what}", data={"csrf_token": token, "slot": slot}
    )


def offered(desk) -> list[tuple[str, str]]:
    """Give who is offered what on the desk."""
    page = read(desk.client.get("/bureau"))
    found = re.findall(
        r'attente/(\d+)/prendre">.*?name="slot" value="([^"]+)"', page, re.S
    )
    return [(number, slot) for number, slot in found]


def test_a_freed_slot_is_offered_to_the_first_it_suits_and_goes_to_one(
    desks, database
) -> None:
    here, there = desks
    close_but(database, 11 * 60, 11 * 60 + 20)
    only = "2026-11-24T10:00Z@wassigny"
    there.book(
        resident_name="Mme Roy",
        organisation=CARD,
        when=only.replace("wassigny", "guise"),
    )
    assert wish(here, "M. Benali").status_code == 303
    assert wish(there, "Mme Petit").status_code == 303
    first, second = entries(database)
    assert offered(here) == offered(there) == []
    assert "Attend qu'une heure se libère" in read(here.client.get("/bureau/attente"))
    there.press(appointments(database)[0].id, "annuler")
    assert offered(here) == [(str(first.id), only)]
    assert offered(there) == []
    renewed = read(here.client.get("/bureau/attente/offres"))
    assert "M. Benali" in renewed and "<html" not in renewed
    # Passed on, it is the next one's; the first keeps their place for other hours.
    act(here, first.id, "passer", only)
    assert offered(here) == []
    assert offered(there) == [(str(second.id), only.replace("wassigny", "guise"))]
    assert act(there, second.id, "prendre", offered(there)[0][1]).status_code == 303
    late = act(here, first.id, "prendre", only)
    assert "vient d'être prise" in read(here.client.get(late.location))
    again = act(there, second.id, "prendre", only)
    assert "n'est plus sur la liste" in read(there.client.get(again.location))
    states = [each.state for each in entries(database)]
    assert states == ["waiting", "booked"]
    booked = appointments(database)[-1]
    assert entries(database)[1].appointment_id == booked.id
    assert booked.resident_name == "Mme Petit"
    with database.read() as session:
        holders = set(session.scalars(select(CounterSlot.appointment_id)))
    assert holders == {booked.id}


def test_the_last_day_of_a_wish_is_honoured(desk_at_ten, database) -> None:
    wish(desk_at_ten, "M. Benali", until="2026-11-24")
    wish(desk_at_ten, "Mme Petit")
    assert len(offered(desk_at_ten)) == 2
    with database.write() as session:
        session.execute(
            update(Opening).values(first_day=NOW.date() + timedelta(days=1))
        )
    [(number, slot)] = offered(desk_at_ten)
    assert number == str(entries(database)[1].id)
    assert slot.startswith("2026-11-25")
    refused = wish(desk_at_ten, "Mme Roy", until="2026-11-23")
    assert refused.status_code == 422 and "Ce jour est passé." in read(refused)


def test_a_wish_is_withdrawn_and_put_back_by_its_own_town_hall_only(
    desks, database
) -> None:
    here, there = desks
    wish(here, "M. Benali")
    wish(here, "M. Benali")
    [entry] = entries(database)
    for what in ("prendre", "passer", "retirer", "remettre"):
        answer = act(there, entry.id, what, "2026-11-24T10:00Z@guise")
        assert answer.status_code == 404
    assert "M. Benali" not in read(there.client.get("/bureau/attente"))
    act(here, entry.id, "retirer")
    assert entries(database)[0].state == "withdrawn"
    assert "Retirés de la liste" in read(here.client.get("/bureau/attente"))
    act(here, entry.id, "remettre")
    assert entries(database)[0].state == "waiting"
    assert act(here, entry.id, "prendre", "nonsense").status_code == 400


def test_a_relay_without_a_place_is_offered_without_a_distance(
    desk_at_ten, database
) -> None:
    with database.write() as session:
        session.execute(update(Relay).values(latitude=None, longitude=None))
        session.execute(update(Organisation).values(telephone=""))
    page = look(desk_at_ten)
    assert "Relais de" in page and " km" not in page

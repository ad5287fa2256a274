# SPDX-License-Identifier: AGPL-3.0-or-later
"""Moving, cancelling and missing an appointment, as the secretary does it: with a reason."""

import html
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.hours import Opening
from booking_web.tables.journal_acts import READINGS
from booking_web.tables.states import AppointmentState as State
from provisioning.database.models import Counter, Organisation

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
TOMORROW = {"when": "at", "day": "2026-11-25", "hour": "10:00"}


@pytest.fixture
def app(new_app, ground):
    """Give the application at noon of a Tuesday."""
    return new_app(ground, now=lambda: NOON)


@pytest.fixture
def booked(desk, database) -> int:
    """Give the number of an appointment of tomorrow."""
    desk.book(**TOMORROW)
    return appointment(database).id


def appointment(database) -> Appointment:
    with database.read() as session:
        return session.scalars(select(Appointment).order_by(Appointment.id)).first()


def page_of(desk, number: int, act: str) -> str:
    return html.unescape(desk.client.get(f"/bureau/rendez-vous/{number}/{act}").text)


def send(desk, number: int, act: str, **values: str):
    token = desk.form().values["csrf_token"]
    return desk.client.post(
        f"/bureau/rendez-vous/{number}/{act}", data={"csrf_token": token} | values
    )


def publish(database) -> None:
    """Have the MSA open every weekday from nine to twelve."""
    with database.write() as session:
        counter = session.scalars(
            select(Counter).join(Counter.organisation).where(Organisation.slug == "msa")
        ).first()
        session.add(
            Opening(
                counter_id=counter.id,
                first_day=NOON.date(),
                weekdays=0b11111,
                opens_minute=9 * 60,
                closes_minute=12 * 60,
            )
        )


def offered(page: str) -> list[str]:
    return re.findall(r'name="place" id="place-\d+" value="([^"]+)"', page)


def entries(database) -> list[tuple[str, str]]:
    with database.read() as session:
        done = select(JournalEntry).where(JournalEntry.act.not_in(READINGS))
        rows = session.scalars(done.order_by(JournalEntry.id))
        return [(entry.act, entry.detail) for entry in rows]


def test_an_hour_agreed_by_telephone_takes_a_counter_that_is_open(
    desk, database, booked
) -> None:
    publish(database)
    with database.write() as session:
        opening = session.scalars(select(Opening)).one()
        organisation_id = session.get_one(Counter, opening.counter_id).organisation_id
        opened = Counter(slug="open", name="2", organisation_id=organisation_id)
        session.add(opened)
        session.flush()
        opening.counter_id = opened.id
        expected = opened.id
    # Within the hours, though no appointment is offered five minutes past.
    agreed = {"day": "2026-11-26", "hour": "10:05"}
    send(desk, booked, "deplacer", place="at", **agreed)
    assert appointment(database).counter_id == expected


def test_another_hour_agreed_by_telephone_is_where_it_is_moved(
    desk, database, booked
) -> None:
    assert "n'a pas publié d'heures" in page_of(desk, booked, "deplacer")
    answer = send(
        desk,
        booked,
        "deplacer",
        place="at",
        day="2026-11-26",
        hour="14:30",
        raison="illness",
    )
    assert answer.status_code == 303
    moved = appointment(database)
    assert moved.starts_at == datetime(2026, 11, 26, 13, 30, tzinfo=UTC)
    act, detail = entries(database)[-1]
    assert act == "rescheduled" and detail.endswith("illness")
    assert "Rendez-vous déplacé" in html.unescape(desk.client.get(answer.location).text)


def test_the_next_free_slots_are_offered_and_one_is_taken_in_one_click(
    desk, database, booked
) -> None:
    publish(database)
    values = offered(page_of(desk, booked, "deplacer"))
    assert values[0].startswith("2026-11-25T08:00Z@")
    # Its own present hour is no change.
    assert not any(value.startswith("2026-11-25T09:00Z") for value in values)
    answer = send(desk, booked, "deplacer", place=values[1])
    page = html.unescape(desk.client.get(answer.location).text)
    assert "hors des heures publiées" not in page
    assert appointment(database).starts_at == datetime(2026, 11, 25, 8, 30, tzinfo=UTC)


def test_an_hour_outside_the_published_ones_is_possible_and_said(
    desk, database, booked
) -> None:
    publish(database)
    answer = send(desk, booked, "deplacer", place="at", day="2026-11-26", hour="16:00")
    page = html.unescape(desk.client.get(answer.location).text)
    assert "hors des heures publiées" in page


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ({"place": ""}, 422, "Choisissez une heure."),
        ({"place": "2026-11-25T08:00Z@"}, 422, "Choisissez une heure."),
        ({"place": "at", "day": "demain", "hour": "9:00"}, 422, "Écrivez la date"),
        ({"place": "at", "day": "2026-11-26", "hour": "neuf"}, 422, "Écrivez l'heure"),
        (
            {"place": "at", "day": "2026-11-23", "hour": "9:00"},
            422,
            "Cette heure est passée.",
        ),
        ({"place": "at", "day": "2028-11-23", "hour": "9:00"}, 422, "trop loin"),
        (
            {"place": "at", "day": "2027-03-28", "hour": "2:30"},
            422,
            "on passe à l'heure d'été",
        ),
        (
            {"place": "at", "day": "2026-11-26", "hour": "9:00", "raison": "colère"},
            422,
            "Choisissez la raison dans la liste.",
        ),
        ({"place": "2026-11-25T08:00Z@nulle-part"}, 404, ""),
    ],
)
def test_what_cannot_be_done_is_said_and_kept(
    desk, database, booked, typed, status, words
) -> None:
    answer = send(desk, booked, "deplacer", **typed)
    page = html.unescape(answer.text)
    assert answer.status_code == status
    assert words in page
    if status == 422:
        for field in ("day", "hour"):
            assert not typed.get(field) or f'value="{typed[field]}"' in page
    unmoved = appointment(database)
    assert (unmoved.starts_at, unmoved.sequence) == (
        datetime(2026, 11, 25, 9, 0, tzinfo=UTC),
        0,
    )


def test_an_hour_taken_meanwhile_says_the_next_free_one(desk, database, booked) -> None:
    desk.book(**TOMORROW | {"hour": "15:00", "resident_name": "Mme Petit"})
    answer = send(desk, booked, "deplacer", place="at", day="2026-11-25", hour="15:00")
    page = html.unescape(answer.text)
    assert answer.status_code == 409
    assert "La borne est déjà prise à cette heure." in page
    assert "La prochaine heure libre est" in page and "15 h 30" in page


def test_what_is_over_is_not_moved(desk, database, booked) -> None:
    send(desk, booked, "annuler")
    answer = desk.client.get(f"/bureau/rendez-vous/{booked}/deplacer")
    assert answer.status_code == 303
    page = html.unescape(desk.client.get(answer.location).text)
    assert "il ne peut plus être déplacé" in page


@pytest.mark.parametrize(
    ("act", "state"), [("annuler", State.CANCELLED), ("absent", State.NO_SHOW)]
)
def test_an_end_asks_once_and_keeps_its_reason(
    desk, database, booked, act, state
) -> None:
    page = page_of(desk, booked, act)
    assert "M. Dupont" in page and "Pour quelle raison ?" in page
    assert appointment(database).state == State.BOOKED
    refused = send(desk, booked, act, raison="parce que")
    assert refused.status_code == 422
    assert "Choisissez la raison" in html.unescape(refused.text)
    assert send(desk, booked, act, raison="organisation_asked").status_code == 303
    ended = appointment(database)
    assert (ended.state, ended.state_reason) == (state, "organisation_asked")
    list_page = html.unescape(desk.client.get("/bureau?jour=2026-11-25").text)
    assert "À la demande de l'organisme." in list_page


def test_another_relays_appointment_is_not_found(app, ground, desk, booked) -> None:
    neighbour = type(desk)(app.test_client(), ground.passwords)
    neighbour.sign_in("mairie@guise.example")
    for act in ("deplacer", "annuler", "absent"):
        address = f"/bureau/rendez-vous/{booked}/{act}"
        assert neighbour.client.get(address).status_code == 404
        assert send(neighbour, booked, act, place="at").status_code == 404


def test_the_hours_are_offered_by_day_a_few_at_once_and_the_rest_behind_one_press(
    desk, database, booked
) -> None:
    publish(database)
    page = page_of(desk, booked, "deplacer")
    days = page.split('class="move-day"')[1:]
    assert len(days) == 3
    for day in days:
        few, _, others = day.partition('class="more-hours"')
        assert len(offered(few)) == 3
        assert offered(others.partition("</details>")[0])
    assert 'class="more-hours" open' not in page
    # What was chosen behind the press is seen when the page comes back.
    hidden = offered(days[1].partition('class="more-hours"')[2])[0]
    answer = send(desk, booked, "deplacer", place=hidden, raison="nonsense")
    assert answer.status_code == 422
    assert html.unescape(answer.text).count('class="more-hours" open') == 1

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The secretary's page: what is typed, what is answered, what each button does."""

import html
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select, update

from booking_web.domain.appointments.lifecycle import move
from booking_web.tables.appointment import Appointment, JournalEntry, KioskSlot
from booking_web.tables.journal_acts import READINGS
from booking_web.tables.states import AppointmentState as State
from provisioning.database.models import Relay

PARIS = ZoneInfo("Europe/Paris")
NEIGHBOUR = "mairie@guise.example"
TRACES = ("Traceback", "sqlalchemy", "werkzeug", "Internal Server Error")


def read(answer) -> str:
    """Give the page as it is read: with its characters, not their HTML names."""
    return html.unescape(answer.text)


def appointments(database) -> list[Appointment]:
    with database.read() as session:
        return list(session.scalars(select(Appointment).order_by(Appointment.id)))


def id_of(answer) -> int:
    return int(answer.location.rpartition("-")[2])


def tomorrow_at(hour: int, minute: int = 0) -> dict[str, str]:
    day = datetime.now(PARIS).date() + timedelta(days=1)
    return {"when": "at", "day": day.isoformat(), "hour": f"{hour}:{minute:02}"}


def set_state(database, appointment_id: int, *states: State, reason: str = "") -> None:
    with database.write() as session:
        appointment = session.get_one(Appointment, appointment_id)
        appointment.call_requested_at = None
        for state in states:
            at = datetime.now(UTC)
            why = reason if state is states[-1] else ""
            move(session, appointment, state, actor="dispatcher", at=at, reason=why)
            session.flush()


def test_an_empty_day_says_what_to_do(desk) -> None:
    page = read(desk.client.get("/bureau"))
    assert "Aucun rendez-vous aujourd'hui." in page
    assert "Tapez son nom dans le formulaire" in page


def test_a_booking_now_is_in_the_list_and_asks_for_its_call(desk, database) -> None:
    answer = desk.book(reason="carte grise")
    [appointment] = appointments(database)
    assert answer.location == f"/bureau#rendez-vous-{appointment.id}"
    assert appointment.state == State.ARRIVED
    assert appointment.call_requested_at is not None
    page = read(desk.client.get(answer.location))
    assert "Rendez-vous enregistré\u00a0: M. Dupont, Mutualité sociale agricole" in page
    assert "Appel demandé" in page
    assert "MSA – carte grise" in page


def test_a_booking_for_another_day_opens_that_day(desk, database) -> None:
    answer = desk.book(**tomorrow_at(14, 30))
    [appointment] = appointments(database)
    assert appointment.state == State.BOOKED
    assert appointment.starts_at.astimezone(PARIS).strftime("%H:%M") == "14:30"
    page = read(desk.client.get(answer.location))
    assert "14 h 30" in page and "Réservé" in page
    assert "M. Dupont" not in read(desk.client.get("/bureau")).partition("day-title")[2]


@pytest.mark.parametrize(
    ("typed", "status", "answer"),
    [
        ({"resident_name": ""}, 422, "Écrivez le nom de l'usager."),
        ({"resident_name": "   \t "}, 422, "Écrivez le nom de l'usager."),
        ({"resident_name": "N" * 10_000}, 422, "120 caractères au plus"),
        ({"resident_name": "😀" * 10_000}, 422, "120 caractères au plus"),
        ({"resident_name": "M. \x07Dupont"}, 422, "caractères illisibles"),
        ({"resident_name": "M. \u202eDupont"}, 422, "caractères illisibles"),
        ({"resident_name": "😀"}, 422, "Écrivez le nom avec des lettres"),
        ({"reason": "r" * 201}, 422, "200 caractères au plus"),
        ({"organisation": ""}, 422, "Choisissez un motif ou un organisme."),
        ({"organisation": "motif:gone"}, 422, "Ce motif n'est plus proposé."),
        ({"telephone": "06 12"}, 422, "Ce numéro n'existe pas."),
        ({"email": "nom@"}, 422, "Cette adresse n'est pas complète."),
        ({"organisation": "nasa"}, 422, "Cet organisme n'existe pas."),
        ({"relay": "guise"}, 422, "Ce relais n'existe pas."),
        ({"when": "someday"}, 422, "ou une date."),
        ({"when": "at", "day": "", "hour": ""}, 422, "Écrivez la date, par exemple"),
        ({"when": "at", "day": "2026-02-30", "hour": "10:00"}, 422, "Écrivez la date"),
        ({"when": "at", "day": "demain", "hour": "10:00"}, 422, "Écrivez la date"),
        (
            {"when": "at", "day": "2031-01-02", "hour": "25:00"},
            422,
            "par exemple 14:30",
        ),
        ({"when": "at", "day": "2020-01-02", "hour": "10:00"}, 422, "est passée"),
        ({"when": "at", "day": "0001-01-01", "hour": "00:00"}, 422, "pas possible"),
        ({"when": "at", "day": "9999-12-31", "hour": "23:59"}, 422, "trop loin"),
    ],
)
def test_what_cannot_be_booked_is_said_and_kept(
    desk, database, typed, status, answer
) -> None:
    form = desk.form()
    page = desk.book(form, **typed)
    assert page.status_code == status
    assert answer in read(page)
    assert "Le rendez-vous n'est pas enregistré" in read(page)
    assert not any(trace in read(page) for trace in TRACES)
    assert appointments(database) == []
    shown = {name: html_value(read(page), name) for name in ("reason", "day", "hour")}
    for name, value in shown.items():
        assert value == typed.get(name, form.values.get(name, "")), name
    if "resident_name" in typed:
        kept = html_value(read(page), "resident_name")
        assert kept == " ".join(typed["resident_name"].split())


def html_value(page: str, name: str) -> str:
    found = re.search(rf'id="{name}"[^>]*? value="([^"]*)"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    "name",
    [
        "Zoé 👩‍🦰 Lefèvre",
        "Robert'); DROP TABLE appointment; --",
        "<script>alert(1)</script>",
        "O'Neill & “Fils”",
        "{{ 7 * 7 }} %(name)s {0}",
        "Ƿynn Ⅷ 李",
    ],
)
def test_an_odd_name_is_an_appointment_like_any_other(desk, database, name) -> None:
    answer = desk.book(resident_name=name)
    assert answer.status_code == 303
    [appointment] = appointments(database)
    assert appointment.resident_name == name
    page = desk.client.get(answer.location)
    assert "<script>alert" not in page.text
    assert f"<h3>{name}</h3>" in read(page)


def test_names_are_stored_composed(desk, database) -> None:
    desk.book(resident_name="  Mme  Lefe\u0300vre ")
    assert appointments(database)[0].resident_name == "Mme Lefèvre"


def test_a_text_of_a_megabyte_is_refused_in_words(desk) -> None:
    answer = desk.book(resident_name="N" * 1_000_000)
    assert answer.status_code == 413
    assert "beaucoup trop long" in read(answer)


def test_the_same_form_twice_is_the_same_appointment(desk, database) -> None:
    form = desk.form()
    first, second = desk.book(form), desk.book(form)
    assert first.location == second.location
    assert len(appointments(database)) == 1
    assert "déjà enregistré" in read(desk.client.get(second.location))


def test_a_taken_kiosk_offers_its_next_free_hour_in_one_click(desk, database) -> None:
    desk.book(**tomorrow_at(10))
    refused = desk.book(
        resident_name="Mme Roy",
        organisation="sous-prefecture-vervins",
        **tomorrow_at(10, 15),
    )
    assert refused.status_code == 409
    assert "La borne est déjà prise" in read(refused)
    day = datetime.now(PARIS).date() + timedelta(days=1)
    sunday = day.weekday() == 6
    offered = re.search(r'name="proposed" value="([^"]+)"', read(refused))[1]
    assert sunday or offered == f"{day} 10:30"
    form = desk.form()
    taken = desk.book(
        form,
        resident_name="Mme Roy",
        organisation="sous-prefecture-vervins",
        proposed=offered,
        **tomorrow_at(10, 15),
    )
    assert taken.status_code == 303
    starts = appointments(database)[1].starts_at.astimezone(PARIS)
    assert starts.strftime("%Y-%m-%d %H:%M") == offered


def test_taken_counters_are_told_from_a_taken_kiosk(desk, app, ground) -> None:
    desk.book(**tomorrow_at(10))
    neighbour = type(desk)(app.test_client(), ground.passwords)
    neighbour.sign_in(NEIGHBOUR)
    refused = neighbour.book(resident_name="Mme Roy", **tomorrow_at(10))
    assert refused.status_code == 409
    assert "Tous les guichets de" in read(refused)
    assert "Dupont" not in read(refused)


def test_the_hour_that_summer_time_skips_is_said(new_app, ground, visitor) -> None:
    january = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
    app = new_app(ground, now=lambda: january)
    visitor.client = app.test_client()
    visitor.sign_in("mairie@wassigny.example")
    page = visitor.book(when="at", day="2027-03-28", hour="02:30")
    assert page.status_code == 422
    assert "on passe à l'heure d'été" in read(page)
    assert "Choisissez 3 h 30" in read(page)


def test_a_relay_overseas_books_on_its_own_wall_clock(desk, database) -> None:
    with database.write() as session:
        session.execute(
            update(Relay)
            .where(Relay.slug == "wassigny")
            .values(time_zone="Indian/Reunion")
        )
    answer = desk.book(when="at", hour="10:00", day=tomorrow_at(10)["day"])
    assert appointments(database)[0].starts_at.hour == 6
    assert "10 h 00" in read(desk.client.get(answer.location))


def test_who_came_just_before_midnight_is_still_listed_until_called(
    new_app, visitor, ground, database
) -> None:
    now = [datetime(2026, 11, 24, 22, 59, tzinfo=UTC)]  # 23:59 in Paris
    app = new_app(ground, now=lambda: now[0])
    desk = type(visitor)(app.test_client(), ground.passwords)
    desk.sign_in("mairie@wassigny.example")
    desk.book()
    now[0] += timedelta(minutes=2)
    row = 'data-state="arrived"'
    assert row in desk.client.get("/bureau").text
    with database.write() as session:
        session.execute(update(Appointment).values(state=State.CANCELLED))
    assert row not in desk.client.get("/bureau").text


def test_a_secretary_sees_and_touches_only_their_relay(
    desk, app, ground, database
) -> None:
    appointment_id = id_of(desk.book())
    neighbour = type(desk)(app.test_client(), ground.passwords)
    neighbour.sign_in(NEIGHBOUR)
    assert "M. Dupont" not in read(neighbour.client.get("/bureau"))
    for act in ("arrive", "appeler", "absent", "annuler", "raccrocher", "terminer"):
        assert neighbour.press(appointment_id, act).status_code == 404
    asked = neighbour.client.get(f"/bureau/rendez-vous/{appointment_id}/annuler")
    assert asked.status_code == 404
    assert neighbour.client.get("/bureau?relais=wassigny").status_code == 404
    assert "M. Dupont" not in read(neighbour.client.get("/bureau"))
    assert [each.state for each in appointments(database)] == [State.ARRIVED]


def test_the_menu_says_where_one_is_also_within_a_page_that_it_leads_to(desk) -> None:
    desk_link = re.compile(r'<a href="/bureau" aria-current="(\w+)">')
    assert desk_link.findall(read(desk.client.get("/bureau"))) == ["page"]
    refused = desk.book(resident_name="")
    assert desk_link.findall(read(refused)) == ["true"]
    assert desk_link.findall(read(desk.client.get("/bureau/attente"))) == []


@pytest.mark.parametrize(
    ("states", "words", "buttons"),
    [
        ((), "Appel demandé", []),
        ((State.CALLING,), "Appel de la borne", []),
        ((State.CALLING, State.QUEUED), "Attend un conseiller", []),
        ((State.CALLING, State.IN_CALL), "En communication", []),
        ((State.CALLING, State.IN_CALL, State.DONE), "Terminé", ["utile"]),
        (
            (State.CALLING, State.UNREACHABLE),
            "Borne injoignable",
            ["appeler"],
        ),
        (
            (State.CALLING, State.QUEUED, State.ABANDONED),
            "Personne n'a répondu",
            ["appeler"],
        ),
        (
            (State.CALLING, State.IN_CALL, State.INTERRUPTED),
            "Appel coupé",
            ["appeler", "terminer"],
        ),
    ],
)
def test_each_state_has_its_word_and_its_buttons(
    desk, database, states, words, buttons
) -> None:
    appointment_id = id_of(desk.book())
    if states:
        set_state(database, appointment_id, *states)
    page = read(desk.client.get("/bureau"))
    assert f"<strong>{words}</strong>" in page
    posts = re.findall(
        rf"/rendez-vous/{appointment_id}/([a-z]+)\"[^>]*>\s*<input", page
    )
    assert posts == buttons


def test_the_cause_is_said_in_plain_words(desk, database) -> None:
    appointment_id = id_of(desk.book())
    set_state(
        database,
        appointment_id,
        State.CALLING,
        State.UNREACHABLE,
        reason="kiosk_offline",
    )
    page = read(desk.client.get("/bureau"))
    assert "La borne est éteinte ou débranchée du réseau." in page


def test_one_click_calls_again(desk, database) -> None:
    appointment_id = id_of(desk.book())
    set_state(database, appointment_id, State.CALLING, State.UNREACHABLE)
    answer = desk.press(appointment_id, "appeler")
    assert answer.status_code == 303
    [appointment] = appointments(database)
    assert appointment.state == State.ARRIVED
    assert appointment.call_requested_at is not None


def test_cancelling_asks_once(desk, database) -> None:
    appointment_id = id_of(desk.book())
    address = f"/bureau/rendez-vous/{appointment_id}/annuler"
    page = desk.client.get(address)
    assert "M. Dupont" in read(page) and "Garder le rendez-vous" in read(page)
    assert appointments(database)[0].state == State.ARRIVED
    assert desk.press(appointment_id, "annuler").status_code == 303
    assert appointments(database)[0].state == State.CANCELLED


def test_a_button_pressed_too_late_says_what_happened(desk, database) -> None:
    appointment_id = id_of(desk.book())
    set_state(database, appointment_id, State.CALLING)
    answer = desk.press(appointment_id, "annuler")
    page = read(desk.client.get(answer.location))
    assert "Ce rendez-vous a changé entre-temps" in page
    assert "Rien n'a été fait." in page
    assert appointments(database)[0].state == State.CALLING


def test_calling_again_while_the_kiosk_is_in_another_call_is_said(
    desk, database
) -> None:
    first = id_of(desk.book())
    set_state(database, first, State.CALLING, State.UNREACHABLE)
    with database.write() as session:
        session.get_one(Appointment, first).state = State.CANCELLED
    other = id_of(desk.book(**tomorrow_at(10)))
    with database.write() as session:
        session.get_one(Appointment, first).state = State.IN_CALL
        session.execute(delete(KioskSlot).where(KioskSlot.appointment_id == first))
    answer = desk.press(other, "appeler")
    page = read(desk.client.get(answer.location))
    assert "La borne est en communication pour un autre rendez-vous." in page


def test_every_act_is_in_the_journal(desk, database) -> None:
    appointment_id = id_of(desk.book(**tomorrow_at(10)))
    desk.press(appointment_id, "arrive")
    desk.press(appointment_id, "annuler")
    with database.read() as session:
        done = select(JournalEntry).where(JournalEntry.act.not_in(READINGS))
        entries = session.scalars(done.order_by(JournalEntry.id)).all()
    assert {entry.actor.partition(":")[0] for entry in entries} == {"user"}
    assert [(entry.act, entry.detail) for entry in entries] == [
        ("resident_created", "resident 1"),
        ("booked", ""),
        ("moved", "booked -> arrived"),
        ("moved", "arrived -> cancelled"),
    ]


@pytest.mark.parametrize("day", ["2026-13-01", "hier", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_not_found(desk, day) -> None:
    answer = desk.client.get("/bureau", query_string={"jour": day})
    assert answer.status_code == 404
    assert "Cette page n'existe pas" in read(answer)


def test_an_unexpected_failure_shows_no_trace(app, ground, desk, monkeypatch) -> None:
    def fail(*_arguments, **_keywords):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("booking_web.pages.secretary.desk.pages.rows_of_day", fail)
    answer = desk.client.get("/bureau")
    assert answer.status_code == 500
    assert "Ce n'est pas de votre fait" in read(answer)
    assert "secret detail" not in read(answer)

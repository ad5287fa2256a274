# SPDX-License-Identifier: AGPL-3.0-or-later
"""A manager publishes hours, withdraws them and settles the appointments that lie there."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking_web.domain.appointments.booking import book
from booking_web.domain.places.search import SlotSearch, find_slots
from booking_web.tables.administration import DirectoryAct
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.hours import (
    BookingRules,
    Closure,
    Opening,
    RelayRules,
)
from booking_web.tables.states import AppointmentState
from provisioning.database.models import Counter, Organisation
from stage.html_forms import forms_of
from tests.factories.orders import an_order

MANAGER = "responsable@msa.example"
NOW = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)
PAGE = "/organisme/heures"
AT_NINE = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


class Person:
    """A manager at the pages, without JavaScript."""

    def __init__(self, app: Flask, passwords: dict[str, str], email: str) -> None:
        self.client = app.test_client()
        page = self.client.get("/connexion")
        [form] = [form for form in forms_of(page.text) if "password" in form.values]
        form.values |= {"email": email, "password": passwords[email]}
        assert self.client.post(form.action, data=form.values).status_code == 302

    def read(self, address: str = PAGE) -> str:
        """Give the page."""
        answer = self.client.get(address)
        assert answer.status_code == 200
        return answer.text

    def send(self, address: str, page: str = PAGE, **values: object):
        """Send values to an address with the page's own token; follow where it leads."""
        token = forms_of(self.read(page))[0].values["csrf_token"]
        return self.client.post(
            address, data={"csrf_token": token, **values}, follow_redirects=True
        )


@pytest.fixture
def manager(new_app: Callable[..., Flask], ground) -> Person:
    """Give the manager of the MSA, on Tuesday 24 November 2026."""
    return Person(new_app(ground, now=lambda: NOW), ground.passwords, MANAGER)


@pytest.fixture
def msa(database) -> int:
    """Give the id of the MSA."""
    with database.read() as session:
        return session.scalar(select(Organisation.id).where(Organisation.slug == "msa"))


@pytest.fixture
def counters(database, msa) -> list[int]:
    """Give the ids of the MSA's counters, of which there are two."""
    with database.write() as session:
        session.add(Counter(slug="msa-2", name="Guichet 2", organisation_id=msa))
    with database.read() as session:
        query = select(Counter.id).where(Counter.organisation_id == msa)
        return list(session.scalars(query.order_by(Counter.id)))


def book_at(database, starts_at: datetime = AT_NINE, token: str = "form") -> int:
    """Book half an hour at the MSA for a resident of Wassigny."""
    request = an_order(
        token=token,
        resident_name="Mme Legrand",
        details="retraite",
        starts_at=starts_at,
    )
    with database.write() as session:
        return book(session, request, NOW).appointment.id


def acts_on(database, appointment_id: int) -> list[str]:
    """Give what the journal says of an appointment."""
    with database.read() as session:
        query = select(JournalEntry.act).where(
            JournalEntry.appointment_id == appointment_id
        )
        return list(session.scalars(query.order_by(JournalEntry.id)))


def week(counters: list[int], **changes: object) -> dict[str, object]:
    """Give the form of some hours."""
    values = {
        "counters": [str(each) for each in counters],
        "weekdays": ["0", "1", "2", "3", "4"],
        "opens": "08:30",
        "closes": "12:00",
        "every_weeks": "1",
        "first_day": "2026-11-24",
        "last_day": "",
        "relay": "tous",
    }
    return values | changes


def test_a_manager_comes_to_the_hours_and_nobody_else_does(
    manager, desk, visitor
) -> None:
    home = manager.client.get("/")
    assert (home.status_code, home.location) == (303, PAGE)
    assert desk.client.get(PAGE).location == "/bureau"
    assert desk.client.get(f"{PAGE}/regles").status_code == 403


def test_an_empty_page_says_what_to_do_and_one_click_publishes_a_week(
    manager, database, msa, counters
) -> None:
    with database.write() as session:
        for row in session.scalars(select(Opening)):
            session.delete(row)
    assert "Aucune heure n'est publiée" in manager.read().replace("&#39;", "'")
    page = manager.send(f"{PAGE}/semaine-type").text
    assert page.count("8\N{NO-BREAK SPACE}h 30 – 12\N{NO-BREAK SPACE}h") == 5 * len(
        counters
    )
    with database.read() as session:
        search = SlotSearch(
            organisation_id=msa,
            relay_ids=[1],
            length=timedelta(minutes=30),
            after=NOW,
        )
        [first, *_] = find_slots(session, search, NOW).slots
    assert first.starts_at == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def test_hours_are_added_changed_and_withdrawn(manager, database, counters) -> None:
    manager.send(f"{PAGE}/plage", f"{PAGE}/plage", **week(counters, every_weeks="2"))
    with database.read() as session:
        row = session.scalars(select(Opening).order_by(Opening.id.desc())).first()
    shown = (row.opens_minute, row.closes_minute, row.weekdays, row.every_weeks)
    assert shown == (510, 720, 31, 2)
    assert "Une semaine sur deux" in manager.read()
    address = f"{PAGE}/plage/{row.id}"
    night = week([], opens="22:00", closes="1 h", weekdays=["6"])
    manager.send(address, address, **night)
    with database.read() as session:
        row = session.get_one(Opening, row.id)
    assert (row.opens_minute, row.closes_minute, row.weekdays) == (1320, 1500, 64)
    asked = manager.send(f"{address}/retirer", address).text
    assert "Aucun rendez-vous n" in asked
    manager.send(f"{address}/retirer", address, confirme="1")
    with database.read() as session:
        assert session.get(Opening, row.id) is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"counters": []}, "Cochez au moins un guichet."),
        ({"counters": ["999"]}, "Cochez au moins un guichet."),
        ({"weekdays": []}, "Cochez au moins un jour."),
        ({"opens": "bientôt"}, "Écrivez l'heure, par exemple 8:30."),
        ({"opens": "08:31"}, "Choisissez une heure ronde"),
        ({"closes": "09:45"}, "L'heure de fin est celle du début."),
        ({"first_day": "hier"}, "Écrivez la date"),
        ({"first_day": "9999-01-01"}, "Écrivez la date"),
        ({"last_day": "2026-11-01"}, "La fin vient avant le début."),
        ({"relay": "12345"}, "Choisissez un relais dans la liste."),
    ],
)
def test_bad_hours_are_refused_and_keep_what_was_typed(
    manager, database, counters, changes, sentence
) -> None:
    with database.read() as session:
        before = session.scalars(select(Opening.id)).all()
    values = week(counters, opens="09:45") | changes
    answer = manager.send(f"{PAGE}/plage", f"{PAGE}/plage", **values)
    assert answer.status_code == 422
    assert sentence in answer.text.replace("&#39;", "'")
    assert f'value="{values["opens"]}"' in answer.text
    with database.read() as session:
        assert session.scalars(select(Opening.id)).all() == before


def only_hours(database, counters: list[int]) -> int:
    """Publish Thursday morning on every counter; give the first one's range."""
    with database.write() as session:
        for row in session.scalars(select(Opening)):
            session.delete(row)
        rows = [
            Opening(
                counter_id=counter,
                first_day=date(2026, 1, 1),
                weekdays=8,
                opens_minute=510,
                closes_minute=720,
            )
            for counter in counters
        ]
        session.add_all(rows)
        session.flush()
        return rows[0].id


def test_withdrawn_hours_list_their_appointments_and_each_is_settled(
    manager, database, counters
) -> None:
    opening = only_hours(database, counters)
    kept, moved, cancelled = (
        book_at(database, AT_NINE + timedelta(hours=hours), str(hours))
        for hours in (0, 1, 2)
    )
    address = f"{PAGE}/plage/{opening}"
    asked = manager.send(f"{address}/retirer", address).text
    assert asked.count("Mme Legrand") == 3
    assert "Rien n'est encore changé" in asked.replace("&#39;", "'")
    with database.read() as session:
        assert session.get(Opening, opening) is not None
    listed = manager.send(f"{address}/retirer", address, confirme="1").text
    assert listed.count("<h2>Mme Legrand</h2>") == 3

    again = f"{PAGE}/a-deplacer"
    manager.send(f"{again}/{kept}/garder", again)
    forms = {form.action: form for form in forms_of(manager.read(again))}
    value, *_ = forms[f"{again}/{moved}/deplacer"].choices["place"]
    manager.send(f"{again}/{moved}/deplacer", again, place=value)
    manager.send(f"{again}/{cancelled}/annuler", again, raison="organisation_asked")
    assert "Il ne reste rien à replacer" in manager.read(again)

    with database.read() as session:
        states = {
            each: session.get_one(Appointment, each)
            for each in (kept, moved, cancelled)
        }
    assert states[kept].starts_at == AT_NINE
    assert states[kept].state == AppointmentState.BOOKED
    assert states[moved].state == AppointmentState.BOOKED
    assert states[moved].counter_id != counters[0]
    assert states[cancelled].state == AppointmentState.CANCELLED
    assert acts_on(database, kept)[-2:] == ["hours_withdrawn", "kept_outside_hours"]
    assert "rescheduled" in acts_on(database, moved)
    assert acts_on(database, cancelled)[-1] == "moved"
    with database.read() as session:
        query = select(JournalEntry).where(JournalEntry.act == "listed")
        seen = session.scalars(query.order_by(JournalEntry.id)).first()
    assert seen.actor.startswith("user:")
    assert seen.detail == f"3 appointments, {kept} to {cancelled}"


def offered(page: str) -> str:
    """Give the value of the first hour that the page offers."""
    return page.split('name="place" value="')[1].split('"')[0]


def test_an_hour_that_was_taken_meanwhile_is_refused(
    manager, database, counters
) -> None:
    only_hours(database, counters)
    appointment = book_at(database)
    manager.send(
        f"{PAGE}/exception",
        f"{PAGE}/exception",
        first_day="2026-11-26",
        counter="tous",
        confirme="1",
        label="Formation",
    )
    again = f"{PAGE}/a-deplacer"
    value = offered(manager.read(again))
    book_at(database, datetime(2026, 12, 3, 7, 30, tzinfo=UTC), "another")
    answer = manager.send(f"{again}/{appointment}/deplacer", again, place=value)
    assert "vient d'être prise" in answer.text.replace("&#39;", "'")
    assert "Mme Legrand" in answer.text
    with database.read() as session:
        assert session.get_one(Appointment, appointment).starts_at == AT_NINE


def test_an_exception_asks_first_where_appointments_lie_in_it(
    manager, database, counters
) -> None:
    only_hours(database, counters)
    book_at(database)
    form = {"first_day": "26/11/2026", "counter": "tous", "from_hour": "8 h 30"}
    form |= {"until_hour": "10:00", "label": "Réunion"}
    asked = manager.send(f"{PAGE}/exception", f"{PAGE}/exception", **form).text
    assert "1 rendez-vous est dans ces heures" in asked
    assert 'name="label" value="Réunion"' in asked
    with database.read() as session:
        assert session.scalars(select(Closure)).all() == []
    manager.send(f"{PAGE}/exception", f"{PAGE}/exception", confirme="1", **form)
    page = manager.read()
    assert "Réunion" in page
    assert "jeudi 26 novembre 2026" in page
    with database.read() as session:
        [row] = session.scalars(select(Closure))
    assert (row.from_minute, row.until_minute, row.counter_id) == (510, 600, None)
    manager.send(f"{PAGE}/exception/{row.id}/retirer", confirme="1")
    # The hours are back, and so nothing is left to settle.
    assert "Il ne reste rien" in manager.read(f"{PAGE}/a-deplacer")


@pytest.mark.parametrize(
    ("page", "act", "typed"),
    [
        (
            "exception",
            "exception",
            {"first_day": "26/11/2026", "from_hour": "8 h 30", "until_hour": "11:55"}
            | {"counter": "tous", "label": "Réunion"},
        ),
        ("regles", "regles", {"step": "25", "lead": "6", "most-1": "3"}),
        ("plage/{id}", "plage/{id}", {"opens": "22:05", "closes": "23:55"}),
        ("plage/{id}", "plage/{id}/retirer", {"opens": "22:05", "closes": "23:55"}),
    ],
    ids=["closure", "rules", "hours", "withdrawal"],
)
def test_who_changes_nothing_after_all_finds_what_they_had_typed(
    manager, database, counters, page, act, typed
) -> None:
    opening = only_hours(database, counters)
    book_at(database)
    page, act = (f"{PAGE}/{each.format(id=opening)}" for each in (page, act))
    values = typed | {"weekdays": "6", "every_weeks": "1", "relay": "tous"}
    if "opens" in typed:
        values["first_day"] = "2026-11-24"
    asked = manager.send(act, page, **values).text
    assert "1 rendez-vous est dans ces heures" in asked
    [form] = [each for each in forms_of(asked) if "confirme" in each.values]
    [back] = re.findall(r'name="revenir" value="1" formaction="([^"]+)"', asked)
    answer = manager.client.post(back, data=form.values | {"revenir": "1"})
    assert answer.status_code == 200
    [shown] = [each for each in forms_of(answer.text) if set(typed) <= set(each.values)]
    assert {name: shown.values[name] for name in typed} == typed
    with database.read() as session:
        assert session.scalars(select(Closure)).all() == []
        assert session.get_one(Opening, opening).opens_minute == 510


def test_rules_are_kept_and_refused_numbers_come_back(manager, database, msa) -> None:
    page = f"{PAGE}/regles"
    typed = {"step": "20", "lead": "24", "horizon": "30", "most": "beaucoup"}
    refused = manager.send(page, page, **typed, **{"served-1": "y", "most-2": "0"})
    assert refused.status_code == 422
    assert 'value="beaucoup"' in refused.text
    assert refused.text.count("Écrivez un nombre entre 1 et 10000.") == 4
    manager.send(
        page, page, **typed | {"most": "9"}, **{"served-1": "y", "most-1": "2"}
    )
    with database.read() as session:
        row = session.get_one(BookingRules, msa)
        one, two = (session.get_one(RelayRules, (msa, relay)) for relay in (1, 2))
    assert (row.step_minutes, row.lead_minutes, row.horizon_days) == (20, 1440, 30)
    assert (row.max_per_day, row.open_on_holidays) == (9, False)
    assert (one.is_served, one.max_per_day, two.is_served) == (True, 2, False)


def test_another_organisations_hours_are_not_found(manager, database, msa) -> None:
    with database.write() as session:
        other = session.scalar(select(Counter.id).where(Counter.organisation_id != msa))
        row = Opening(
            counter_id=other,
            first_day=date(2026, 1, 1),
            weekdays=1,
            opens_minute=0,
            closes_minute=60,
        )
        session.add(row)
        session.flush()
    assert manager.client.get(f"{PAGE}/plage/{row.id}").status_code == 404
    token = forms_of(manager.read())[0].values["csrf_token"]
    for act in (f"plage/{row.id}/retirer", "a-deplacer/4711/garder"):
        answer = manager.client.post(f"{PAGE}/{act}", data={"csrf_token": token})
        assert answer.status_code == 404


def test_the_manager_says_how_their_counsellors_are_rung(manager, database) -> None:
    rules = f"{PAGE}/appels"
    assert f'href="{rules}"' in manager.read()
    sent = {"wrap_up_seconds": "90", "missed_rings_allowed": "0"}
    assert "enregistré" in manager.send(rules, page=rules, **sent).text
    form = next(
        form for form in forms_of(manager.read(rules)) if set(sent) <= set(form.values)
    )
    assert {name: form.values[name] for name in sent} == sent
    with database.read() as session:
        its = Organisation.slug == "msa"
        found = session.scalars(select(Organisation).where(its)).one()
        assert (found.wrap_up_seconds, found.missed_rings_allowed) == (90, 0)
        [act] = session.scalars(select(DirectoryAct))
        assert (act.act, act.kind, act.key) == ("changed", "organisation", "msa")
        assert act.detail == "missed_rings_allowed, wrap_up_seconds"
        assert act.actor.startswith("user:")
    # Said again it is no change.
    manager.send(rules, page=rules, **sent)
    with database.read() as session:
        assert len(session.scalars(select(DirectoryAct)).all()) == 1


@pytest.mark.parametrize("typed", ["", "-1", "3601", "deux", "1e3"])
def test_a_limit_that_is_no_number_is_refused_and_comes_back(
    manager, database, typed
) -> None:
    rules = f"{PAGE}/appels"
    answer = manager.send(
        rules, page=rules, wrap_up_seconds=typed, missed_rings_allowed="4"
    )
    assert answer.status_code == 422
    assert "Écrivez un nombre entre 0 et 3600." in answer.text
    with database.read() as session:
        its = Organisation.slug == "msa"
        assert (
            session.scalars(select(Organisation).where(its)).one().missed_rings_allowed
            == 3
        )

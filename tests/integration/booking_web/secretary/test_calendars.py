# SPDX-License-Identifier: AGPL-3.0-or-later
"""Feeds that only their address opens, the week, lists for paper and spreadsheets."""

import csv
import html
import io
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from sqlalchemy import delete, select, update

from booking_web.base.initials import initials_of
from booking_web.domain.appointments import acts
from booking_web.domain.appointments.booking import book
from booking_web.tables.appointment import Appointment, JournalEntry
from booking_web.tables.calendar_feeds import CalendarFeed
from booking_web.tables.rate_limits import RateLimit
from booking_web.telling.calendars.spreadsheet import safe_cell
from provisioning.database.models import Counter, Relay, User, VisitReason
from stage.html_forms import forms_of
from tests.factories.orders import add_resident, an_order

# A Tuesday; 14:30 on the wall of Wassigny.
NOW = datetime(2031, 1, 7, 9, 0, tzinfo=UTC)
STARTS_AT = datetime(2031, 1, 8, 13, 30, tzinfo=UTC)
NAME = "Mme Zoé Lefèvre"


@pytest.fixture
def app(new_app, ground):
    return new_app(ground, now=lambda: NOW)


def read(answer) -> str:
    return html.unescape(answer.text)


def make_appointment(
    database, starts_at=STARTS_AT, *, relay="wassigny", name=NAME, reason="", **more
) -> int:
    with database.write() as session:
        found = session.scalar(select(Relay).where(Relay.slug == relay))
        telephone = more.get("telephone", "+33199000102")
        resident = add_resident(session, NOW, relay, name=name, telephone=telephone)
        request = an_order(
            token=f"{starts_at} {name}",
            user_id=session.scalar(select(User.id).where(User.relay_id == found.id)),
            relay=relay,
            organisation=more.get("organisation", "msa"),
            resident_name=name,
            details=reason,
            starts_at=starts_at,
            resident_id=resident.id,
            visit_reason=more.get("visit_reason"),
        )
        return book(session, request, min(NOW, starts_at)).appointment.id


def make_manager(database, ground) -> str:
    """Make the counsellor of the MSA its manager; the password stays."""
    email = "conseiller@msa.example"
    with database.write() as session:
        session.execute(update(User).where(User.email == email).values(role="manager"))
    return email


def make_feed(desk, label="Accueil", of=None) -> str:
    """Make a feed by the page; gives the path of its address."""
    [form] = [
        form
        for form in forms_of(desk.client.get("/agendas").text)
        if "label" in form.values
    ]
    form.values |= {"label": label, "of": of or form.values["of"]}
    answer = desk.client.post(form.action, data=form.values)
    assert answer.status_code == 200, answer.text
    return re.search(r'value="https://guichet.example(/agenda/[^"]+)"', answer.text)[1]


def events_of(client, address: str) -> list:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    return Calendar.from_ical(answer.data).walk("VEVENT")


def test_a_relays_feed_tells_hours_and_no_names(desk, app, database) -> None:
    make_appointment(database, reason="perdue rue Haute")
    make_appointment(
        database, STARTS_AT + timedelta(days=1), relay="guise", name="M. Blanc"
    )
    gone = make_appointment(database, STARTS_AT + timedelta(hours=2))
    with database.write() as session:
        acts.cancel(session, session.get_one(Appointment, gone), "user:1", NOW)
    address = make_feed(desk)
    stranger = app.test_client()
    [event] = events_of(stranger, address)
    assert event["SUMMARY"] == "MSA"
    assert event["DTSTART"].dt == STARTS_AT
    assert event["LOCATION"].startswith("Relais de Wassigny")
    text = stranger.get(address).text
    assert not re.search("Lef|Zo|Haute|Z\\. L", text)
    assert "X-WR-CALNAME:Relais de Wassigny" in text
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT30M" in text


def test_the_address_is_shown_once_and_only_its_digest_is_kept(desk, database) -> None:
    address = make_feed(desk)
    token = address.removeprefix("/agenda/").removesuffix(".ics")
    assert len(token) >= 43
    assert token not in desk.client.get("/agendas").text
    with database.read() as session:
        [feed] = session.scalars(select(CalendarFeed))
        journal = session.scalars(select(JournalEntry.act)).all()
    assert token not in (feed.token_digest, feed.label)
    assert journal == ["feed_made"]


def test_the_same_form_sent_twice_makes_one_feed(desk, database) -> None:
    page = desk.client.get("/agendas").text
    [form] = [form for form in forms_of(page) if "label" in form.values]
    form.values["label"] = "Accueil"
    first, second = (desk.client.post(form.action, data=form.values) for _ in "12")
    found = [re.search('/agenda/[^"]+', page.text)[0] for page in (first, second)]
    assert found[0] == found[1]
    with database.read() as session:
        assert len(session.scalars(select(CalendarFeed)).all()) == 1


def test_a_revoked_feed_is_gone(desk, database) -> None:
    address = make_feed(desk)
    assert desk.client.get(address).status_code == 200
    page = read(desk.client.get("/agendas"))
    question = desk.client.get(re.search(r"/agendas/\d+/supprimer", page)[0])
    [form] = [each for each in forms_of(question.text) if "supprimer" in each.action]
    assert desk.client.post(form.action, data=form.values).status_code == 303
    assert "ne montre plus rien" in read(desk.client.get("/agendas"))
    assert desk.client.get(address).status_code == 404
    assert desk.client.post(form.action, data=form.values).status_code == 303


def test_guessed_tokens_are_not_found_and_soon_not_looked_up(
    desk, app, database
) -> None:
    address = make_feed(desk)
    token = address.removeprefix("/agenda/").removesuffix(".ics")
    guesser = app.test_client()
    for guess in ("x", token[:-1], token.swapcase(), "é" * 300):
        answer = guesser.get(f"/agenda/{guess}.ics")
        assert answer.status_code == 404
        assert "Wassigny" not in answer.text
    statuses = {guesser.get(f"/agenda/{n}.ics").status_code for n in range(20)}
    assert statuses == {404, 429}
    # Whoever reads what they may is not counted.
    with database.write() as session:
        session.execute(delete(RateLimit))
    assert {guesser.get(address).status_code for _ in range(30)} == {200}


def test_a_manager_shares_the_counters_of_their_organisation_alone(
    visitor, app, database, ground
) -> None:
    make_appointment(database)
    assert visitor.sign_in(make_manager(database, ground)).status_code == 302
    page = read(visitor.client.get("/agendas"))
    assert "Mutualité sociale agricole (MSA) – Guichet 1" in page
    assert "Sous-préfecture" not in page and 'value="relay-' not in page
    address = make_feed(visitor)
    [event] = events_of(app.test_client(), address)
    assert event["SUMMARY"] == "Relais de Wassigny"
    token = visitor.client.get("/agendas")
    [form] = [each for each in forms_of(token.text) if "label" in each.values]
    form.values |= {"label": "ruse", "of": "relay-1"}
    assert visitor.client.post("/agendas", data=form.values).status_code == 422


def test_an_interpreters_calendar_says_where_and_with_whom_and_no_more(
    visitor, app, database, ground
) -> None:
    make_appointment(database)
    with database.write() as session:
        appointment = session.scalars(select(Appointment)).one()
        # The counter of the MSA interprets in it, and another receives.
        appointment.interpreter_counter_id = appointment.counter_id
        other = select(Counter).where(Counter.id != appointment.counter_id)
        receives = session.scalars(other.order_by(Counter.id)).first()
        appointment.counter_id = receives.id
        appointment.organisation_id = receives.organisation_id
        told = f"Relais de Wassigny – {receives.organisation.short_name}"
    assert visitor.sign_in(make_manager(database, ground)).status_code == 302
    [event] = events_of(app.test_client(), make_feed(visitor))
    assert event["SUMMARY"] == told


def test_who_has_no_calendar_to_share_is_refused(visitor, desk, database, app) -> None:
    make_feed(desk)
    stranger = app.test_client()
    assert "/connexion" in stranger.get("/agendas").location
    other = type(desk)(app.test_client(), desk._passwords)
    other.sign_in("conseiller@msa.example")
    assert other.client.get("/agendas").status_code == 403
    neighbour = type(desk)(app.test_client(), desk._passwords)
    neighbour.sign_in("mairie@guise.example")
    assert "Accueil" not in read(neighbour.client.get("/agendas"))
    assert neighbour.client.get("/agendas/1/supprimer").status_code == 404


@pytest.mark.parametrize("label", ["", "  ", "x" * 61, "a\u202eb"])
def test_a_feed_without_a_usable_label_is_refused_and_kept(desk, label) -> None:
    page = desk.client.get("/agendas").text
    [form] = [form for form in forms_of(page) if "label" in form.values]
    answer = desk.client.post(form.action, data=form.values | {"label": label})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "Erreur" in read(answer).partition("</title>")[0]


@pytest.mark.parametrize(
    ("details", "summary"),
    [
        ("none", "MSA"),
        ("reason", "MSA – Retraite"),
        ("initials", "MSA – Retraite (Z. L.)"),
    ],
)
def test_a_setting_alone_makes_feeds_say_more(
    new_app, ground, database, desk, details, summary
) -> None:
    with database.write() as session:
        reason = VisitReason(
            slug="retraite-agenda",
            organisation_id=3,
            name="Retraite",
            pictogram="",
            minutes=None,
            papers=[],
            position=0,
        )
        session.add(reason)
    make_appointment(database, visit_reason="retraite-agenda")
    address = make_feed(desk)
    telling = new_app(ground, now=lambda: NOW, feed_details=details)
    [event] = events_of(telling.test_client(), address)
    assert event["SUMMARY"] == summary


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Mme Zoé Lefèvre", "Z. L."),
        ("M. Dupont", "D."),
        ("Jean-Marie d'Été", "J. M. D."),
        ("", ""),
        ("M.", ""),
    ],
)
def test_initials_leave_the_title_out(name, initials) -> None:
    assert initials_of(name) == initials


@pytest.mark.parametrize(
    ("zone", "starts_at"),
    [
        ("Europe/Paris", datetime(2031, 3, 30, 1, 0, tzinfo=UTC)),
        ("Europe/Paris", datetime(2031, 10, 26, 1, 30, tzinfo=UTC)),
        ("Indian/Reunion", datetime(2031, 2, 1, 20, 30, tzinfo=UTC)),
        ("America/Martinique", datetime(2032, 1, 1, 3, 30, tzinfo=UTC)),
    ],
)
def test_feed_and_week_keep_the_instant_across_zones(
    desk, app, database, zone, starts_at
) -> None:
    with database.write() as session:
        session.execute(update(Relay).values(time_zone=zone))
    make_appointment(database, starts_at)
    [event] = events_of(app.test_client(), make_feed(desk))
    assert event["DTSTART"].dt == starts_at
    local = starts_at.astimezone(ZoneInfo(zone))
    page = read(desk.client.get(f"/bureau/semaine?jour={local.date()}"))
    assert f'data-start="{local:%Y-%m-%dT%H:%M:%S}"' in page


def test_the_week_is_a_table_of_days_and_hours(desk, database) -> None:
    make_appointment(database)
    make_appointment(database, datetime(2031, 1, 12, 18, 0, tzinfo=UTC), name="M. Noir")
    page = read(desk.client.get("/bureau/semaine"))
    assert "Semaine du lundi 6 janvier 2031" in page
    for words in ("mercredi 8 janvier 2031", "dimanche 12 janvier", NAME, "M. Noir"):
        assert words in page
    assert "14 h 30" in page and "<caption>" in page
    rows = re.findall(r'<th scope="row">(\d+) h</th>', page)
    assert rows == [str(hour) for hour in range(8, 20)]
    following = read(desk.client.get("/bureau/semaine?jour=2031-01-15"))
    assert "Aucun rendez-vous cette semaine" in following


@pytest.mark.parametrize("address", ["semaine", "imprimer", "jour.csv", "semaine.csv"])
def test_an_unknown_day_or_relay_is_not_found(desk, address) -> None:
    for query in ("jour=demain", "jour=0001-01-01", "relais=guise"):
        assert desk.client.get(f"/bureau/{address}?{query}").status_code == 404


def test_the_list_to_print_holds_the_day_and_is_written_down(desk, database) -> None:
    make_appointment(database, reason="carte perdue")
    page = read(desk.client.get("/bureau/imprimer?jour=2031-01-08"))
    for words in (NAME, "01 99 00 01 02", "14 h 30 – 15 h 00", "carte perdue"):
        assert words in page
    week = read(desk.client.get("/bureau/imprimer?periode=semaine"))
    assert NAME in week
    with database.read() as session:
        entries = session.scalars(
            select(JournalEntry.detail).where(JournalEntry.act == "list_printed")
        ).all()
    assert entries == ["wassigny 2031-01-08 +1: 1", "wassigny 2031-01-06 +7: 1"]


def test_the_spreadsheet_opens_in_french_and_calculates_nothing(desk, database) -> None:
    make_appointment(database, name='=HYPERLINK("x")', reason='a;b "c"')
    answer = desk.client.get("/bureau/semaine.csv")
    assert answer.mimetype == "text/csv"
    assert answer.data.startswith(b"\xef\xbb\xbfDate;")
    assert "rendez-vous-2031-semaine-02.csv" in answer.headers["Content-Disposition"]
    [titles, row] = csv.reader(
        io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"
    )
    told = dict(zip(titles, row, strict=True))
    assert told["Usager"] == '\'=HYPERLINK("x")'
    assert told["Précision"] == 'a;b "c"'
    assert (told["Date"], told["Début"], told["Fin"]) == (
        "08/01/2031",
        "14:30",
        "15:00",
    )
    assert told["Téléphone"] == "01 99 00 01 02"
    assert desk.client.get("/bureau/jour.csv").data.count(b"\r\n") == 1


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+33", "-1", "@x", "\t=1", "  =1", "\u00a0=1", "＝1", "|cmd", "\r=1"],
)
def test_a_cell_that_would_be_calculated_becomes_text(cell) -> None:
    assert safe_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Mme Noël", "14:30", "a=b", "l'été", " "])
def test_other_cells_stay_as_they_are(cell) -> None:
    assert safe_cell(cell) == cell

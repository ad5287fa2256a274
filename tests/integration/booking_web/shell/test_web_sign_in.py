# SPDX-License-Identifier: AGPL-3.0-or-later
"""Signing in and out: who gets in, who is kept out, what is never lost."""

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from booking_web.base.clock import utc_now
from booking_web.domain.retention.pruning import prune
from booking_web.pages.secretary.booking.forms import BookingForm
from booking_web.shell.forms import kept_form
from booking_web.tables.appointment import Appointment
from booking_web.tables.rate_limits import RateLimit
from booking_web.tables.sent_forms import KeptForm
from booking_web.tables.web_sessions import WebSession
from provisioning.database.models import User

SECRETARY = "mairie@wassigny.example"


def read(answer) -> str:
    """Give the page as it is read: with its characters, not their HTML names."""
    return html.unescape(answer.text)


def sign_in_runs_out(database) -> None:
    """End every sign-in, as the night does; the browser keeps its cookie."""
    with database.write() as session:
        session.execute(delete(WebSession))


@pytest.mark.parametrize("address", ["/", "/bureau", "/bureau?jour=2026-11-25"])
def test_whoever_is_not_signed_in_is_sent_to_the_sign_in(visitor, address) -> None:
    answer = visitor.client.get(address, follow_redirects=True)
    assert answer.request.path == "/connexion"


def test_the_page_asked_for_comes_after_the_sign_in(visitor, ground) -> None:
    page = visitor.client.get("/bureau?jour=2026-11-25", follow_redirects=True)
    [action] = re.findall(r'action="(/connexion[^"]*)"', page.text)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    answer = visitor.client.post(
        action.replace("&amp;", "&"),
        data={
            "csrf_token": token,
            "email": SECRETARY,
            "password": ground.passwords[SECRETARY],
        },
    )
    assert answer.status_code == 302
    assert answer.location.endswith("/bureau?jour=2026-11-25")


def test_the_sign_in_sends_nobody_to_another_site(visitor, ground) -> None:
    page = visitor.client.get("/connexion?next=https://elsewhere.example/")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    answer = visitor.client.post(
        "/connexion?next=https://elsewhere.example/",
        data={
            "csrf_token": token,
            "email": SECRETARY,
            "password": ground.passwords[SECRETARY],
        },
    )
    assert answer.location == "/bureau"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (SECRETARY, "wrong"),
        ("nobody@nowhere.example", "wrong"),
        ("not an address", "wrong"),
        ("", ""),
        ("' OR 1=1 --", "' OR 1=1 --"),
    ],
)
def test_a_wrong_sign_in_says_the_same_for_every_cause(
    visitor, email, password
) -> None:
    answer = visitor.sign_in(email, password)
    assert answer.status_code == 200
    assert "Adresse électronique ou mot de passe incorrect" in answer.text
    assert visitor.client.get("/bureau").status_code == 303


def test_an_address_is_recognised_in_capitals(visitor, ground) -> None:
    password = ground.passwords[SECRETARY]
    assert visitor.sign_in(SECRETARY.upper(), password).status_code == 302


def test_a_closed_account_gets_in_no_more(desk, database) -> None:
    assert desk.client.get("/bureau").status_code == 200
    with database.write() as session:
        session.execute(
            update(User).where(User.email == SECRETARY).values(active=False)
        )
    assert desk.client.get("/bureau").status_code == 303


def test_ten_wrong_passwords_close_an_account_for_a_while(
    visitor, ground, database
) -> None:
    for _ in range(10):
        assert visitor.sign_in(SECRETARY, "guess").status_code == 200
    answer = visitor.sign_in(SECRETARY)
    assert answer.status_code == 429
    assert "Trop d'essais" in read(answer)
    assert "Attendez cinq minutes" in read(answer)
    assert visitor.sign_in("mairie@guise.example").status_code == 302
    with database.read() as session:
        keys = session.scalars(select(RateLimit.key)).all()
    assert keys and all(re.fullmatch("[0-9a-f]{64}", key) for key in keys)


def test_every_worker_counts_the_same_guesses(new_app, visitor, ground) -> None:
    for _ in range(10):
        visitor.sign_in(SECRETARY, "guess")
    other_worker = new_app(ground)
    visitor.client = other_worker.test_client()
    assert visitor.sign_in(SECRETARY).status_code == 429


def test_right_passwords_are_not_counted(visitor) -> None:
    for _ in range(12):
        assert visitor.sign_in(SECRETARY).status_code == 302
        visitor.client.delete_cookie("guichet")


def test_signing_out_ends_the_session(desk) -> None:
    token = desk.form().values["csrf_token"]
    answer = desk.client.post("/deconnexion", data={"csrf_token": token})
    assert answer.status_code == 302
    assert desk.client.get("/bureau").status_code == 303


def test_a_form_without_its_token_does_nothing(desk, database) -> None:
    data = {"resident_name": "M. Dupont", "organisation": "msa", "when": "now"}
    answer = desk.client.post("/bureau/rendez-vous", data=data)
    assert answer.status_code == 400
    assert "restée ouverte trop longtemps" in answer.text
    assert "Set-Cookie" not in answer.headers
    page = desk.client.get("/bureau")
    assert "M. Dupont" not in page.text
    assert "Rien n'est encore enregistré" not in read(page)
    with database.read() as session:
        assert session.scalars(select(Appointment)).all() == []
    for address in ("/deconnexion", "/connexion", "/agendas"):
        answer = desk.client.post(address, data={"csrf_token": "of another site"})
        assert answer.status_code == 400
        assert "Set-Cookie" not in answer.headers
    assert desk.client.get("/bureau").status_code == 200


def test_a_strangers_form_is_not_kept_for_whoever_signs_in(visitor) -> None:
    answer = visitor.client.post(
        "/bureau/rendez-vous", data={"resident_name": "M. Dupont", "when": "now"}
    )
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers
    visitor.sign_in(SECRETARY)
    assert "M. Dupont" not in visitor.client.get("/bureau").text


def test_what_was_typed_survives_a_sign_in_that_ran_out(desk, database) -> None:
    form = desk.form()
    form.values |= {
        "resident_name": "Mme Lefèvre",
        "organisation": "msa",
        "reason": "retraite",
        "when": "at",
        "day": "2031-01-02",
        "hour": "14:30",
    }
    sign_in_runs_out(database)
    answer = desk.client.post(form.action, data=form.values)
    assert answer.status_code == 303
    sign_in = desk.client.get(answer.location)
    assert "ce que vous avez tapé est gardé" in sign_in.text
    assert desk.sign_in(SECRETARY).status_code == 302
    again = desk.form()
    for field in ("resident_name", "organisation", "reason", "when", "day", "hour"):
        assert again.values[field] == form.values[field], field
    assert desk.form().values["resident_name"] == ""
    with database.read() as session:
        assert session.scalars(select(Appointment)).all() == []


@pytest.fixture
def typed(desk, database) -> object:
    """Give what a secretary typed, and sent when her sign-in had run out."""
    form = desk.form()
    form.values |= {"resident_name": "Mme Lefèvre", "organisation": "msa"}
    sign_in_runs_out(database)
    assert desk.client.post(form.action, data=form.values).status_code == 303
    return form


def kept_forms(database) -> list[KeptForm]:
    with database.read() as session:
        return list(session.scalars(select(KeptForm)))


def cookie_text(client) -> str:
    """Give all that whoever has the browser reads in its cookie."""
    with client.session_transaction() as session:
        return repr(dict(session))


def test_what_was_typed_stands_in_no_cookie_and_in_no_row(
    desk, database, typed
) -> None:
    [kept] = kept_forms(database)
    assert "Lef" not in kept.sealed
    assert "kept_booking" in cookie_text(desk.client)
    assert "Lef" not in cookie_text(desk.client)


def test_what_was_typed_is_not_given_to_who_signs_in_next(
    desk, database, typed
) -> None:
    assert desk.sign_in("mairie@guise.example").status_code == 302
    assert desk.form().values["resident_name"] == ""
    assert kept_forms(database) == []
    sign_in_runs_out(database)
    assert desk.sign_in(SECRETARY).status_code == 302
    assert desk.form().values["resident_name"] == ""


def test_what_was_typed_is_given_in_no_other_browser(
    app, desk, visitor, database, typed
) -> None:
    desk.client = app.test_client()
    assert desk.sign_in(SECRETARY).status_code == 302
    assert desk.form().values["resident_name"] == ""
    assert len(kept_forms(database)) == 1


def test_what_was_typed_is_gone_at_the_sign_out(desk, database, typed) -> None:
    desk.sign_in(SECRETARY)
    # Not the desk, which would show it.
    page = desk.client.get("/mon-compte").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    assert len(kept_forms(database)) == 1
    desk.client.post("/deconnexion", data={"csrf_token": token})
    assert kept_forms(database) == []


def test_what_was_typed_is_kept_for_a_day(desk, database, typed) -> None:
    with database.write() as session:
        prune(session, 365, utc_now() + timedelta(hours=25))
    assert kept_forms(database) == []
    assert desk.sign_in(SECRETARY).status_code == 302
    assert desk.form().values["resident_name"] == ""


def test_what_somebody_was_told_is_not_said_to_who_comes_next(desk, database) -> None:
    assert desk.book(resident_name="Mme Lefèvre").status_code == 303
    assert "_flashes" in cookie_text(desk.client)
    sign_in_runs_out(database)
    desk.client.get("/connexion")
    assert "_flashes" not in cookie_text(desk.client)


def test_cookies_are_for_us_alone(new_app, ground) -> None:
    app = new_app(ground, secure_cookies=True)
    client = app.test_client()
    answer = client.get("/connexion", base_url="https://guichet.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-guichet=")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    switched = client.get("/langue/en", base_url="https://guichet.example")
    cookie = switched.headers["Set-Cookie"]
    assert cookie.startswith("__Host-langue=en;")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in cookie
    page = client.get("/connexion", base_url="https://guichet.example")
    assert '<html lang="en">' in page.text


@pytest.mark.parametrize("address", ["/connexion", "/bureau", "/nowhere", "/sante"])
def test_every_page_carries_the_headers(desk, address) -> None:
    headers = desk.client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_pages_have_no_script_or_style_of_their_own(desk) -> None:
    page = desk.client.get("/bureau").text
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)


@pytest.mark.parametrize(
    ("header", "word"),
    [("fr", "Connexion"), ("en-GB,en;q=0.9", "Sign in"), ("de", "Connexion")],
)
def test_the_browser_chooses_the_language(visitor, header, word) -> None:
    page = visitor.client.get("/connexion", headers={"Accept-Language": header})
    assert f"<h1>{word}</h1>" in page.text


def test_the_footer_changes_the_language_and_comes_back(visitor) -> None:
    answer = visitor.client.get("/langue/en?retour=/connexion")
    assert answer.location == "/connexion"
    page = visitor.client.get("/connexion", headers={"Accept-Language": "fr"})
    assert "<h1>Sign in</h1>" in page.text
    assert '<html lang="en">' in page.text


@pytest.mark.parametrize(
    "back",
    ["https://elsewhere.example/", "//elsewhere.example/", r"/\elsewhere.example"],
)
def test_the_language_switch_sends_nobody_to_another_site(visitor, back) -> None:
    answer = visitor.client.get("/langue/en", query_string={"retour": back})
    assert answer.location.startswith("/")
    assert answer.location[1:2] not in ("/", "\\")


def test_an_unknown_language_is_not_found(visitor) -> None:
    assert visitor.client.get("/langue/xx").status_code == 404


def test_every_choice_of_the_booking_form_is_kept_while_the_sign_in_ran_out(
    desk, database
) -> None:
    form = desk.form()
    form.values |= {"resident_name": "Mme Lefèvre", "language": "en"}
    sign_in_runs_out(database)
    assert desk.client.post(form.action, data=form.values).status_code == 303
    assert desk.sign_in(SECRETARY).status_code == 302
    assert desk.form().values["language"] == "en"
    # What a page's own button says is pressed again.
    pressed = {"csrf_token", "proposed", "twin_known"}
    with desk.client.application.test_request_context():
        fields = set(BookingForm(meta={"csrf": False})._fields)
    assert fields - pressed == set(kept_form._FIELDS)

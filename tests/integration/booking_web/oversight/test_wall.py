# SPDX-License-Identifier: AGPL-3.0-or-later
"""A screen on a wall: let in once by a link, figures alone, closed at once."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.domain.kiosks.presence import end_watch, write_presence
from booking_web.live_server.readers import Readers
from booking_web.tables.presence import Presence
from booking_web.tables.states import AppointmentState as State
from booking_web.tables.wall_displays import WallDisplay
from provisioning.directory.digests import digest_of
from stage.appointments import put_appointment
from stage.clock import Clock
from tests.integration.booking_web.conftest import form_with

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
SUPERVISOR = "supervision@guichet.example"


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def app(new_app, ground, clock):
    """Give the application at noon of a Tuesday."""
    return new_app(ground, now=clock, site_url="https://guichet.example")


@pytest.fixture
def link(visitor) -> str:
    """Give the path of a display's link, as its maker was shown it once."""
    visitor.sign_in(SUPERVISOR)
    form = form_with(visitor.client.get("/situation/ecrans").text, "label")
    form.values |= {"label": "Hall", "fond": "sombre"}
    page = visitor.client.post("/situation/ecrans", data=form.values).text
    [path] = re.findall(r'value="https://guichet\.example(/mur/lien/[\w-]{43})"', page)
    assert path not in visitor.client.get("/situation/ecrans").text
    return path


@pytest.fixture
def screen(app):
    """Give the browser of the screen, which nobody has signed in."""
    return app.test_client()


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html.unescape(page)).split())


def hung(screen, link):
    """Have the screen open its link and press the button."""
    page = screen.get(link)
    assert page.status_code == 200 and page.headers["Referrer-Policy"] == "no-referrer"
    form = form_with(page.text, "csrf_token")
    return screen.post(link, data=form.values)


def display_of(database) -> WallDisplay:
    with database.read() as session:
        return session.scalars(select(WallDisplay)).one()


def test_a_link_opens_once_and_leaves_no_secret_in_the_address(
    app, screen, link, database
) -> None:
    assert screen.get("/mur").status_code == 403
    # A mail's scanner that looks at the link uses nothing up.
    assert app.test_client().get(link).status_code == 200
    answer = hung(screen, link)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/mur")
    cookies = answer.headers.getlist("Set-Cookie")
    [cookie] = [each for each in cookies if each.startswith("mur=")]
    assert "Path=/mur;" in f"{cookie};" and "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    secret = re.match(r"mur=([\w-]{43});", cookie).group(1)
    display = display_of(database)
    assert display.cookie_digest == digest_of(secret)
    assert display.token_digest == digest_of(link.rpartition("/")[2])
    assert screen.get("/mur").status_code == 200
    # Used up, also for who comes with another browser.
    assert app.test_client().get(link).status_code == 404
    assert screen.get("/situation").status_code == 303


def test_a_wall_that_was_let_in_before_the_prefix_stays_in_and_has_it_from_then_on(
    new_app, ground, screen, link, database
) -> None:
    hung(screen, link)
    secret = screen.get_cookie("mur", path="/mur").value
    site = "https://guichet.example"
    later = new_app(ground, now=Clock(NOON), secure_cookies=True).test_client()
    later.set_cookie("mur", secret, path="/mur", domain="guichet.example")
    assert later.get("/mur/changements", base_url=site).status_code == 200
    answer = later.get("/mur", base_url=site)
    assert answer.status_code == 200
    given = {
        each.partition("=")[0]: each for each in answer.headers.getlist("Set-Cookie")
    }
    assert given["__Host-mur"].startswith(f"__Host-mur={secret};")
    for attribute in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
        assert f"{attribute};" in f"{given['__Host-mur']};"
    assert "Max-Age=0" in given["mur"] and "Path=/mur" in given["mur"]
    assert later.get("/mur", base_url=site).status_code == 200
    readers = Readers(database, ground.settings(secure_cookies=True))
    header = f"other=1; __Host-mur={secret}; mur=forged"
    assert readers.wall(header) is not None
    assert readers.wall(f"mur={secret}") is not None


def test_the_wall_shows_figures_and_nobodys_name(screen, link, database, clock) -> None:
    kiosks = {"kiosk-wassigny": Presence.READY, "kiosk-guise": Presence.IN_CALL}
    there = {("msa", "counsellor-msa-1"): Presence.READY}
    with database.write() as session:
        write_presence(session, kiosks, there, NOON, is_all=True)
        number = put_appointment(session, "kiosk-guise", "msa", state=State.QUEUED)
    hung(screen, link)
    page = words_of(screen.get("/mur").text)
    assert "MSA 1" in page and "Dupont" not in page and "Conseillère" not in page
    assert "Relais de Guise en communication" in page
    assert "Relais de Wassigny à vérifier Imprimante et scanner" in page
    assert str(number) not in re.findall(r"appointment.?(\d+)", page)
    text = screen.get("/mur").text
    seen = ",".join(
        ":".join(each)
        for each in re.findall(r'id="(lines|kiosks)" data-seen="(\w+)"', text)
    )
    assert screen.get(f"/mur/changements?vu={seen}").status_code == 204
    with database.write() as session:
        end_watch(session, NOON)
    update = screen.get(f"/mur/changements?vu={seen}").text
    assert "Le service d'appel ne donne plus de nouvelles" in html.unescape(update)


def test_its_last_use_is_shown_and_revoking_it_closes_it_at_once(
    screen, link, visitor, database, clock
) -> None:
    hung(screen, link)
    clock.now += timedelta(hours=3)
    assert screen.get("/mur/changements").status_code == 200
    assert display_of(database).seen_at == clock.now
    page = words_of(visitor.client.get("/situation/ecrans").text)
    assert "Hall" in page and "Vu aujourd'hui à 15 h 00." in page.replace("\xa0", " ")
    address = f"/situation/ecrans/{display_of(database).id}/supprimer"
    page = visitor.client.get(address).text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[-1]
    answer = visitor.client.post(address, data={"csrf_token": token})
    assert answer.status_code == 303
    assert screen.get("/mur").status_code == 403
    assert screen.get("/mur/changements").status_code == 401


def test_a_link_that_nobody_opened_in_a_day_opens_nothing(screen, link, clock) -> None:
    clock.now += timedelta(hours=24)
    assert screen.get(link).status_code == 404


def test_fault_whoever_guesses_links_is_soon_refused(screen) -> None:
    answers = [screen.get(f"/mur/lien/guess-{each}").status_code for each in range(21)]
    assert answers == [404] * 20 + [429]

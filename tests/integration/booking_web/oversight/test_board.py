# SPDX-License-Identifier: AGPL-3.0-or-later
"""How the site is now, for those who keep it: figures, and nobody's name."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest

from booking_web.domain.kiosks.presence import end_watch, write_presence
from booking_web.tables.presence import Presence
from booking_web.tables.states import AppointmentState as State
from stage.appointments import put_appointment
from stage.clock import Clock

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
PEOPLE = (
    "supervision@guichet.example",
    "rgpd@guichet.example",
    "admin@guichet.example",
)
MSA = "Mutualité sociale agricole (MSA)"
MISSION_LOCALE = "Mission locale pour l'emploi de Thiérache"
NOBODY_HEARS = "Le service d'appel ne donne plus de nouvelles"


@pytest.fixture
def app(new_app, ground):
    """Give the application at noon of a Tuesday."""
    return new_app(ground, now=Clock(NOON))


def told(database) -> None:
    """Have the dispatcher say that one kiosk and one counsellor are there."""
    kiosks = {"kiosk-wassigny": Presence.READY, "kiosk-guise": Presence.IN_CALL}
    counsellors = {
        ("msa", "counsellor-msa-1"): Presence.READY,
        ("sous-prefecture-vervins", "counsellor-sous-prefecture-vervins-1"): (
            Presence.PAUSED
        ),
    }
    with database.write() as session:
        write_presence(session, kiosks, counsellors, NOON, is_all=True)


def rows_of(page: str) -> dict[str, list[str]]:
    """Give each row of the page's tables by its heading, as it is read."""
    found = {}
    for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL)[1:]:
        shown = re.sub(r'<span class="column-name".*?</span>', "", row)
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", shown, re.DOTALL)
        words = [
            " ".join(re.sub(r"<[^>]*>", " ", html.unescape(cell)).split())
            for cell in cells
        ]
        found[words[0]] = words[1:]
    return found


@pytest.mark.parametrize("person", PEOPLE)
def test_who_keeps_the_site_reads_how_long_people_wait_and_no_name(
    visitor, database, person
) -> None:
    told(database)
    with database.write() as session:
        put_appointment(session, "kiosk-guise", "msa", state=State.QUEUED)
        speaks = "mission-locale-thierache"
        put_appointment(session, "kiosk-wassigny", speaks, state=State.IN_CALL)
    visitor.sign_in(person)
    page = visitor.client.get("/situation").text
    rows = rows_of(page)
    waiting, since, in_call, available, paused = rows[MSA]
    assert (waiting, in_call, available, paused) == ("1", "0", "1", "0")
    assert since != "–"
    assert rows[MISSION_LOCALE] == ["0", "–", "1", "0", "0"]
    assert rows["Sous-préfecture de Vervins"] == ["0", "–", "0", "0", "1"]
    assert rows["Relais de Wassigny"] == ["kiosk-wassigny", "prête"]
    assert rows["Relais de Guise"] == ["kiosk-guise", "en communication"]
    assert "Dupont" not in page and "Conseillère" not in page
    assert NOBODY_HEARS not in html.unescape(page)


def test_what_changed_comes_to_the_open_page(visitor, database) -> None:
    told(database)
    visitor.sign_in(PEOPLE[0])
    page = visitor.client.get("/situation").text
    seen = ",".join(
        f"{name}:{digest}"
        for name, digest in re.findall(
            r'id="(\w+)"(?: class="fleet")? data-seen="(\w+)"', page
        )
    )
    assert visitor.client.get(f"/situation/changements?vu={seen}").status_code == 204
    with database.write() as session:
        put_appointment(
            session,
            "kiosk-guise",
            "msa",
            starts_at=NOON - timedelta(minutes=5),
            state=State.QUEUED,
        )
    update = visitor.client.get(f"/situation/changements?vu={seen}").text
    assert 'data-part="lines"' in update and 'data-part="kiosks"' not in update
    assert rows_of(update)[MSA][0] == "1"


def test_it_says_that_nobody_hears_the_telephone_exchange(visitor, database) -> None:
    told(database)
    with database.write() as session:
        end_watch(session, NOON)
    visitor.sign_in(PEOPLE[0])
    page = visitor.client.get("/situation").text
    assert NOBODY_HEARS in html.unescape(page)
    rows = rows_of(page)
    assert rows[MSA] == ["0", "–", "0", "?", "?"]
    assert rows["Relais de Guise"] == ["kiosk-guise", "état inconnu"]


@pytest.mark.parametrize(
    "person", ["mairie@wassigny.example", "conseiller@msa.example"]
)
def test_others_have_no_such_page(visitor, person) -> None:
    visitor.sign_in(person)
    assert visitor.client.get("/situation").status_code == 403
    assert visitor.client.get("/situation/changements").status_code == 403

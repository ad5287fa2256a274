# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whatever is done in the practice, the site's database, figures and senders know nothing of it.

The walk sends every form of the site below the practice's prefix, with the token of the one
tab and with that of the other.
"""

import re
from collections.abc import Iterator
from dataclasses import fields

import pytest
from sqlalchemy import MetaData, select
from werkzeug.test import Client

from booking_web.base.clock import utc_now
from booking_web.base.settings import Settings
from booking_web.practice import seeding
from booking_web.practice.application import practice_settings
from booking_web.practice.gate import PracticeGate
from booking_web.practice.worlds import World
from provisioning.database.engine import Database
from tests.folders import Folders
from tests.integration.booking_web.conftest import SECRETARY, Desk
from tests.integration.booking_web.matrix import table
from tests.integration.booking_web.matrix.conftest import World as Site
from tests.integration.booking_web.matrix.conftest import new_world

PRACTICE = "/exercice"
# What of the site a world is told: how browsers come, and how files are examined.
TOLD = {
    *("secure_cookies", "trusted_proxies", "clamd_socket"),
    *("documents_max_megabytes", "documents_max_pages"),
}
OF_ITS_OWN = {"database_url", "secret_key", "documents_dir", "documents_key_file"}
# What would tell of it: appointments and the diary, figures, the journal, boards and walls,
# notices by mail and SMS, programs, alerts, machines, papers.
WOULD_TELL = {
    *("appointment", "period", "kiosk_slot", "counter_slot", "resident"),
    *("journal", "live_event", "message", "webhook_event", "alert"),
    *("opening_check", "device_job", "document", "code_to_play", "endpoint_presence"),
}
# Pages that count, and which role reads them.
COUNTING = {
    "/situation": table.SUPERVISOR,
    "/statistiques": table.SUPERVISOR,
    "/statistiques/tableau.csv": table.SECRETARY,
}
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
SENT = [way for way in table.WAYS if way.method not in ("GET", "HEAD")]


@pytest.fixture(scope="module")
def site(new_ground, tmp_path_factory: Folders) -> Iterator[Site]:
    """Give the site with something of each kind in it."""
    folder = tmp_path_factory.mktemp("site")
    with new_world(new_ground(folder), folder) as made:
        yield made


@pytest.fixture
def gate(site: Site, practice_template) -> Iterator[PracticeGate]:
    """Give the site with its practice, at this very hour."""
    made = PracticeGate(site.app, practice_template, utc_now)
    yield made
    made.close()
    made.worlds.reset(account_of(site))


@pytest.fixture
def browser(gate: PracticeGate, ground) -> Client:
    """Give the browser of the secretary, who is signed in to the site."""
    browser = Client(gate)
    assert Desk(browser, ground.passwords).sign_in(SECRETARY).status_code == 302
    return browser


def account_of(site: Site) -> int:
    rows = site.rows()["user_account"]
    return next(row[0] for row in rows if SECRETARY in row)


def world_of(gate: PracticeGate, site: Site) -> World:
    return gate.worlds.world_of(account_of(site))


def rows_of(world: World) -> dict[str, list[tuple[object, ...]]]:
    """Give all that a world's database holds, but what each request has played."""
    database, found, metadata = Database(world.database_url), {}, MetaData()
    metadata.reflect(database.engine)
    with database.engine.connect() as connection:
        for name, each in metadata.tables.items():
            if name not in ("presence_watch", "kiosk_devices", "live_event"):
                found[name] = sorted(
                    map(tuple, connection.execute(select(each))), key=repr
                )
    database.dispose()
    return found


def token_on(browser: Client, address: str) -> str:
    found = TOKEN.search(browser.get(address, follow_redirects=True).text)
    assert found is not None
    return found[1]


def play(browser: Client, part: str) -> None:
    token = token_on(browser, f"{PRACTICE}/consignes")
    data = {"csrf_token": token, "part": part}
    assert browser.post(f"{PRACTICE}/consignes/role", data=data).status_code == 303


def test_a_world_is_told_nothing_by_which_anything_could_leave_it(
    site, tmp_path
) -> None:
    """A setting that is new is none of the practice's until somebody says so here."""
    settings = practice_settings(
        World(tmp_path, "2030-05-14T08:00:00+00:00 x"), site.settings
    )
    usual = Settings(database_url="", secret_key="")
    for field in fields(Settings):
        told = getattr(settings, field.name)
        if field.name in OF_ITS_OWN:
            assert told != getattr(site.settings, field.name), field.name
        elif field.name not in TOLD:
            assert told == getattr(usual, field.name), field.name


def test_no_form_that_is_sent_in_the_practice_writes_into_the_site(
    site, gate, browser
) -> None:
    before = site.rows()
    assert WOULD_TELL <= set(before)
    counted = {page: shown(site, page) for page in COUNTING}
    answered = set()
    for part in (table.SECRETARY, table.COUNSELLOR):
        play(browser, part)
        token = token_on(browser, f"{PRACTICE}/consignes")
        for way in SENT:
            address = site.address(part, way, "own")
            data = way.data | {"csrf_token": token}
            sent = {"json": way.json} if way.json is not None else {"data": data}
            answer = browser.open(f"{PRACTICE}{address}", method=way.method, **sent)
            assert answer.status_code < 500, (way.endpoint, answer.status_code)
            answered.add(answer.status_code)
            answer.close()
        # Somebody may have signed out, were that a form of the practice.
        assert browser.get(f"{PRACTICE}/consignes").status_code == 200
    # Some were done: the walk is no walk along closed doors.
    assert {303, 404} <= answered
    assert site.rows() == before
    assert {page: shown(site, page) for page in COUNTING} == counted
    desk = site.clients[table.SECRETARY].get("/bureau").text
    assert seeding.EXPECTED not in desk and "Exercice-sur-Papier" not in desk


def shown(site: Site, page: str) -> str:
    """Give what a counting page says, without what differs from one sight to the next."""
    text = site.clients[COUNTING[page]].get(page).text
    return re.sub(r'(csrf_token" value|data-token|data-live-drawn)="[^"]*"', "", text)


def test_a_form_of_the_one_tab_is_refused_by_the_other(site, gate, browser) -> None:
    of_site = token_on(browser, "/bureau")
    of_practice = token_on(browser, f"{PRACTICE}/consignes")
    world = world_of(gate, site)
    before, world_before = site.rows(), rows_of(world)
    wrong = []
    for way in SENT:
        if not way.has_token:
            continue
        for prefix, token in ((PRACTICE, of_site), ("", of_practice)):
            address = f"{prefix}{site.address(table.SECRETARY, way, 'own')}"
            data = way.data | {"csrf_token": token}
            answer = browser.open(address, method=way.method, data=data)
            is_sent_away = way.is_gated and answer.status_code in (303, 403, 404)
            if answer.status_code != 400 and not is_sent_away:
                wrong.append(f"{way.method} {address}: {answer.status_code}")
    assert wrong == []
    assert site.rows() == before
    assert rows_of(world) == world_before


def test_links_and_redirects_of_the_practice_stay_in_it(site, browser) -> None:
    for part in (table.SECRETARY, table.COUNSELLOR):
        play(browser, part)
        for address in ("/", "/bureau", "/connexion", "/mon-compte", "/administration"):
            answer = browser.get(f"{PRACTICE}{address}")
            assert answer.status_code in (200, 303, 403), address
            if answer.status_code == 303:
                assert answer.location.startswith(f"{PRACTICE}/"), address
        switched = browser.get(f"{PRACTICE}/langue/fr?retour=/bureau")
        assert switched.location == f"{PRACTICE}/bureau"
        # Asked for anew, what only takes forms leads to the page above it.
        above = browser.get(f"{PRACTICE}/consignes/zero")
        assert above.location == f"{PRACTICE}/consignes"

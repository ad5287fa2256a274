# SPDX-License-Identifier: AGPL-3.0-or-later
"""The morning's look at the relay's kiosk: kept with who and when, read in the fleet."""

import html
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.domain.fleet.alerts.findings import Finding, Subject
from booking_web.domain.fleet.alerts.people import Ways
from booking_web.domain.fleet.alerts.raising import settle_alerts
from booking_web.domain.kiosks.presence import write_presence
from booking_web.tables.alerts import AlertKind
from booking_web.tables.fleet import KioskOrder
from booking_web.tables.opening_checks import OpeningCheck, Step
from booking_web.tables.presence import Presence
from provisioning.database.models import Kiosk
from stage.clock import Clock
from tests.integration.booking_web.conftest import Desk

EIGHT = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)
TODAY = date(2026, 11, 24)
PAGE = "/bureau/ouverture"
ADMINISTRATOR = "admin@guichet.example"


@pytest.fixture
def app(new_app, ground):
    """Give the application at twenty to nine of a Tuesday."""
    return new_app(ground, now=Clock(EIGHT))


@pytest.fixture
def kiosk_ids(database) -> dict[str, int]:
    with database.read() as session:
        return dict(session.execute(select(Kiosk.slug, Kiosk.id)).all())


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html.unescape(page)).split())


def send(desk, address, **fields):
    """Press a button of the page, whether it is offered or not."""
    token = desk.form().values["csrf_token"]
    return desk.client.post(address, data={"csrf_token": token, **fields})


def kept(database) -> list[tuple]:
    with database.read() as session:
        rows = session.scalars(select(OpeningCheck).order_by(OpeningCheck.step))
        return [(each.day, each.step, each.found, each.checked_at) for each in rows]


def test_each_step_is_kept_and_a_wrong_tick_is_taken_back(
    desk, database, kiosk_ids
) -> None:
    with database.write() as session:
        there = {"kiosk-wassigny": Presence.READY}
        write_presence(session, there, {}, EIGHT, is_all=True)
    kiosk = kiosk_ids["kiosk-wassigny"]
    page = words_of(desk.client.get(PAGE).text)
    assert "0 sur 5 regardés aujourd'hui" in page and "Maintenant :" in page
    assert "kiosk-guise" not in page and "Relais de Guise" not in page
    for step in Step:
        answer = send(desk, f"{PAGE}/{kiosk}/{step}", found="ok")
        assert answer.status_code == 303
        assert answer.headers["Location"].endswith(f"#etape-{kiosk}-{step}")
    page = words_of(desk.client.get(PAGE).text)
    assert "Tout est en ordre , 5 sur 5 regardés aujourd'hui" in page
    assert kept(database)[0] == (TODAY, "devices", "ok", EIGHT)
    send(desk, f"{PAGE}/{kiosk}/paper", found="undo")
    send(desk, f"{PAGE}/{kiosk}/paper", found="undo")
    assert {step for _, step, *_ in kept(database)} == set(Step) - {Step.PAPER}
    send(desk, f"{PAGE}/{kiosk}/paper", found="problem")
    page = words_of(desk.client.get(PAGE).text)
    assert "1 problème signalé" in page and "Remettez du papier A4." in page
    assert "L'administrateur le lit dès maintenant dans son parc" in page


def test_the_administrator_reads_what_was_found_who_looked_and_when(
    desk, database, kiosk_ids, app, ground
) -> None:
    kiosk = kiosk_ids["kiosk-wassigny"]
    send(desk, f"{PAGE}/{kiosk}/glass", found="problem")
    send(desk, f"{PAGE}/{kiosk}/paper", found="ok")
    administrator = Desk(app.test_client(), ground.passwords)
    administrator.sign_in(ADMINISTRATOR)
    said = "24 novembre 2026 : problème (vitre ou caméra) –"
    fleet = words_of(administrator.client.get("/administration/parc").text)
    assert "Signalé à l'ouverture du matin (1)" in fleet and said in fleet
    assert "à 8 h 40" in fleet.replace("\xa0", " ")
    machine = administrator.client.get(
        "/administration/parc/bornes/kiosk-wassigny"
    ).text
    assert said in words_of(machine)


def test_another_relays_kiosk_and_unknown_steps_are_not_found(
    desk, database, kiosk_ids
) -> None:
    own, foreign = kiosk_ids["kiosk-wassigny"], kiosk_ids["kiosk-guise"]
    assert send(desk, f"{PAGE}/{foreign}/paper", found="ok").status_code == 404
    assert send(desk, f"{PAGE}/{foreign}/auto-test").status_code == 404
    assert send(desk, f"{PAGE}/{own}/coffee", found="ok").status_code == 404
    assert send(desk, f"{PAGE}/{own}/paper", found="maybe").status_code == 400
    assert kept(database) == []
    with database.read() as session:
        assert session.scalars(select(KioskOrder)).all() == []


def test_the_kiosk_is_asked_to_test_itself_from_here(desk, database, kiosk_ids) -> None:
    kiosk = kiosk_ids["kiosk-wassigny"]
    assert send(desk, f"{PAGE}/{kiosk}/auto-test").status_code == 303
    with database.read() as session:
        [order] = session.scalars(select(KioskOrder)).all()
    assert (order.kiosk_id, order.kind) == (kiosk, "self_test")


def test_whom_disuse_concerns_reads_it_on_their_own_page(database, app, ground) -> None:
    kinds = {
        AlertKind.RELAY_UNUSED: ("wassigny", "14 - Relais de Wassigny"),
        AlertKind.PAPER_UNCHECKED: ("kiosk-guise", "5 2026-11-16 Relais de Guise"),
        AlertKind.NO_HOURS: ("msa", "3 - Mutualité sociale agricole (MSA)"),
    }
    findings = [
        Finding(Subject(kind, slug), detail) for kind, (slug, detail) in kinds.items()
    ]
    # They last for an hour before they are believed.
    for moment in (EIGHT - timedelta(hours=1), EIGHT):
        with database.write() as session:
            settle_alerts(session, findings, Ways(), moment)
    unused = "Relais de Wassigny : relais inutilisé"
    unchecked = "Relais de Guise (kiosk-guise) : papier non vérifié"
    closed = "Mutualité sociale agricole (MSA) : aucun horaire publié"
    told = {
        ("mairie@wassigny.example", "/bureau"): {unused},
        ("mairie@guise.example", "/bureau"): {unchecked},
        ("responsable@msa.example", "/organisme/heures"): {closed},
        ("supervision@guichet.example", "/situation"): {unused, unchecked, closed},
    }
    for (who, address), mine in told.items():
        person = Desk(app.test_client(), ground.passwords)
        person.sign_in(who)
        page = words_of(person.client.get(address).text)
        shown = {each for each in (unused, unchecked, closed) if each in page}
        assert shown == mine, who

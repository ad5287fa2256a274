# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the fleet's pages show of versions: rings, pilots, each kiosk's last update."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from booking_web.domain.fleet.machines import TellsOfMachine, take_machine_report
from booking_web.domain.fleet.updates import TellsOfUpdate, take_update
from booking_web.tables.fleet import KioskOrder, UpdateState
from provisioning.database.models import Kiosk
from stage.administrator_desk import HOME, AdministratorDesk
from stage.html_forms import forms_of

# 12:00 in Paris.
NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
ADMINISTRATOR = "admin@guichet.example"
FLEET, WASSIGNY = f"{HOME}/parc", "kiosk-wassigny"
KIOSK = f"{FLEET}/bornes/{WASSIGNY}"
TRIED = {
    "pilot": "1.3.0",
    "stable": "1.2.0",
    "trial": {"version": "1.3.0", "published_at": "2026-11-23T16:30:00+00:00"},
}


@pytest.fixture
def rings(tmp_path):
    """Give the file in which the server notes what is published."""
    file = tmp_path / "rings.json"
    file.write_text(json.dumps(TRIED))
    return file


@pytest.fixture
def office_of(new_app, ground, rings):
    """Give a function that opens the pages of a site with these pilots."""

    def open_pages(pilots=WASSIGNY) -> AdministratorDesk:
        app = new_app(
            ground,
            now=lambda: NOON,
            repository_pilots=pilots,
            repository_rings=str(rings),
        )
        return AdministratorDesk(app, ground.passwords, ADMINISTRATOR)

    return open_pages


@pytest.fixture
def tried(database):
    """Give a function that has the kiosk tell of its last update."""

    def tell(state, cause="") -> None:
        at = NOON - timedelta(hours=8)
        told = TellsOfUpdate(
            state=state,
            from_version="1.2.0",
            to_version="1.3.0",
            tried_at=at,
            cause=cause,
        )
        machine = TellsOfMachine(
            version="1.2.0",
            machine_id="a" * 64,
            clock=NOON,
            packages={"guichet-kiosk": "1.2.0"},
        )
        with database.write() as session:
            query = select(Kiosk.id).where(Kiosk.slug == WASSIGNY)
            kiosk_id = session.scalars(query).one()
            take_machine_report(session, kiosk_id, machine, NOON)
            take_update(session, kiosk_id, told, NOON)

    return tell


def words_of(page: str) -> str:
    """Give what a page says."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split()).replace("\xa0", " ")


def test_the_page_says_what_each_ring_is_given_and_who_tries_it(office_of) -> None:
    said = words_of(office_of().page(FLEET))
    assert (
        f"Bornes pilotes ({WASSIGNY}) : 1.3.0, à l'essai depuis : "
        "23 novembre 2026, 17 h 30 Autres bornes : 1.2.0"
    ) in said.replace("&#39;", "'")


def test_a_version_that_nobody_tries_is_told(office_of) -> None:
    said = words_of(office_of("").page(FLEET)).replace("&#39;", "'")
    assert "Autres bornes : 1.2.0 1.3.0 attend : aucune borne n'est pilote" in said


def test_without_anything_published_nothing_is_said(office_of, rings) -> None:
    rings.unlink()
    assert "Versions des bornes" not in office_of().page(FLEET)


def test_an_open_page_hears_of_another_version(office_of, rings) -> None:
    office = office_of()
    assert "1.3.0, à l" in office.page(f"{FLEET}/changements")
    rings.write_text(json.dumps({"pilot": "1.3.0", "stable": "1.3.0", "trial": None}))
    assert "Autres bornes : 1.3.0" in words_of(office.page(f"{FLEET}/changements"))


@pytest.mark.parametrize(
    ("state", "cause", "said", "why"),
    [
        (UpdateState.DONE, "", "1.3.0 installée", ""),
        (
            UpdateState.ROLLED_BACK,
            "no_tone",
            "1.3.0 essayée, 1.2.0 remise",
            "Le son joué par le haut-parleur ne revient pas",
        ),
        (
            UpdateState.FAILED,
            "no_download",
            "1.3.0 pas installée",
            "le téléchargement a échoué",
        ),
        (UpdateState.FAILED, "of_a_newer_kiosk", "1.3.0 pas installée", "of_a_newer"),
    ],
)
def test_the_last_update_is_told_and_why_it_did_not_go_well(
    office_of, tried, state, cause, said, why
) -> None:
    tried(state, cause)
    office = office_of()
    is_wrong = state is not UpdateState.DONE
    listed = office.page(FLEET)
    assert said in words_of(listed)
    assert (f'<span class="mark mark-trouble">{said}</span>' in listed) is is_wrong
    narrowed = office.page(f"{FLEET}?montre=mise-a-jour-manquee")
    assert (f'/bornes/{WASSIGNY}"' in narrowed) is is_wrong
    page = words_of(office.page(KIOSK)).replace("&#39;", "'")
    assert "Vague pilote" in page and "Version de la vague 1.3.0" in page
    assert said in page and "24 novembre 2026, 4 h 00" in page
    assert why in page


def test_a_version_that_was_withdrawn_is_no_trouble_any_more(
    office_of, tried, rings
) -> None:
    tried(UpdateState.ROLLED_BACK, "no_tone")
    rings.write_text(json.dumps({"pilot": "1.2.0", "stable": "1.2.0", "trial": None}))
    page = office_of().page(FLEET)
    assert "1.3.0 essayée, 1.2.0 remise" in page
    assert "mark-trouble" not in page.split("1.3.0 essayée")[0].rsplit("<td", 1)[1]


def test_an_update_is_asked_for_from_the_kiosk_s_page(office_of, database) -> None:
    office = office_of()
    [form] = [
        each
        for each in forms_of(office.page(KIOSK))
        if each.action.endswith("/mise-a-jour")
    ]
    answer = office.client.post(form.action, data=form.values, follow_redirects=True)
    assert "Une mise à jour est demandée." in answer.text
    assert "Mettre à jour maintenant" not in answer.text
    with database.read() as session:
        orders = session.execute(select(KioskOrder.kind, KioskOrder.state)).all()
    assert [tuple(each) for each in orders] == [("update", "waiting")]

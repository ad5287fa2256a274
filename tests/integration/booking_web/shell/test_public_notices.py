# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a public site owes to anybody: told as it is set, and what is missing said plainly."""

import pytest

from booking_web.base.notice_settings import OWED
from booking_web.base.settings import SettingsError, load_settings

PAGES = ("/accessibilite", "/mentions-legales", "/donnees-personnelles")
TOLD = {
    "site_publisher": "Communauté de communes de la Thiérache",
    "site_publisher_address": "1 rue de la Mairie, 02260 La Capelle",
    "publication_director": "Mme Martin, présidente",
    "site_host": "Syndicat informatique, 02000 Laon",
    "accessibility_stated_on": "2027-01-04",
    "accessibility_contact": "accessibilite@thierache.example",
    "data_controller": "La présidente de la communauté",
    "data_officer": "https://thierache.example/dpo",
    "data_legal_basis": "Mission d'intérêt public",
}


@pytest.fixture
def told(new_app, ground):
    """Give anybody's client of a site that tells all it owes, and forgets after 60 days."""
    return new_app(ground, forget_after_days=60, **TOLD).test_client()


@pytest.mark.parametrize(
    "address", ["/connexion", "/mot-de-passe/oublie", "/invite/guessed", *PAGES]
)
def test_they_stand_in_the_foot_of_each_page_without_a_sign_in(
    visitor, address
) -> None:
    answer = visitor.client.get(address)
    foot = answer.text.partition("<footer")[2]
    assert [f'href="{page}"' in foot for page in PAGES] == [True] * 3
    # The law wants the state itself to be read there.
    assert "Accessibilité : non conforme" in foot


def test_what_is_not_set_is_said_to_be_missing_and_whom_to_ask(visitor) -> None:
    missing = 0
    for address in PAGES:
        answer = visitor.client.get(address)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
        assert "demandez à la mairie qui vous accueille" in answer.text
        missing += answer.text.count("pas encore indiqué</strong>")
    # The publisher and the host are named on two pages, the officer twice on one.
    assert missing == len(OWED) + 3


def test_a_site_that_tells_all_lacks_nothing(told) -> None:
    pages = [told.get(address).text for address in PAGES]
    assert not any("pas encore" in page for page in pages)
    words = "".join(pages).replace("&#39;", "'")
    for name, value in TOLD.items():
        assert ("4 janvier 2027" if name.endswith("_on") else value) in words
    assert 'href="mailto:accessibilite@thierache.example"' in words
    assert 'href="https://thierache.example/dpo"' in words
    assert "Défenseur des droits, Libre réponse 71120" in words
    assert "Sous-préfecture de Vervins" in words


def test_how_long_what_is_kept_is_what_forgets_it_goes_by(told, visitor) -> None:
    assert told.get(PAGES[2]).text.count("<td>60 jours</td>") == 5
    usual = visitor.client.get(PAGES[2]).text
    assert [usual.count(f"<td>{days} jours</td>") for days in (1000, 365, 90)] == [
        2,
        2,
        1,
    ]
    assert "<td>24 heures</td>" in usual


def test_an_audit_is_told_and_its_state_is_in_the_foot(new_app, ground) -> None:
    app = new_app(
        ground,
        accessibility_state="partial",
        accessibility_audit="Audit du 3 mars 2027 : 71 %",
    )
    page = app.test_client().get(PAGES[0]).text
    assert "Accessibilité : partiellement conforme" in page
    assert "Audit du 3 mars 2027 : 71 %" in page


def test_they_are_told_in_english_too(visitor) -> None:
    visitor.client.get("/langue/en")
    page = visitor.client.get(PAGES[1]).text
    assert "Publisher of the site" in page
    assert "Accessibility: not compliant" in page


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"STATE": "partial"}, "needs accessibility_audit"),
        ({"STATE": "oui"}, '"none", "partial" or "full"'),
        ({"STATED_ON": "4 janvier"}, "accessibility_stated_on"),
    ],
)
def test_what_nobody_could_stand_for_is_refused(settings, said) -> None:
    needed = {"GUICHET_DATABASE_URL": "sqlite://", "GUICHET_SECRET_KEY": "k"}
    given = {f"GUICHET_ACCESSIBILITY_{key}": value for key, value in settings.items()}
    with pytest.raises(SettingsError, match=said):
        load_settings(None, needed | given)


def test_the_administrator_reads_which_settings_are_missing(visitor) -> None:
    visitor.sign_in("admin@guichet.example")
    page = visitor.client.get("/administration").text
    assert [f"{name}</code>" in page for name in OWED] == [True] * len(OWED)

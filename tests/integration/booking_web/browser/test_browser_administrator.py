# SPDX-License-Identifier: AGPL-3.0-or-later
"""The administrator's pages in a real browser: by keyboard, by axe's rules, twice over."""

import re

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from booking_web.tables.administration import DirectoryAct
from provisioning.database.models import Kiosk, User
from stage.chromium import check_page, check_wide_and_narrow

pytestmark = pytest.mark.real

ADMINISTRATOR = "admin@guichet.example"
HOME = "/administration"
# Every page that a press on nothing shows.
PAGES = {
    "overview": "",
    "people": "/personnes",
    "people-none": "/personnes?cherche=zzz",
    "person": "/personnes/1",
    "invite": "/personnes/ajouter",
    "relays": "/relais?tri=-commune",
    "relay": "/relais/guise",
    "kiosks": "/bornes",
    "kiosk": "/bornes/kiosk-guise",
    "organisations": "/organismes",
    "organisation": "/organismes/msa",
    "counters": "/guichets",
    "counter": "/guichets/msa-1",
    "phones": "/telephones",
    "phone": "/telephones/counsellor-msa-1",
    "reasons": "/motifs",
    "reason": "/motifs/sous-prefecture-permis",
    "papers": "/papiers",
    "paper": "/papiers/changer?nom=Permis+de+conduire&dessin=card-heading",
}


@pytest.fixture
def page(signed_in) -> Page:
    """Give the first page of the administrator."""
    return signed_in(ADMINISTRATOR)


def type_into(page: Page, label: str, text: str) -> None:
    """Go on with Tab until the field is reached, and type."""
    field = page.get_by_label(label, exact=True)
    for _ in range(60):
        if field.evaluate("each => each === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(field).to_be_focused()
    page.keyboard.type(text)


def test_a_secretary_is_invited_by_keyboard_and_chooses_her_password(
    page, new_page, database
) -> None:
    page.get_by_role("link", name="Inviter une personne").press("Enter")
    type_into(page, "Nom", "Mme Caron")
    type_into(page, "Adresse électronique", "caron@guise.example")
    # Its first letters choose it: a letter with an accent would go into the field before.
    type_into(page, "Rôle", "Secr")
    page.get_by_role("button", name="Inviter une personne").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("choisissez-le")
    check_page(page, "administrator-invite-error")
    type_into(page, "Relais", "Relais de Guise")
    page.get_by_role("button", name="Inviter une personne").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Voici le lien")
    check_page(page, "administrator-invitation")
    link = page.locator(".secret-sheet dd").first.inner_text()

    hers = new_page()
    hers.goto(link)
    check_page(hers, "choose-password")
    for field in hers.locator("input[type=password]").all():
        field.fill("un mot de passe bien long")
    hers.locator("input[type=password]").last.press("Enter")
    hers.get_by_label("Adresse électronique").fill("caron@guise.example")
    hers.get_by_label("Mot de passe").fill("un mot de passe bien long")
    hers.get_by_label("Mot de passe").press("Enter")
    hers.wait_for_url("**/bureau**")
    expect(hers.locator(".where")).to_contain_text("Guise")
    page.goto(f"{HOME}/personnes?cherche=caron")
    expect(page.locator("tbody")).not_to_contain_text("jamais")
    with database.read() as session:
        user = session.scalars(
            select(User).where(User.email == "caron@guise.example")
        ).one()
        assert user.last_signed_in_at is not None


def test_every_page_passes_axe_wide_and_narrow(page) -> None:
    for name, address in PAGES.items():
        page.goto(HOME + address)
        check_wide_and_narrow(page, f"administrator-{name}")
    page.goto("/situation")
    check_wide_and_narrow(page, "board")
    page.goto(f"{HOME}/relais/ajouter")
    page.get_by_role("button", name="Ajouter un relais").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Rien n'est enregistré")
    check_wide_and_narrow(page, "administrator-error")
    page.goto(f"{HOME}/telephones/counsellor-msa-1")
    page.get_by_role("button", name="Nouveau secret").press("Enter")
    check_wide_and_narrow(page, "administrator-question")
    page.get_by_role("button", name="Oui, continuer").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Voici le nouveau secret.")
    check_wide_and_narrow(page, "administrator-sheet")


def add_a_kiosk_at_guise(page: Page) -> None:
    page.goto(f"{HOME}/bornes/ajouter")
    page.get_by_label("Relais").select_option("guise")
    page.get_by_role("button", name="Ajouter une borne").click()
    expect(page.locator(".secret-sheet")).to_contain_text("kiosk-guise-2")


def lock_out(page: Page) -> None:
    page.get_by_role("button", name="Couper l'accès").click()
    page.get_by_role("button", name="Oui, continuer").click()
    expect(page.get_by_role("status")).to_contain_text("L'accès est coupé.")
    page.reload()
    expect(page.get_by_role("status")).to_have_count(0)


def kiosks_and_acts(database) -> tuple[int, list[str]]:
    with database.read() as session:
        count = session.scalar(
            select(func.count()).where(Kiosk.slug.startswith("kiosk-guise"))
        )
        acts = select(DirectoryAct.act).order_by(DirectoryAct.id)
        return count, list(session.scalars(acts))


def test_reload_and_back_do_nothing_twice(signed_in, database) -> None:
    page = signed_in(ADMINISTRATOR, java_script_enabled=False)
    add_a_kiosk_at_guise(page)
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("Rien n'a été fait deux fois.")
    expect(page.locator(".secret-sheet")).to_have_count(0)
    lock_out(page)
    # The browser does not show a form's answer again without asking.
    with pytest.raises(PlaywrightError, match="ERR_CACHE_MISS"):
        page.go_back()
    assert kiosks_and_acts(database) == (2, ["added", "locked_out"])


def test_reload_and_back_lead_to_a_page_where_scripts_send_the_forms(
    page, database
) -> None:
    add_a_kiosk_at_guise(page)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ajouter une borne")
    expect(page.locator(".secret-sheet")).to_have_count(0)
    page.goto(f"{HOME}/bornes/kiosk-guise-2")
    page.get_by_role("button", name="Couper l'accès").click()
    expect(page.get_by_role("button", name="Oui, continuer")).to_be_visible()
    # The question has no address of its own to be asked for: the kiosk's page is above it.
    page.reload()
    expect(page).to_have_url(re.compile("/bornes/kiosk-guise-2$"))
    lock_out(page)
    page.go_back()
    expect(page.get_by_role("button", name="Couper l'accès")).to_be_visible()
    assert kiosks_and_acts(database) == (2, ["added", "locked_out"])

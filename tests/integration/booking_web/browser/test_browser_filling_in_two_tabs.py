# SPDX-License-Identifier: AGPL-3.0-or-later
"""A draft is open on two pages: each shows the whole, and no text gives way silently."""

import pytest
from playwright.sync_api import Locator, Page, expect

from booking_web.tables.forms import Draft
from stage.chromium import check_page
from stage.kiosk_ground import in_call
from tests.factories.filling_desk import (
    COLLEAGUE,
    MSA,
    FormsAtDesk,
    is_saved,
    open_draft,
)
from tests.factories.pdf_forms import request_for_a_home

pytestmark = pytest.mark.real

# As fast as a person types.
KEY_MS = 60


@pytest.fixture
def appointment(database) -> int:
    return in_call(database)


@pytest.fixture
def draft(forms: FormsAtDesk, appointment) -> int:
    edition = forms.take_in(request_for_a_home().saved(), "Demande de logement")
    return forms.begin(appointment, edition)


@pytest.fixture
def tabs(signed_in, appointment, draft) -> tuple[Page, Page]:
    """Give the filling page in two tabs of one browser."""
    one = signed_in(MSA)
    other = one.context.new_page()
    for page in (one, other):
        open_draft(page, appointment, draft)
    return one, other


def field(page: Page, label: str) -> Locator:
    return page.locator("#form").get_by_label(label).first


def type_into(page: Page, label: str, words: str) -> None:
    field(page, label).focus()
    page.keyboard.press("End")
    page.keyboard.type(words, delay=KEY_MS)


def test_what_is_typed_without_a_pause_is_whole_in_the_other_tab(tabs) -> None:
    one, other = tabs
    type_into(one, "Nom de famille", "Élodie Lefèvre-Dupont de la Tour")
    is_saved(one)
    whole = "Élodie Lefèvre-Dupont de la Tour"
    expect(field(other, "Nom de famille")).to_have_value(whole)
    # The other way round, and into another field: what one has typed brings in the rest.
    type_into(other, "Votre demande", "Un logement près de l'école")
    expect(field(one, "Votre demande")).to_have_value("Un logement près de l'école")
    for page in tabs:
        expect(page.locator("#replaced")).to_be_hidden()


# Whether the page has heard that the draft went on since.
HAS_HEARD = (
    "(since) => Number(document.getElementById('held').dataset.revision) > since"
)


def draft_row(database, draft: int) -> Draft:
    with database.read() as session:
        return session.get_one(Draft, draft)


def test_who_types_alone_is_asked_nothing(tabs, forms, draft, database) -> None:
    one, other = tabs
    other.close()
    asked: list[str] = []
    one.on("request", lambda each: asked.append(each.url.rsplit("/", 1)[-1]))
    type_into(one, "Nom de famille", "Élodie Lefèvre")
    is_saved(one)
    before = draft_row(database, draft).revision
    type_into(one, "Prénom", "Zoé")
    is_saved(one)
    assert asked.count("champ") <= len("Élodie LefèvreZoé")
    # It hears of what it has typed itself, and asks no more about it.
    one.wait_for_function(HAS_HEARD, arg=before)
    one.evaluate("() => new Promise(requestAnimationFrame)")
    assert [each for each in asked if each.startswith("etat")] == []
    # About what was typed elsewhere it does.
    writer = draft_row(database, draft).changed_by
    forms.drafts.save_field(draft, 0, "demande", "Un logement", writer, begins=True)
    expect(field(one, "Votre demande")).to_have_value("Un logement")
    assert [each for each in asked if each.startswith("etat")] != []


def test_both_typed_in_at_once_have_both_fields(tabs, forms, draft) -> None:
    one, other = tabs
    field(one, "Nom de famille").focus()
    field(other, "Prénom").focus()
    for first, second in zip("Lefèvre-Dupont", "Zoé-Apollinaire", strict=False):
        one.keyboard.type(first)
        other.keyboard.type(second)
    for page in tabs:
        is_saved(page)
        expect(field(page, "Nom de famille")).to_have_value("Lefèvre-Dupont")
        expect(field(page, "Prénom")).to_have_value("Zoé-Apollinair")
        expect(page.locator("#replaced")).to_be_hidden()
    kept = forms.values(draft)
    assert kept == {"nom": "Lefèvre-Dupont", "txtPrenom": "Zoé-Apollinair"}


def test_in_one_field_what_is_typed_last_stays_and_the_other_text_is_told(
    tabs, forms, draft
) -> None:
    one, other = tabs
    # The other tab hears nothing of it, and is typed in.
    other.route("**/changements*", lambda route: route.abort())
    type_into(one, "Nom de famille", "Élodie Lefèvre")
    is_saved(one)
    expect(field(other, "Nom de famille")).to_have_value("")
    type_into(other, "Nom de famille", "Martin")
    is_saved(other)
    assert forms.values(draft)["nom"] == "Martin"
    replaced = other.locator("#replaced")
    expect(replaced).to_contain_text("Élodie Lefèvre")
    check_page(other, "filling-replaced")
    # Where it was typed, too.
    expect(field(one, "Nom de famille")).to_have_value("Martin")
    expect(one.locator("#replaced")).to_contain_text("Élodie Lefèvre")
    one.get_by_role("button", name="Oublier ce texte").click()
    expect(one.locator("#replaced")).to_be_hidden()
    other.get_by_role("button", name="Remettre dans le champ").click()
    is_saved(other)
    expect(replaced).to_be_hidden()
    assert forms.values(draft)["nom"] == "Élodie Lefèvre"
    expect(field(one, "Nom de famille")).to_have_value("Élodie Lefèvre")


def test_who_comes_back_to_a_draft_that_was_taken_overwrites_nothing(
    signed_in, forms, draft, appointment
) -> None:
    forms.have_colleague()
    first, second = signed_in(MSA), signed_in(COLLEAGUE)
    open_draft(first, appointment, draft)
    first.route("**/changements*", lambda route: route.abort())
    field(first, "Nom de famille").fill("Lefèvre")
    is_saved(first)
    open_draft(second, appointment, draft)
    second.get_by_role("button", name="Reprendre ce brouillon").click()
    expect(field(second, "Nom de famille")).to_be_enabled()
    field(second, "Nom de famille").fill("Lefebvre")
    is_saved(second)
    # The key that hears of it: its text is shown, and not sent by itself later.
    field(first, "Nom de famille").press("End")
    first.keyboard.type("x")
    expect(first.locator("#not-kept")).to_contain_text("x")
    expect(field(first, "Nom de famille")).to_have_value("Lefebvre")
    first.unroute("**/changements*")
    second.goto(f"/rendez-vous/{appointment}")
    expect(field(first, "Nom de famille")).to_be_enabled()
    # What is typed now goes out after all that was typed before, and alone.
    field(first, "Prénom").fill("Zoé")
    is_saved(first)
    assert forms.values(draft) == {"nom": "Lefebvre", "txtPrenom": "Zoé"}


def test_who_closes_one_of_two_tabs_has_not_left_the_draft(
    tabs, signed_in, forms, draft, database, appointment
) -> None:
    def held() -> bool:
        with database.read() as session:
            return bool(session.get_one(Draft, draft).held_by)

    one, other = tabs
    type_into(one, "Nom de famille", "Lefèvre")
    is_saved(one)
    with one.expect_event("close"):
        one.close(run_before_unload=True)
    # Whatever the closed tab sent has come before the colleague does.
    forms.have_colleague()
    colleague = signed_in(COLLEAGUE)
    open_draft(colleague, appointment, draft)
    expect(colleague.locator("#holder")).to_contain_text("remplit ce brouillon")
    with other.expect_event("close"):
        other.close(run_before_unload=True)
    expect(field(colleague, "Prénom")).to_be_enabled()
    assert not held()

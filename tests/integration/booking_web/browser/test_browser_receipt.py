# SPDX-License-Identifier: AGPL-3.0-or-later
"""The receipt in a real browser: one key, the page that completes it, axe's rules, no scripts."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from booking_web.tables.documents import DeviceJob, Document
from stage.chromium import check_page
from stage.kiosk_ground import in_call

pytestmark = pytest.mark.real

MSA = "conseiller@msa.example"


@pytest.fixture
def appointment(database) -> int:
    return in_call(database)


WIDE = {"width": 1366, "height": 768}
NARROW = {"width": 683, "height": 384}


def printed(database) -> list[int | None]:
    with database.read() as session:
        return list(session.scalars(select(DeviceJob.document)))


def test_one_key_on_the_console_prints_the_receipt(signed_in, database, appointment):
    page = signed_in(MSA)
    page.goto(f"/rendez-vous/{appointment}")
    expect(page.locator("#live-link")).to_contain_text("Mise à jour en direct")
    check_page(page, "console-receipt")
    page.keyboard.press("F8")
    expect(page.locator(".notice-success")).to_contain_text("s'imprime à la borne")
    expect(page.locator("#document-1")).to_contain_text("Reçu du")
    assert printed(database) == [1]
    check_page(page, "console-receipt-made")


@pytest.mark.parametrize("without_scripts", [False, True])
def test_the_receipt_is_completed_by_keyboard(
    signed_in, database, appointment, without_scripts
):
    size = NARROW if without_scripts else WIDE
    page = signed_in(MSA, viewport=size, without_scripts=without_scripts)
    page.goto(f"/rendez-vous/{appointment}/recu")
    check_page(page, "receipt")
    page.focus("#other")
    page.keyboard.type("Mot de passe du site retrouvé")
    page.keyboard.press("Tab")
    page.keyboard.type("La MSA répond par courrier.")
    page.fill("#telephone", "12")
    page.get_by_role("button", name="Imprimer le reçu").press("Enter")
    expect(page.locator("#error-summary")).to_contain_text("Ce numéro n'existe pas")
    expect(page.locator("#other")).to_have_value("Mot de passe du site retrouvé")
    check_page(page, "receipt-error")
    page.fill("#telephone", "")
    page.get_by_role("button", name="Imprimer le reçu").press("Enter")
    expect(page.locator(".notice-success")).to_contain_text("s'imprime à la borne")
    assert printed(database) == [1]


def test_two_tabs_that_press_at_once_print_one_receipt(
    signed_in, database, appointment
):
    first, second = signed_in(MSA), signed_in(MSA)
    for page in (first, second):
        page.goto(f"/rendez-vous/{appointment}")
    for page in (first, second):
        page.locator(f"#recu-{appointment}").click(no_wait_after=True)
    for page in (first, second):
        expect(page.locator(".notice-success")).to_be_visible()
    assert printed(database) == [1]
    with database.read() as session:
        assert len(session.scalars(select(Document.id)).all()) == 1

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A secretary of several relays, in a real browser: given by IT, chosen once, shown always."""

import pytest
from playwright.sync_api import expect

from stage.chromium import check_page
from tests.integration.booking_web.conftest import ADMINISTRATOR, SECRETARY

pytestmark = pytest.mark.real

LAPTOP = {"width": 1366, "height": 768}


def test_a_second_relay_is_given_and_chosen(signed_in) -> None:
    office = signed_in(ADMINISTRATOR, viewport=LAPTOP)
    office.goto("/administration/personnes")
    office.get_by_role("link", name="Mairie de Wassigny").click()
    office.get_by_label("Relais de Guise").check()
    office.get_by_role("button", name="Enregistrer ces relais").click()
    expect(office.get_by_label("Relais de Guise")).to_be_checked()
    check_page(office, "relays-given")
    secretary = signed_in(SECRETARY, viewport=LAPTOP)
    secretary.goto("/bureau")
    secretary.wait_for_url("**/mes-relais")
    check_page(secretary, "relays-chosen-among")
    secretary.get_by_role("button", name="Relais de Guise").click()
    secretary.wait_for_url("**/bureau")
    here = secretary.locator("#working-for")
    expect(here).to_contain_text("Relais de Guise")
    check_page(secretary, "relays-shown")
    here.click()
    secretary.get_by_role("button", name="Relais de Wassigny").click()
    expect(here).to_contain_text("Relais de Wassigny")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether the resident agrees, in a real browser: asked by one, withdrawn before the other."""

import pytest
from playwright.sync_api import expect

from stage.chromium import check_page
from stage.kiosk_ground import in_call
from tests.integration.booking_web.conftest import SECRETARY

pytestmark = pytest.mark.real

MSA = "conseiller@msa.example"
LAPTOP = {"width": 1366, "height": 768}


def test_what_the_secretary_notes_stands_before_the_counsellor_at_once(
    signed_in, database
) -> None:
    appointment = in_call(database)
    counsellor = signed_in(MSA, viewport=LAPTOP)
    counsellor.goto(f"/rendez-vous/{appointment}")
    standing = counsellor.locator("#consent")
    expect(standing).to_contain_text("Accord pas encore demandé")
    secretary = signed_in(SECRETARY, viewport=LAPTOP)
    secretary.goto("/bureau")
    secretary.get_by_role("link", name="Accord pas encore demandé").click()
    check_page(secretary, "consent-not-asked")
    secretary.get_by_role("button", name="L'usager est d'accord").click()
    expect(secretary.get_by_role("status").first).to_contain_text("d'accord")
    check_page(secretary, "consent-agreed")
    expect(standing).to_contain_text("L'usager est d'accord")
    standing.get_by_role("button", name="L'usager retire son accord").click()
    expect(standing).to_contain_text("L'usager a retiré son accord")
    check_page(counsellor, "consent-withdrawn")
    secretary.goto("/bureau")
    check_page(secretary, "consent-on-the-desk")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of a softphone's link in a real browser, wide and narrow, by axe's rules."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from provisioning.database.models import Counsellor, SipTransport, SoftphoneKind
from provisioning.directory.softphone_links import end_links, make_link
from stage.chromium import check_wide_and_narrow

pytestmark = pytest.mark.real

ADMINISTRATOR = "admin@guichet.example"
PHONE = "counsellor-msa-1"


@pytest.fixture
def link(database) -> str:
    """Give the path of a link for Linphone."""
    with database.write() as session:
        session.execute(
            update(Counsellor).where(Counsellor.slug == PHONE).values(softphone=True)
        )
        token = make_link(
            session,
            PHONE,
            SoftphoneKind.LINPHONE,
            SipTransport.TLS,
            datetime.now(UTC),
        )
    return f"/telephone/{token}"


def test_the_links_page_and_the_one_when_it_is_over(new_page, database, link) -> None:
    page = new_page()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Votre téléphone")
    code = page.locator(".softphone-code svg")
    expect(code).to_be_visible()
    check_wide_and_narrow(page, "softphone-link")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert code.bounding_box()["width"] > 180
    with database.write() as session:
        end_links(session, PHONE, datetime.now(UTC))
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce lien ne marche plus")
    check_wide_and_narrow(page, "softphone-over")


def test_the_administrators_page_offers_links_and_sheet(signed_in, link) -> None:
    page = signed_in(ADMINISTRATOR)
    page.goto(f"/administration/telephones/{PHONE}")
    for words in ("Lien pour Linphone", "Lien pour baresip", "Feuille de réglages"):
        expect(page.get_by_role("button", name=words)).to_be_visible()
    check_wide_and_narrow(page, "softphone-administrator")

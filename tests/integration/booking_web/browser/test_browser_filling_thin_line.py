# SPDX-License-Identifier: AGPL-3.0-or-later
"""The filling page at the end of a thin line: light, and usable before all of it has come."""

import pytest
from playwright.sync_api import Page, Route

from stage.kiosk_ground import in_call
from stage.waiting import wait_for
from tests.factories.filling_desk import (
    MSA,
    FormsAtDesk,
    is_saved,
    wait_for_picture,
)
from tests.factories.pdf_forms import many_fields

pytestmark = pytest.mark.real

# At 15 kB/s and 700 ms there and back: usable in ten seconds, all of it there in fifteen.
BYTES_UNTIL_USABLE = 160_000
BYTES_IN_ALL = 220_000
PICTURE = "**/brouillons/*/page/1?*"


@pytest.fixture
def appointment(database) -> int:
    return in_call(database)


def test_what_is_typed_before_scripts_and_picture_have_come_is_kept(
    signed_in, forms: FormsAtDesk, appointment
) -> None:
    edition = forms.take_in(many_fields(300).saved(), "Trois cents lignes")
    draft = forms.begin(appointment, edition)
    page: Page = signed_in(MSA)
    received: list[int] = []
    held: dict[str, Route] = {}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.clearBrowserCache")
    session.on(
        "Network.loadingFinished",
        lambda event: received.append(int(event["encodedDataLength"])),
    )
    page.route("**/filling.js*", lambda route: held.update(script=route))
    page.route(PICTURE, lambda route: held.update(picture=route))
    pictures: list[str] = []
    page.on(
        "request",
        lambda each: pictures.append(each.url) if "/page/" in each.url else None,
    )
    page.goto(f"/rendez-vous/{appointment}/brouillons/{draft}", wait_until="commit")
    first, second = (
        page.locator("#form").get_by_label(f"Ligne {number}", exact=True)
        for number in (1, 2)
    )
    first.fill("Lefèvre")
    wait_for(
        lambda: page.wait_for_timeout(20) or len(held) == 2, "script and picture asked"
    )
    assert forms.values(draft) == {}
    held["script"].continue_()
    is_saved(page)
    assert sum(received) < BYTES_UNTIL_USABLE
    second.fill("Élodie")
    is_saved(page)
    assert forms.values(draft) == {"ligne1": "Lefèvre", "ligne2": "Élodie"}
    # What was typed may have had it asked for once more.
    page.unroute(PICTURE)
    held["picture"].continue_()
    wait_for_picture(page)
    page.wait_for_load_state()
    assert sum(received) < BYTES_IN_ALL
    # Only the page that is looked at.
    assert {each.split("/page/")[1][0] for each in pictures} == {"1"}
    page.keyboard.press("Alt+PageDown")
    wait_for(
        lambda: page.wait_for_timeout(20) or "/page/2" in pictures[-1], "the next page"
    )

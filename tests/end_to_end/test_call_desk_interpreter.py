# SPDX-License-Identifier: AGPL-3.0-or-later
"""An interpreter who writes, at a desk in the browser: the call opens the page where they write."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from provisioning.database.models import Organisation
from stage.browser_account import open_desk
from stage.browser_desk import BrowserDesks, expect_state, take_calls
from stage.chromium import check_page
from stage.stack import Stage
from stage.waiting import PATIENCE, wait_for
from tests.end_to_end.desk_ground import (
    ACCOUNT,
    CALLS_IN_A_BROWSER,
    INTERPRETERS_ACCOUNT,
    SERVICE,
    call_for,
    dossier,
    end_call,
    press,
    write,
)

pytestmark = CALLS_IN_A_BROWSER

PATIENT_MS = 60_000 * PATIENCE


@pytest.fixture
def stage(browser_stage: Stage) -> Iterator[Stage]:
    """Give a system in which a service writes to residents."""

    def have_service(interprets: str) -> None:
        service = update(Organisation).where(Organisation.slug == SERVICE)
        change = service.values(interprets=interprets)
        write(browser_stage, lambda session: session.execute(change))

    have_service("typed")
    yield browser_stage
    have_service("")


def test_the_call_of_who_writes_opens_the_page_where_they_write(
    stage: Stage, desks: BrowserDesks
) -> None:
    counsellor = open_desk(stage, desks, ACCOUNT)
    take_calls(counsellor)
    page = open_desk(stage, desks, INTERPRETERS_ACCOUNT)
    take_calls(page)
    appointment = call_for(stage, interpreter=SERVICE)
    expect_state(counsellor, "ringing")
    press(counsellor, "answer")
    expect(page.locator("#call-desk")).to_have_attribute(
        "data-state", "ringing", timeout=PATIENT_MS
    )
    assert dossier(page) == "/rendez-vous"
    press(page, "answer")
    expect_state(page, "in_call")
    expect(page.locator("#duty-state")).to_contain_text(
        "En communication", timeout=PATIENT_MS
    )
    wait_for(
        lambda: dossier(page) == f"/rendez-vous/{appointment}/paroles",
        "the page where they write",
        60,
    )
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_contain_text("Écrire")
    # Nobody else's picture is theirs to keep.
    expect(page.locator("[data-act=still]")).to_be_hidden()
    check_page(page, "call-desk-interpreter")
    end_call(stage, counsellor, appointment)
    expect_state(page, "waiting")

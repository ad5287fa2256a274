# SPDX-License-Identifier: AGPL-3.0-or-later
"""A call goes from one counsellor's page to a colleague's, and pages crash on the way."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from booking_web.tables.duty import CounsellorDuty, DutyState
from booking_web.tables.handovers import Handover
from booking_web.tables.presence import EndpointPresence, Presence
from provisioning.database.models import Organisation
from stage.browser_account import open_desk
from stage.browser_desk import DESK, BrowserDesks, expect_state, take_calls
from stage.chromium import check_page
from stage.colleagues import COLLEAGUE, COLLEAGUES_ACCOUNT
from stage.stack import Stage
from stage.waiting import wait_for
from tests.end_to_end.desk_ground import (
    ACCOUNT,
    CALLS_IN_A_BROWSER,
    begin_call,
    crash,
    dossier,
    end_call,
    press,
    wait_for_pictures,
    wait_for_state,
    write,
)

pytestmark = CALLS_IN_A_BROWSER

NOTE = "Il manque l'avis d'imposition."
RINGS, RINGS_SECONDS, FEW_SECONDS = "GUICHET_HANDOVER_SECONDS", 25, 4


@pytest.fixture
def wrap_up(browser_stage: Stage) -> Iterator[None]:
    """Have the MSA's counsellors write for five minutes after a call."""

    def last(seconds: int) -> None:
        msa = update(Organisation).where(Organisation.slug == "msa")
        change = msa.values(wrap_up_seconds=seconds)
        write(browser_stage, lambda session: session.execute(change))

    last(300)
    yield
    last(0)
    over = update(CounsellorDuty).where(CounsellorDuty.state == DutyState.WRAP_UP)
    ended = over.values(until=datetime.now(UTC))
    write(browser_stage, lambda session: session.execute(ended))


@pytest.fixture
def rings_for_few_seconds(browser_stage: Stage) -> Iterator[None]:
    """Have a colleague's telephone ring for less long than it does."""
    asterisk = browser_stage.asterisk
    assert f"{RINGS}={RINGS_SECONDS}" in asterisk.cli("dialplan show globals")
    asterisk.cli(f"dialplan set global {RINGS} {FEW_SECONDS}")
    yield
    asterisk.cli(f"dialplan set global {RINGS} {RINGS_SECONDS}")


class HandingOver:
    """A counsellor in call, and a colleague who takes calls since."""

    def __init__(self, stage: Stage, desks: BrowserDesks) -> None:
        self.stage = stage
        self.first = open_desk(stage, desks, ACCOUNT)
        take_calls(self.first)
        self.appointment = begin_call(stage, self.first)
        self.colleague = open_desk(stage, desks, COLLEAGUES_ACCOUNT)
        take_calls(self.colleague)
        wait_for(self._is_known, "the colleague is offered")

    def _is_known(self) -> bool:
        found = select(EndpointPresence.state).where(EndpointPresence.slug == COLLEAGUE)
        state = write(self.stage, lambda session: session.scalar(found))
        return state == Presence.READY

    def hand_over(self) -> None:
        """Press what the first one presses; return as it rings at the colleague's page."""
        frame = self.first.frame_locator("iframe")
        frame.get_by_role("link", name="Passer l'appel").click()
        frame.get_by_label("Collègue de la MSA").check()
        frame.get_by_label("Note pour qui prend l'appel").fill(NOTE)
        frame.get_by_role("button", name="Passer l'appel").click()
        expect_state(self.colleague, "ringing")

    def answer(self, page: Page) -> None:
        """Take it at this page, and see each other."""
        press(page, "answer")
        expect_state(page, "in_call")
        wait_for_pictures(self.stage, page)
        wait_for_state(self.stage, self.appointment, "in_call")

    def standing(self) -> str:
        """Give how the hand-over stands."""
        of = select(Handover.state).where(Handover.appointment_id == self.appointment)
        return str(write(self.stage, lambda session: session.scalar(of)))


@pytest.fixture
def handing(browser_stage: Stage, desks: BrowserDesks) -> HandingOver:
    return HandingOver(browser_stage, desks)


def duty_is(page: Page, state: str) -> None:
    expect(page.locator("#duty [data-state]")).to_have_attribute("data-state", state)


def test_a_colleague_has_it_in_their_page_and_the_first_writes_through_a_crash(
    browser_stage: Stage, wrap_up: None, handing: HandingOver
) -> None:
    first, colleague = handing.first, handing.colleague
    handing.hand_over()
    expect(colleague.locator("[data-place=state]")).to_contain_text("transmis par MSA")
    expect_state(first, "waiting")
    expect(first.locator("[data-place=last]")).to_contain_text("l'appel a été passé")
    duty_is(first, "wrap_up")
    check_page(first, "call-desk-handed-over")
    handing.answer(colleague)
    wait_for(lambda: handing.standing() == "taken", "it is taken")
    assert dossier(colleague) == f"/rendez-vous/{handing.appointment}"
    expect(colleague.frame_locator("iframe").locator("main")).to_contain_text(NOTE)

    # What the first one's time to write is stands in the queue, not in their page.
    crash(first)
    again = first.context.new_page()
    again.goto(DESK)
    duty_is(again, "wrap_up")
    assert "paused:wrap_up" in browser_stage.asterisk.cli("queue show msa")
    again.locator("#duty-available").click()
    duty_is(again, "available")
    take_calls(again)
    end_call(browser_stage, colleague, handing.appointment)
    duty_is(colleague, "wrap_up")
    colleague.close()
    # The next one rings at the first one's page.
    end_call(browser_stage, again, begin_call(browser_stage, again))


def test_a_colleague_whose_page_crashes_as_it_rings_gives_the_call_back(
    browser_stage: Stage, rings_for_few_seconds: None, handing: HandingOver
) -> None:
    handing.hand_over()
    crash(handing.colleague)
    expect_state(handing.first, "ringing")
    wait_for_state(browser_stage, handing.appointment, "queued")
    handing.answer(handing.first)
    wait_for(lambda: handing.standing() == "returned", "it is back")
    end_call(browser_stage, handing.first, handing.appointment)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The bar of a counsellor's duty in a real browser: a second tab, a countdown, axe's rules."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from booking_web.domain.duty.rows import duty_to_change, tell_of
from booking_web.domain.duty.standing import ask_for
from booking_web.domain.kiosks.presence import keep_watch
from booking_web.tables.duty import DutyState, PauseReason
from provisioning.database.models import Counsellor
from stage.chromium import check_page

pytestmark = pytest.mark.real

MSA = "conseiller@msa.example"


@pytest.fixture
def stand(database) -> Callable[..., None]:
    """Give a function that has the counsellor stand so, as a dispatcher writes it."""

    def stand_so(
        state: DutyState,
        reason: PauseReason | None = None,
        ends_in: timedelta | None = None,
    ) -> None:
        now = datetime.now(UTC)
        with database.write() as session:
            its = Counsellor.slug == "counsellor-msa-1"
            counsellor = session.scalars(select(Counsellor).where(its)).one()
            row = duty_to_change(session, counsellor.id, now)
            ask_for(row, state, now, reason)
            row.applied_at = now
            row.until = None if ends_in is None else now + ends_in
            tell_of(session, row, counsellor.organisation_id, now)
            keep_watch(session, now)

    return stand_so


@pytest.fixture
def home(signed_in, stand) -> Page:
    """Give the day's page of a counsellor who is available, live."""
    stand(DutyState.AVAILABLE)
    page = signed_in(MSA)
    expect(page.locator("#live-link")).to_contain_text("Mise à jour en direct")
    return page


def test_each_tab_shows_the_same_and_what_came_by_itself_is_said(
    home: Page, stand
) -> None:
    second = home.context.new_page()
    second.goto("/rendez-vous")
    expect(second.locator("#live-link")).to_contain_text("Mise à jour en direct")
    home.locator("#duty-reason").select_option("meeting")
    home.locator("#duty-pause").press("Enter")
    for page in (home, second):
        expect(page.locator("#duty-state")).to_contain_text("En pause (réunion)")
        expect(page.locator("#duty")).to_contain_text("pas encore confirmé")
    check_page(home)
    stand(DutyState.PAUSED, PauseReason.MISSED_RINGS)
    for page in (home, second):
        expect(page.locator("#announcements")).to_contain_text("appels non décrochés")
    home.locator("#duty-available").press("Enter")
    expect(second.locator("#duty-state")).to_contain_text("Disponible")


def test_the_time_to_write_counts_down_and_is_prolonged(home: Page, stand) -> None:
    stand(DutyState.WRAP_UP, ends_in=timedelta(seconds=100))
    left = home.locator("#duty-left")
    expect(left).to_contain_text("dans 1 min")
    check_page(home)
    home.locator("#duty-prolong").press("Enter")
    expect(left).to_contain_text("dans 3 min")

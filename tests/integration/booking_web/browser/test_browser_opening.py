# SPDX-License-Identifier: AGPL-3.0-or-later
"""The morning's look at a kiosk in a real browser: by the keyboard, without scripts, live."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from booking_web.domain.fleet.opening_checks import take_back_check
from booking_web.domain.fleet.self_tests import Check, TellsOfSelfTest, take_self_test
from booking_web.tables.alerts import Alert, AlertKind
from booking_web.tables.fleet import CheckState, TestReason
from booking_web.tables.opening_checks import OpeningCheck, Step
from provisioning.database.models import Kiosk
from stage.chromium import check_page, check_wide_and_narrow

pytestmark = pytest.mark.real

SECRETARY = "mairie@wassigny.example"
PAGE = "/bureau/ouverture"


@pytest.fixture
def kiosk_id(database) -> int:
    """Give a kiosk that has tested itself, at a relay that nobody uses."""
    now = datetime.now(UTC)
    with database.write() as session:
        kiosk = session.scalars(
            select(Kiosk.id).where(Kiosk.slug == "kiosk-wassigny")
        ).one()
        checks = [Check(name, CheckState.OK) for name in ("camera", "sound", "screens")]
        checks.append(Check("printer", CheckState.FAILED, "no_paper"))
        told = TellsOfSelfTest(version="1", reason=TestReason.MORNING, checks=checks)
        take_self_test(session, kiosk, told, now)
        session.add(
            Alert(
                kind=AlertKind.RELAY_UNUSED,
                subject="wassigny",
                detail="14 2026-11-02 Relais de Wassigny",
                seen_at=now - timedelta(hours=2),
                raised_at=now - timedelta(hours=1),
            )
        )
    return kiosk


def test_the_steps_are_ticked_and_taken_back_by_the_keyboard_and_without_scripts(
    signed_in, database, kiosk_id
) -> None:
    page = signed_in(SECRETARY)
    page.goto("/bureau")
    expect(page.get_by_role("heading", name="À voir (1)")).to_be_visible()
    check_page(page, "disuse-desk")
    page.get_by_role("link", name="Ouverture du matin").click()
    check_wide_and_narrow(page, "opening-new")
    for step in ("kiosk", "devices", "paper"):
        row = page.locator(f"#etape-{kiosk_id}-{step}")
        row.get_by_role("button", name="En ordre").focus()
        page.keyboard.press("Enter")
        expect(row.get_by_role("button", name="Effacer la coche")).to_be_visible()
    paper = page.locator(f"#etape-{kiosk_id}-paper")
    paper.get_by_role("button", name="Effacer la coche").focus()
    page.keyboard.press("Enter")
    expect(paper.get_by_role("button", name="En ordre")).to_be_visible()
    page.locator(f"#etape-{kiosk_id}-glass").get_by_role(
        "button", name="Problème"
    ).click()
    expect(page.get_by_text("1 problème signalé")).to_be_visible()
    check_wide_and_narrow(page, "opening-problem")
    # A colleague takes a tick back: the open page shows it by itself.
    with database.write() as session:
        row = session.scalars(select(OpeningCheck).filter_by(step=Step.KIOSK)).one()
        take_back_check(
            session, kiosk_id, Step.KIOSK, day=row.day, now=datetime.now(UTC)
        )
    kiosk = page.locator(f"#etape-{kiosk_id}-kiosk")
    expect(kiosk.get_by_role("button", name="En ordre")).to_be_visible()
    plain = signed_in(SECRETARY, without_scripts=True)
    plain.goto(PAGE)
    row = plain.locator(f"#etape-{kiosk_id}-sign")
    row.get_by_role("button", name="En ordre").click()
    expect(row.get_by_role("button", name="Effacer la coche")).to_be_visible()
    check_page(plain, "opening-plain")
    for who, address, name in (
        ("supervision@guichet.example", "/situation", "board"),
        ("admin@guichet.example", "/administration/parc", "fleet"),
    ):
        other = signed_in(who)
        other.goto(address)
        expect(other.get_by_text("relais inutilisé")).to_be_visible()
        check_page(other, f"disuse-{name}")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The fleet's pages in a real browser: by axe's rules, true while they are open, plain."""

import gzip
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from booking_web.domain.fleet.diagnosis import keep_archive
from booking_web.domain.fleet.machines import TellsOfMachine, take_machine_report
from booking_web.domain.fleet.nodes import TellsOfNode, take_node_report
from booking_web.domain.fleet.self_tests import Check, TellsOfSelfTest, take_self_test
from booking_web.domain.fleet.updates import TellsOfUpdate, take_update
from booking_web.tables.alerts import Alert, AlertKind
from booking_web.tables.fleet import (
    CheckState,
    KioskOrder,
    OrderKind,
    TestReason,
    UpdateState,
)
from provisioning.database.models import Kiosk
from stage.chromium import check_wide_and_narrow

pytestmark = pytest.mark.real

ADMINISTRATOR = "admin@guichet.example"
FLEET = "/administration/parc"
WASSIGNY = "kiosk-wassigny"
ARCHIVE = gzip.compress(b"logs")


@pytest.fixture
def kiosk_id(database) -> int:
    with database.read() as session:
        return session.scalars(select(Kiosk.id).where(Kiosk.slug == WASSIGNY)).one()


@pytest.fixture
def tell(database, kiosk_id):
    """Give a function that has the machine report."""

    def report(version="1.2.0", **told):
        now = datetime.now(UTC)
        machine = TellsOfMachine(
            version=version,
            machine_id="a" * 64,
            clock=now - timedelta(hours=3),
            disk_free_bytes=10**9,
            disk_bytes=64 * 10**9,
            certificate_ends=now + timedelta(days=3),
            packages={"chromium": "140"},
            tells_security=True,
            security_signed_at=now - timedelta(days=20),
            **told,
        )
        with database.write() as session:
            take_machine_report(session, kiosk_id, machine, now)

    return report


@pytest.fixture
def found(database, kiosk_id):
    """Give a function that has the kiosk tell of a self-test."""

    def write(state: CheckState, order_id=None):
        now = datetime.now(UTC)
        cause = "one_screen" if state is CheckState.FAILED else ""
        checks = [
            Check("screens", state, cause, {"screens": ["HDMI-1"]}),
            Check("scanner", CheckState.ABSENT),
        ]
        told = TellsOfSelfTest(
            version="1", reason=TestReason.ASKED, checks=checks, order_id=order_id
        )
        with database.write() as session:
            take_self_test(session, kiosk_id, told, now)

    return write


def test_every_page_of_the_fleet_passes_axe_wide_and_narrow(
    signed_in, database, kiosk_id, tell, found
) -> None:
    page = signed_in(ADMINISTRATOR)
    page.goto(FLEET)
    check_wide_and_narrow(page, "fleet-empty")
    tell()
    found(CheckState.OK)
    found(CheckState.FAILED)
    now = datetime.now(UTC)
    back = TellsOfUpdate(
        state=UpdateState.ROLLED_BACK,
        from_version="1.2.0",
        to_version="1.3.0",
        tried_at=now,
        cause="no_tone",
    )
    with database.write() as session:
        take_update(session, kiosk_id, back, now)
        take_node_report(session, TellsOfNode(name="host-1", version="1"), now)
        for kind, detail in (
            (AlertKind.DISK_LOW, "1000000000"),
            (AlertKind.SECURITY_OLD, (now - timedelta(days=20)).isoformat()),
        ):
            alert = Alert(
                kind=kind, subject=WASSIGNY, detail=detail, seen_at=now, raised_at=now
            )
            session.add(alert)
    for name, address in {
        "list": "",
        "narrowed": "?montre=a-voir&tri=-vue",
        "kiosk": f"/bornes/{WASSIGNY}",
        "unseen": "/bornes/kiosk-guise",
        "node": "/serveur/host-1",
    }.items():
        page.goto(FLEET + address)
        check_wide_and_narrow(page, f"fleet-{name}")


def test_open_pages_show_what_kiosks_tell(signed_in, database, tell, found) -> None:
    page = signed_in(ADMINISTRATOR)
    page.goto(FLEET)
    row = page.get_by_role("row").filter(has_text=WASSIGNY)
    expect(row).to_contain_text("jamais")
    tell("9.8.7")
    expect(row).to_contain_text("9.8.7")
    row.get_by_role("link").click()
    page.get_by_role("button", name="Faire l'auto-test maintenant").click()
    expect(page.locator("#machine")).to_contain_text("Un auto-test est demandé.")
    with database.read() as session:
        order_id = session.scalars(select(KioskOrder.id)).one()
    found(CheckState.FAILED, order_id)
    shown = page.locator("#machine")
    expect(shown).to_contain_text("Le second écran est éteint : allumez-le.")
    expect(page.get_by_role("button", name="Faire l'auto-test")).to_be_visible()


def test_without_scripts_a_diagnosis_is_asked_for_and_downloaded(
    signed_in, database, kiosk_id
) -> None:
    page = signed_in(ADMINISTRATOR, without_scripts=True)
    page.goto(f"{FLEET}/bornes/{WASSIGNY}")
    page.get_by_role("button", name="Diagnostic").click()
    expect(page.locator(".notice-success")).to_contain_text("est demandé")
    with database.write() as session:
        order = session.scalars(select(KioskOrder)).one()
        assert order.kind == OrderKind.DIAGNOSE
        keep_archive(session, kiosk_id, order.id, ARCHIVE, datetime.now(UTC))
    page.reload()
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger l'archive").click()
    assert download.value.suggested_filename.startswith(WASSIGNY)
    assert download.value.path().read_bytes() == ARCHIVE


def test_with_scripts_an_archive_is_downloaded_too(
    signed_in, database, kiosk_id
) -> None:
    now = datetime.now(UTC)
    with database.write() as session:
        order = KioskOrder(
            kiosk_id=kiosk_id, kind=OrderKind.DIAGNOSE, asked_by="x", asked_at=now
        )
        session.add(order)
        session.flush()
        keep_archive(session, kiosk_id, order.id, ARCHIVE, now)
    page = signed_in(ADMINISTRATOR)
    page.goto(f"{FLEET}/bornes/{WASSIGNY}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger l'archive").click()
    assert download.value.path().read_bytes() == ARCHIVE

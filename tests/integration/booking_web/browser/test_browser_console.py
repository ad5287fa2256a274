# SPDX-License-Identifier: AGPL-3.0-or-later
"""The counsellor's console in a real browser: upload, buttons, live progress, axe's rules."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from booking_web.tables.documents import DeviceJob
from device_bridge.jobs.job import Job, JobState, Operation
from device_bridge.jobs.reasons import Reason
from device_bridge.server.kiosk_api import KioskApi
from stage.chromium import check_page
from stage.kiosk_ground import in_call, kiosk_client, make_pdf

pytestmark = pytest.mark.real

MSA = "conseiller@msa.example"


@pytest.fixture
def appointment(database) -> int:
    return in_call(database)


@pytest.fixture
def console(signed_in, appointment) -> Page:
    """Give the page of an appointment in call, as its counsellor sees it, and live."""
    page = signed_in(MSA)
    page.goto(f"/rendez-vous/{appointment}")
    expect(page.locator("#live-link")).to_contain_text("Mise à jour en direct")
    return page


@pytest.fixture
def kiosk(server, ground) -> KioskApi:
    """Give the kiosk of the appointment, as the server hears it."""
    return kiosk_client(server.url, ground.kiosk_tokens["kiosk-wassigny"])


@pytest.fixture
def report(kiosk, database, appointment) -> Callable[..., None]:
    """Give a function that reports, as the kiosk, on the job prepared last."""

    def send(uuid: str, operation: Operation, **values: object) -> None:
        with database.read() as session:
            query = select(DeviceJob.number).order_by(DeviceJob.id.desc())
            number = session.scalars(query.limit(1)).one()
        kiosk.report(
            Job(
                uuid=uuid,
                operation=operation,
                appointment=appointment,
                prepared=number,
                at=datetime.now(UTC),
                **values,
            )
        )

    return send


def upload(page: Page, content: bytes, title: str = "") -> None:
    page.set_input_files(
        "#file",
        {"name": "form.pdf", "mimeType": "application/pdf", "buffer": content},
    )
    page.fill("#title", title)
    page.get_by_role("button", name="Ajouter").click()


def test_a_form_is_uploaded_printed_and_its_progress_is_seen_live(console, report):
    jobs = console.locator("ol.jobs li")
    check_page(console)
    upload(console, make_pdf(10), "Demande de prestation")
    expect(console.locator("#document-1")).to_contain_text("Demande de prestation")

    console.click("#imprimer-1")
    expect(jobs).to_have_count(1)
    # From here on nobody touches the page.
    uuid = "7b3c5d9e-0000-4000-8000-000000000001"
    running = {"state": JobState.PROCESSING, "document": 1, "pages": 10}
    report(uuid, Operation.PRINT, **running, page=3, sequence=1)
    expect(jobs.locator("progress")).to_have_attribute("value", "3")
    report(uuid, Operation.PRINT, **running, page=7, sequence=2)
    expect(jobs.locator("progress")).to_have_attribute("value", "7")
    check_page(console)
    done = running | {"state": JobState.COMPLETED}
    report(uuid, Operation.PRINT, **done, page=10, sequence=3)
    expect(jobs.locator("progress")).to_have_count(0)
    expect(jobs).to_have_count(1)


def test_a_scan_that_fails_and_a_bad_line_are_told_live_and_an_unfit_file_with_its_reason(
    console, kiosk, report
):
    jobs = console.locator("ol.jobs li")
    console.check("#preset-feeder")
    console.get_by_role("button", name="Numériser", exact=True).click()
    expect(jobs).to_have_count(1)
    report(
        "7b3c5d9e-0000-4000-8000-000000000002",
        Operation.SCAN,
        state=JobState.ABORTED,
        reason=Reason.FEEDER_JAM,
        sentence="Bourrage de papier dans le chargeur.",
        sequence=1,
    )
    expect(jobs).to_contain_text("Bourrage")
    well = {"name": "", "state": "idle", "reasons": [], "sentence": ""}
    line = {"from_kiosk": "no_picture", "to_kiosk": "coarse"}
    kiosk.heartbeat({"printer": well, "scanner": well, "line": line})
    expect(console.locator(".line-quality")).to_have_count(2)
    check_page(console)

    upload(console, b"no PDF at all", "Demande")
    expect(console.locator("#upload-error")).to_be_focused()
    expect(console.locator("#title")).to_have_value("Demande")
    check_page(console)

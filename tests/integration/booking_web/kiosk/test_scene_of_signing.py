# SPDX-License-Identifier: AGPL-3.0-or-later
"""The resident is asked to sign what was printed for it, from the printer to the scanner."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from booking_web.domain.forms.library import Sent
from booking_web.domain.forms.printed.asked_words import ask_for_pages
from booking_web.domain.forms.printed.overview import standing_of
from booking_web.domain.forms.printed.rows import pages_of
from booking_web.domain.kiosks.cues import Cue
from booking_web.domain.kiosks.screen_content import ShownCue
from booking_web.domain.kiosks.second_screen import show_cue
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import JobState, Operation
from booking_web.tables.documents import DeviceJob
from booking_web.tables.printed_forms import PrintedForm
from provisioning.database.models import Organisation
from stage import scanned_sheets as scans
from stage.kiosk_ground import archive_of, documents_settings, in_call
from tests.factories.printed_forms import BOX, Paper


@pytest.fixture
def screen(new_app, ground, tmp_path):
    client = new_app(ground, **documents_settings(tmp_path)).test_client()
    ground.let_in(client, "kiosk-wassigny")
    return client


@pytest.fixture
def paper(database, ground, tmp_path) -> Paper:
    return Paper.on(database, archive_of(database, ground.url, tmp_path))


def scene_on(screen) -> str:
    [found] = re.findall(r'id="scene-(\w+)', screen.get("/borne").text)
    return found


def note_job(database, appointment: int, operation: Operation, state: JobState) -> None:
    """Write down what the kiosk reports of a job of document 1."""
    now = datetime.now(UTC)
    with database.write() as session:
        job = DeviceJob(
            appointment_id=appointment,
            operation=operation,
            document=1 if operation is Operation.PRINT else None,
            state=state,
            created_at=now,
            created_by="user:1",
            changed_at=now,
        )
        session.add(job)


def tell_cue(database, appointment: int, cue: Cue) -> None:
    with database.write() as session:
        found = session.get_one(Appointment, appointment)
        show_cue(session, found, ShownCue(cue), datetime.now(UTC))


def ask_again(database, appointment: int) -> None:
    """Have the screen ask for what is missing, as the counsellor's button does."""
    with database.write() as session:
        found = session.get_one(Appointment, appointment)
        printed = session.scalars(select(PrintedForm)).one()
        standing = standing_of(printed, pages_of(session, [printed]))
        ask_for_pages(
            session, found, printed, standing, b"sealed", "user:1", datetime.now(UTC)
        )


def printed_in_call(paper, database) -> int:
    with database.read() as session:
        msa = session.scalar(select(Organisation.id).where(Organisation.slug == "msa"))
    sent = Sent(msa, "user:1", "submission 1")
    appointment, draft = paper.begin(sent, in_call(database))
    paper.print(appointment, draft)
    return appointment


def test_a_page_without_its_signature_is_shown_with_the_gesture_and_the_place(
    screen, paper, database
) -> None:
    appointment = printed_in_call(paper, database)
    first, second = paper.sheets(appointment, 1)
    paper.scan(appointment, [first, second])
    ask_again(database, appointment)
    page = screen.get("/borne").text
    assert scene_on(screen) == "sign"
    assert f"/borne/page/{appointment}/1/2.png" in page and "page 2 sur 2" in page
    assert "Signez la page 2, puis posez-la dans le scanner." in page
    assert {"drawing-sign", "drawing-lay_on_glass"} <= set(
        re.findall(r"drawing-\w+", page)
    )
    # Around the box, which stands at (320, 602) and is 200 by 100 points large.
    left, top, width, height = BOX
    [(x, y, across, down)] = re.findall(
        r'class="ring" cx="([\d.]+)" cy="([\d.]+)" rx="([\d.]+)" ry="([\d.]+)"', page
    )
    assert (float(x), float(y)) == (left + width / 2, top + height / 2)
    assert width / 2 < float(across) < width and height / 2 < float(down) < height
    # The words that say the same do not cover it, and it is seen as a whole.
    mirrored = screen.get("/borne/miroir").json
    assert (mirrored["words"], mirrored["closer"]) == ("", None)
    tell_cue(database, appointment, Cue.PLACE_DOCUMENT)
    assert scene_on(screen) == "sign"
    tell_cue(database, appointment, Cue.SCANNING)
    assert scene_on(screen) == "scanning"
    tell_cue(database, appointment, Cue.NONE)

    paper.scan(appointment, [scans.signed(second, BOX)])
    page = screen.get("/borne").text
    assert scene_on(screen) == "in_call" and "/borne/page/" not in page


def test_a_page_that_did_not_come_is_laid_down_and_then_the_next_one_is_shown(
    screen, paper, database
) -> None:
    appointment = printed_in_call(paper, database)
    first, second = paper.sheets(appointment, 1)
    ask_again(database, appointment)
    assert scene_on(screen) == "lay_on_glass"
    page = screen.get("/borne").text
    assert f"/borne/page/{appointment}/1/1.png" in page and 'class="ring"' not in page
    assert "Posez les pages 1 et 2 dans le scanner." in page
    paper.scan(appointment, [first])
    page = screen.get("/borne").text
    assert f"/borne/page/{appointment}/1/2.png" in page and 'class="ring"' in page
    assert "Posez la page 2 dans le scanner." in page


def test_what_was_printed_to_be_signed_is_signed_before_it_is_scanned(
    screen, paper, database
) -> None:
    appointment = printed_in_call(paper, database)
    assert scene_on(screen) == "in_call"
    note_job(database, appointment, Operation.PRINT, JobState.PROCESSING)
    assert scene_on(screen) == "in_call"
    note_job(database, appointment, Operation.PRINT, JobState.COMPLETED)
    tell_cue(database, appointment, Cue.TAKE_PRINT)
    assert scene_on(screen) == "take_sheets"
    tell_cue(database, appointment, Cue.NONE)
    assert scene_on(screen) == "sign"
    note_job(database, appointment, Operation.SCAN, JobState.PROCESSING)
    assert scene_on(screen) == "in_call"

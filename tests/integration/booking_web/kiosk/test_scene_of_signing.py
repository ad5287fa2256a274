# SPDX-License-Identifier: AGPL-3.0-or-later
"""The resident is asked to sign what was printed for it, from the printer to the scanner."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from booking_web.domain.forms.library import Sent
from booking_web.domain.kiosks.cues import Cue
from booking_web.domain.kiosks.screen_content import ShownCue
from booking_web.domain.kiosks.second_screen import show_cue
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import JobState, Operation
from booking_web.tables.documents import DeviceJob
from provisioning.database.models import Organisation
from stage.kiosk_ground import archive_of, documents_settings, in_call
from tests.factories.printed_forms import Paper


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


def test_what_was_printed_to_be_signed_is_signed_before_it_is_scanned(
    screen, paper, database
) -> None:
    with database.read() as session:
        msa = session.scalar(select(Organisation.id).where(Organisation.slug == "msa"))
    sent = Sent(msa, "user:1", "submission 1")
    appointment, draft = paper.begin(sent, in_call(database))
    paper.print(appointment, draft)
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

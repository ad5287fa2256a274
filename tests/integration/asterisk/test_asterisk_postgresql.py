# SPDX-License-Identifier: AGPL-3.0-or-later
"""The same Asterisk, dialplan and rows on PostgreSQL: only the connection differs."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stage.ami import BareAmi
from stage.appointments import put_appointment
from stage.postgresql import PrivatePostgres
from stage.stack import ASTERISK_FILE, REPOSITORY, Stage, StageOptions
from stage.waiting import wait_for

POSTGRESQL_FILE = REPOSITORY / ".setup" / "postgresql.json"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not (ASTERISK_FILE.exists() and POSTGRESQL_FILE.exists()),
        reason="run script/setup --test",
    ),
]

KIOSK, COUNSELLOR = "kiosk-wassigny", "counsellor-msa-1"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    directory = Path(tempfile.mkdtemp(prefix="guichet-test-"))
    server = PrivatePostgres(directory / "postgresql", POSTGRESQL_FILE)
    try:
        server.start()
        options = StageOptions(
            database_url=server.new_database("guichet"), provisions_in_process=True
        )
        with Stage(directory / "stage", options) as stage:
            stage.prepare()
            stage.start("asterisk", KIOSK, COUNSELLOR)
            yield stage
    finally:
        server.stop()
        shutil.rmtree(directory)


def test_a_queue_call_reaches_the_counsellor(stage: Stage) -> None:
    with BareAmi.of_site(stage.settings_file) as ami:
        ami.place_call(KIOSK, "msa", "gv-1-1")
        connected = ami.wait_event("AgentConnect")
        assert connected["Interface"] == f"PJSIP/{COUNSELLOR}"
        ami.action("Hangup", Channel="gv-1-1", Cause="16")
    stage.asterisk.wait_idle()
    # The hang-up came from the manager, so nobody's telephone said good-bye.
    assert stage.asterisk.astdb("guichet", KIOSK) == "gv-1-1|done"


def test_a_counsellor_reaches_the_kiosk_of_a_due_appointment(stage: Stage) -> None:
    database = stage.database()
    with database.write() as session:
        start = datetime.now(UTC) + timedelta(minutes=5)
        number = put_appointment(session, KIOSK, "msa", starts_at=start)
    database.dispose()
    stage.counsellor(COUNSELLOR).order("call", KIOSK)
    call = wait_for(stage.kiosk(KIOSK).call, "the kiosk is called")
    assert call["appointment_id"] == str(number)
    stage.counsellor(COUNSELLOR).order("hangup")
    stage.asterisk.wait_idle()


def test_a_pause_is_written_to_the_members_row(stage: Stage) -> None:
    stage.counsellor(COUNSELLOR).order("pause")
    wait_for(
        lambda: "(paused" in stage.asterisk.cli("queue show msa"),
        "paused",
        poll_seconds=0.1,
    )
    stage.asterisk.wait_idle()


def test_asterisk_had_nothing_to_complain_about(stage: Stage) -> None:
    assert stage.asterisk.complaints() == []

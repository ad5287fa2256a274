# SPDX-License-Identifier: AGPL-3.0-or-later
"""An older copy of the database comes back: numbers are given a second time, ids never."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import select

from booking_web.domain.kiosks.orders import prepare_job
from booking_web.tables.appointment import Appointment
from booking_web.tables.device_jobs import JobOrder, Operation
from booking_web.tables.documents import DeviceJob, Document
from stage.bridge import BridgeProgram, KioskEnd
from stage.kiosk_ground import S, add_document, archive_of, bring_to, in_call, make_pdf
from stage.waiting import wait_for

WASSIGNY = "kiosk-wassigny"
SECONDS = 60


@pytest.fixture
def server(serve):
    return serve("--workers", "1")


@pytest.fixture
def bridge(server, ground, tmp_path):
    """Give the bridge of Wassigny's kiosk, with a virtual printer and scanner."""
    bridge = BridgeProgram(
        tmp_path / "bridge",
        {
            "server_url": server.url,
            "token": ground.kiosk_tokens[WASSIGNY],
            "printer": "virtual",
            "scanner": "virtual",
        },
    )
    bridge.start()
    yield bridge
    bridge.stop()


@pytest.fixture
def phone(bridge):
    phone = KioskEnd(bridge.socket)
    phone.wait_connected()
    yield phone
    phone.close()


def copied(source: Path, target: Path) -> None:
    """Copy a database that may be in use, as a backup or its restoration does."""
    with sqlite3.connect(source) as here, sqlite3.connect(target) as there:
        here.backup(there)
    here.close()
    there.close()


def restored(backup: Path, file: Path, server, database) -> None:
    """Have an older copy come back, as whoever restores it does: the server is down."""
    server.program.stop()
    database.dispose()
    copied(backup, file)


def printed_in_a_call(database, archive, phone, call: str) -> tuple[int, DeviceJob]:
    """Print a document from the console in a new resident's call, which then ends."""
    appointment = in_call(database)
    document = add_document(archive, appointment, make_pdf())
    with database.write() as session:
        found = session.get_one(Appointment, appointment)
        order = JobOrder(operation=Operation.PRINT, document=document.number)
        prepare_job(session, found, order, "user:1", found.state_since)
    phone.confirm(call, appointment)
    phone.key("*71#")

    def completed() -> DeviceJob | None:
        with database.read() as session:
            return session.scalar(
                select(DeviceJob).where(
                    DeviceJob.appointment_id == appointment,
                    DeviceJob.state == "completed",
                )
            )

    job = wait_for(completed, f"the print of {call} is reported", SECONDS)
    return appointment, job


def leave(database, phone, appointment: int) -> None:
    """End the call."""
    phone.end()
    bring_to(database, appointment, S.DONE)


def test_the_print_buttons_of_the_next_residents_work_after_an_older_copy_came_back(
    database, ground, server, bridge, phone, tmp_path
) -> None:
    file = Path(ground.url.removeprefix("sqlite:///"))
    archive = archive_of(database, ground.url, tmp_path)
    copied(file, tmp_path / "backup.db")
    before, job_before = printed_in_a_call(database, archive, phone, "before")
    leave(database, phone, before)
    wait_for(bridge.is_idle, "the bridge has delivered all", SECONDS)
    restored(tmp_path / "backup.db", file, server, database)
    server.start()

    after, job_after = printed_in_a_call(database, archive, phone, "after")

    assert (after, job_after.number) == (before, job_before.number)
    assert job_after.uuid != job_before.uuid
    printed = (bridge.data / "virtual-printer" / "printed").iterdir()
    assert len(list(printed)) == 2


def test_a_late_scan_comes_to_no_other_residents_appointment_of_the_same_number(
    database, ground, server, bridge, phone, tmp_path
) -> None:
    file = Path(ground.url.removeprefix("sqlite:///"))
    archive = archive_of(database, ground.url, tmp_path)
    copied(file, tmp_path / "backup.db")
    before, _ = printed_in_a_call(database, archive, phone, "before")
    server.program.stop()
    phone.key("*2#")
    wait_for(
        lambda: bridge.status()["undelivered"]["scans"] == 1,
        "the scan waits for the server",
        SECONDS,
    )
    leave(database, phone, before)
    restored(tmp_path / "backup.db", file, server, database)
    after = in_call(database)
    assert after == before

    server.start()

    wait_for(bridge.is_idle, "the bridge has given the scan up", SECONDS)
    wait_for(lambda: bridge.files_left() == [], "nothing is left of it", SECONDS)
    with database.read() as session:
        assert list(session.scalars(select(Document))) == []
        assert list(session.scalars(select(DeviceJob))) == []

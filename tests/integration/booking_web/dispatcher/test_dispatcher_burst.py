# SPDX-License-Identifier: AGPL-3.0-or-later
"""Thirty appointments due in the same second: none is lost, none is called twice."""

import shutil
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from booking_web.tables.states import AppointmentState as S
from measure.bench_rows import allow_plain_sip
from measure.inventory import WAITING, Crowd, inventory
from measure.sipp_kiosks import SippKiosks
from stage.ami import BareAmi
from stage.appointments import AppointmentBook
from stage.stack import ASTERISK_FILE, Stage, StageOptions
from stage.waiting import wait_for

pytestmark = pytest.mark.real

CROWD = Crowd(30)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Give a system with a crowd of registered kiosks, all played by sipp."""
    if not ASTERISK_FILE.exists() or shutil.which("sipp") is None:
        pytest.skip("no Asterisk or no sipp here: run script/setup")
    directory = Path(tempfile.mkdtemp(prefix="guichet-test-"))
    file = directory / "inventory.toml"
    file.write_text(inventory(CROWD))
    options = StageOptions(softphones=True, inventory=file, provisions_in_process=True)
    try:
        with Stage(directory / "site", options) as stage:
            stage.prepare()
            stage.start("asterisk", "dispatcher")
            yield stage
    finally:
        shutil.rmtree(directory)


@pytest.fixture
def kiosks(stage: Stage) -> Iterator[list[str]]:
    """Give the slugs of the kiosks, registered and answering."""
    secrets = {
        slug: tomllib.loads((stage.bundles / f"{slug}.toml").read_text())["sip"][
            "secret"
        ]
        for slug in CROWD.kiosks()
    }
    allow_plain_sip(stage.directory / "guichet.db", list(secrets))
    crowd = SippKiosks(secrets, "127.0.0.1", stage.ports.sip, stage.directory / "sipp")
    wait_for(
        lambda: all(
            slug in stage.asterisk.cli("pjsip show contacts") for slug in secrets
        ),
        "every kiosk is registered",
        poll_seconds=0.5,
    )
    yield list(secrets)
    crowd.stop()


def test_thirty_due_at_once_are_each_called_exactly_once(
    stage: Stage, kiosks: list[str]
) -> None:
    database = stage.database()
    book = AppointmentBook(database)
    due = datetime.now(UTC) + timedelta(seconds=2)
    with BareAmi.of_site(stage.settings_file) as ami:
        numbers = [book.put(kiosk, WAITING, starts_at=due) for kiosk in kiosks]
        for number in numbers:
            book.wait(number, S.QUEUED)
        ami.action("Ping")
        joined = Counter(
            event["Uniqueid"]
            for event in ami.events
            if event.get("Event") == "QueueCallerJoin"
        )
        rung = Counter(
            event["Uniqueid"]
            for event in ami.events
            if event.get("Event") == "Newchannel"
        )
    database.dispose()
    expected = Counter(f"gv-{number}-1" for number in numbers)
    assert joined == expected
    assert rung == expected

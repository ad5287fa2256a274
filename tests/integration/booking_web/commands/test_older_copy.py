# SPDX-License-Identifier: AGPL-3.0-or-later
"""An older copy of the database comes back: nothing that was told since means another thing."""

import json
import os
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import make_url, select

from booking_web.commands.main import main as guichet_web
from booking_web.tables.appointment import Appointment, JournalEntry, LiveEvent
from booking_web.tables.web_sessions import WebSession
from provisioning.database.access import KioskEnrolment
from provisioning.database.engine import Database
from provisioning.directory.machine_access import MachineAccess
from provisioning.server.backup import postgresql_copy
from provisioning.server.backup.frozen_database import frozen
from provisioning.server.errors import ServerError
from stage.html_forms import forms_of
from tests.integration.booking_web.conftest import (
    POSTGRESQL_SETUP,
    SECRET_KEY,
    SECRETARY,
    Desk,
    Ground,
)


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put PostgreSQL's programs within reach, wherever script/setup found them."""
    if POSTGRESQL_SETUP.exists():
        setup = json.loads(POSTGRESQL_SETUP.read_text())
        path = f"{setup['bin_dir']}{os.pathsep}{os.environ['PATH']}"
        monkeypatch.setenv("PATH", path)
        if setup["library_path"]:
            monkeypatch.setenv("LD_LIBRARY_PATH", setup["library_path"])


@pytest.fixture
def copied(
    either_ground: Ground, request: pytest.FixtureRequest, tmp_path: Path
) -> Callable[[], Ground]:
    """Give a function that copies the database, and gives it as it is when it came back."""

    def copy() -> Ground:
        with frozen(make_url(either_ground.url)) as database:
            file = tmp_path / database.name.replace("guichet", "copy")
            database.write_copy(file)
        url = f"sqlite:///{file}"
        if file.suffix == ".dump":
            server = request.getfixturevalue("_postgresql")
            url = server.new_database(f"back_{uuid.uuid4().hex}")
            postgresql_copy.bring_back(make_url(url), file)
        return Ground(url, either_ground.passwords, either_ground.kiosk_tokens)

    return copy


def settle(ground: Ground, copied_at: datetime) -> dict[str, int]:
    """Run the command on the copy that came back."""
    result = CliRunner().invoke(
        guichet_web,
        ["settle-older-copy", "--copied-at", copied_at.isoformat()],
        env={"GUICHET_DATABASE_URL": ground.url, "GUICHET_SECRET_KEY": SECRET_KEY},
    )
    assert result.exit_code == 0, result.output
    told: dict[str, int] = json.loads(result.stdout)
    return told


def numbers(ground: Ground) -> list[int]:
    """Give the appointments' numbers, the latest last."""
    database = Database(ground.url)
    with database.read() as session:
        found = session.scalars(select(Appointment.id).order_by(Appointment.id)).all()
    database.dispose()
    return list(found)


def state_of(ground: Ground, number: int) -> str:
    """Give an appointment's state."""
    database = Database(ground.url)
    with database.read() as session:
        state = str(session.get_one(Appointment, number).state)
    database.dispose()
    return state


def token_on(page: str) -> str:
    """Give the token that the forms of a page send."""
    [token] = {
        form.values["csrf_token"]
        for form in forms_of(page)
        if "csrf_token" in form.values
    }
    return token


def in_browser_of(desk: Desk, app: Flask, ground: Ground) -> Desk:
    """Give the same browser, with its cookies, before the application that came back."""
    other = Desk(app.test_client(), ground.passwords)
    other.client._cookies = desk.client._cookies
    return other


def test_pages_of_before_do_nothing_and_no_number_is_given_twice(
    either_ground: Ground,
    copied: Callable[[], Ground],
    new_app: Callable[..., Flask],
) -> None:
    desk = Desk(new_app(either_ground).test_client(), either_ground.passwords)
    desk.sign_in(SECRETARY)
    assert desk.book(resident_name="Mme Avant").status_code == 303
    [kept] = numbers(either_ground)
    copied_at = datetime.now(UTC)
    back = copied()
    # What the copy does not know: another appointment, and pages that show both.
    assert desk.book(resident_name="M. Perdu", when="now").status_code == 303
    lost = numbers(either_ground)[-1]
    assert lost != kept
    pages = {
        address: token_on(desk.client.get(address).text)
        for each in (kept, lost)
        if (address := f"/bureau/rendez-vous/{each}/annuler")
    }

    told = settle(back, copied_at)
    app = new_app(back, restored_at=datetime.now(UTC).isoformat())
    after = in_browser_of(desk, app, back)

    # Nobody is signed in, whoever was.
    assert after.client.get("/bureau").status_code in (302, 303)
    after.sign_in(SECRETARY)
    for address, token in pages.items():
        form = {"csrf_token": token, "raison": "resident_asked"}
        answer = after.client.post(address, data=form)
        assert answer.status_code == 400
        assert "restée ouverte trop longtemps" in answer.text
    assert state_of(back, kept) == "booked"
    assert numbers(back) == [kept]
    # A new appointment is none that somebody knows by its number.
    assert after.book(resident_name="Mme Après").status_code == 303
    new = numbers(back)[-1]
    assert new == told["next_appointment"] > lost
    # The lost one's address leads nowhere.
    assert after.press(lost, "arrive").status_code == 404
    assert state_of(back, new) == "arrived"


def test_a_copy_is_settled_once_and_twice_alike(
    either_ground: Ground, copied: Callable[[], Ground], new_app: Callable[..., Flask]
) -> None:
    desk = Desk(new_app(either_ground).test_client(), either_ground.passwords)
    desk.sign_in(SECRETARY)
    desk.book()
    codes = Database(either_ground.url)
    MachineAccess(codes).make_code("kiosk-guise")
    codes.dispose()
    back = copied()
    now = datetime.now(UTC)
    first, second = settle(back, now), settle(back, now)
    assert first["sign_ins_ended"] == 1
    assert second["sign_ins_ended"] == 0
    assert second["next_appointment"] >= first["next_appointment"] > 1_000_000
    database = Database(back.url)
    with database.write() as session:
        assert session.scalars(select(WebSession)).all() == []
        # A code may have been used since.
        assert session.scalars(select(KioskEnrolment)).all() == []
        [appointment] = session.scalars(select(Appointment)).all()
        assert appointment.sequence == 2000
        # Whoever had arrived is expected again.
        assert appointment.state == "booked"
        acts = session.scalars(select(JournalEntry.act)).all()
        assert acts.count("copy_put_back") == 2
        event = LiveEvent(at=now)
        session.add(event)
        session.flush()
        assert event.id > 1_000_000
    database.dispose()


@pytest.mark.parametrize("instant", ["yesterday", "2026-11-27", "2026-11-27T02:30:00"])
def test_an_instant_without_its_offset_is_refused(ground: Ground, instant: str) -> None:
    result = CliRunner().invoke(
        guichet_web,
        ["settle-older-copy", "--copied-at", instant],
        env={"GUICHET_DATABASE_URL": ground.url, "GUICHET_SECRET_KEY": SECRET_KEY},
    )
    assert result.exit_code == 2
    assert "ISO 8601" in result.output or "offset" in result.output


def test_a_dump_that_is_cut_off_fills_nothing(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    server = request.getfixturevalue("_postgresql")
    url = server.new_database(f"cut_{uuid.uuid4().hex}")
    broken = tmp_path / "guichet.dump"
    broken.write_bytes(b"PGDMP and no more")
    with pytest.raises(ServerError, match="pg_restore"):
        postgresql_copy.bring_back(make_url(url), broken)
    with frozen(make_url(url)) as database:
        assert database.tables() == []

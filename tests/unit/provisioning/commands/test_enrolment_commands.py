# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-provision` lets a machine in, has secrets rotated and shuts a machine out."""

import json
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from provisioning.asterisk.certificates import ensure_certificates
from provisioning.commands import shutting_out
from provisioning.database.access import EndpointCut, KioskEnrolment
from provisioning.database.engine import Database
from provisioning.database.models import Kiosk
from provisioning.database.realtime import PjsipAuth
from provisioning.directory.cutting import cuts_to_do, mark_cut
from provisioning.directory.enrolment import Machine
from provisioning.directory.machine_access import MachineAccess
from tests.unit.provisioning.commands.conftest import Run

KIOSK, COUNSELLOR = "kiosk-guise", "counsellor-msa-1"
MACHINE = Machine("ab" * 32, "pc")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'guichet.db'}")
    yield database
    database.dispose()


@pytest.fixture
def run(run: Run) -> Run:
    """Run a command on the database of a small inventory."""
    run("apply", "inventory.toml", "--secrets-later")
    return run


@pytest.fixture
def reached(tmp_path: Path) -> tuple[str, ...]:
    """Give the options that say how kiosks reach the site."""
    ensure_certificates(tmp_path / "tls", ["sip.example"])
    authority = str(tmp_path / "tls" / "ca.pem")
    return ("--sip-server", "sip.example", "--sip-ca", authority, "--web-url", URL)


URL = "https://guichet.example:8443"


def test_a_code_is_printed_with_what_to_type(run: Run, database: Database) -> None:
    lines = run("enrolment-code", KIOSK, "--web-url", URL).stdout.splitlines()
    code = lines[0].removeprefix("code: ")
    assert lines[2].endswith(f"guichet-kiosk enrol guichet.example:8443 {code}")
    MachineAccess(database).enrol(code, "0" * 32, MACHINE)


def test_a_code_lasts_as_long_as_it_is_told_to(run: Run, database: Database) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    told = json.loads(run("enrolment-code", KIOSK, "--hours", "2", "--json").stdout)
    earliest, latest = (at + timedelta(hours=2) for at in (before, datetime.now(UTC)))
    assert (told["kiosk"], told["hours"]) == (KIOSK, 2)
    ends_at = datetime.fromisoformat(told["ends_at"])
    assert earliest <= ends_at <= latest
    with database.read() as session:
        kept = session.scalars(select(KioskEnrolment)).one()
    assert earliest <= kept.expires_at <= latest
    assert told["code"].replace("-", "") not in repr(vars(kept))


@pytest.mark.parametrize("command", ["enrolment-code", "revoke", "rotate"])
def test_a_name_that_is_nobodys_is_refused(run: Run, command: str) -> None:
    assert "nothing is called" in run(command, "kiosk-gise", exit_code=1).stderr


def test_a_counsellor_is_no_kiosk(run: Run) -> None:
    for command in ("enrolment-code", "rotate"):
        run(command, COUNSELLOR, exit_code=1)


def test_the_file_is_for_one_reader_and_shuts_the_former_machine_out(
    run: Run, database: Database, reached: tuple[str, ...], tmp_path: Path
) -> None:
    code = MachineAccess(database).make_code(KIOSK)
    run("enrolment-file", KIOSK, "--output", "usb", *reached)
    file = tmp_path / "usb" / f"{KIOSK}.guichet"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = json.loads(file.read_text())
    assert told["bundle"]["kiosk"]["slug"] == KIOSK
    assert told["bundle"]["bridge"]["server_url"] == URL
    assert told["authorities"]["web"] is None
    with database.read() as session:
        assert cuts_to_do(session) == [KIOSK]
    with pytest.raises(Exception, match="no such code"):
        MachineAccess(database).enrol(code, "0" * 32, MACHINE)


@pytest.mark.parametrize("wrong", ["tls/ca.key", "tls/server.key"])
def test_a_file_that_is_no_authority_is_refused_and_nothing_changes(
    run: Run, database: Database, reached: tuple[str, ...], tmp_path: Path, wrong: str
) -> None:
    with database.read() as session:
        before = session.get_one(PjsipAuth, KIOSK).password_digest
    options = [*reached, "--web-ca", str(tmp_path / wrong)]
    run("enrolment-file", KIOSK, *options, exit_code=1)
    with database.read() as session:
        assert session.get_one(PjsipAuth, KIOSK).password_digest == before
    assert list(tmp_path.glob("*.guichet")) == []


def test_a_folder_that_cannot_be_written_changes_nothing(
    run: Run, database: Database, reached: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "usb").write_text("a file, no folder")
    run("enrolment-file", KIOSK, "--output", "usb/deep", *reached, exit_code=1)
    with database.read() as session:
        assert cuts_to_do(session) == []


def test_a_file_needs_to_know_how_the_site_is_reached(
    run: Run, reached: tuple[str, ...]
) -> None:
    run("enrolment-file", KIOSK, exit_code=2)
    run("enrolment-file", KIOSK, *reached[:2], exit_code=2)
    run("enrolment-file", KIOSK, *reached[:4], exit_code=1)


def test_a_rotation_is_wanted_and_nothing_else_changes(
    run: Run, database: Database
) -> None:
    with database.read() as session:
        before = session.get_one(PjsipAuth, KIOSK).password_digest
    assert json.loads(run("rotate", KIOSK, "--json").stdout) == {
        "rotation_wanted": KIOSK
    }
    with database.read() as session:
        kiosk = session.scalars(select(Kiosk)).one()
        assert kiosk.rotation_wanted_at is not None
        assert session.get_one(PjsipAuth, KIOSK).password_digest == before


def test_without_a_dispatcher_the_secrets_are_dead_and_the_command_says_what_is_left(
    run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutting_out, "CUT_WITHIN_SECONDS", 0.1)
    with database.read() as session:
        before = session.get_one(PjsipAuth, COUNSELLOR).password_digest
    result = run("revoke", COUNSELLOR, "--json", exit_code=1)
    assert json.loads(result.stdout)["cut"] is False
    assert "the dispatcher does not run" in result.stderr
    with database.read() as session:
        assert session.get_one(PjsipAuth, COUNSELLOR).password_digest != before
        assert session.get_one(EndpointCut, COUNSELLOR).is_revoked


def test_with_a_dispatcher_the_command_says_when_it_was_done(
    run: Run, database: Database
) -> None:
    is_over = threading.Event()

    def dispatch() -> None:
        while not is_over.wait(0.05):
            with database.write() as session:
                for slug in cuts_to_do(session):
                    mark_cut(session, slug, datetime.now(UTC), datetime.now(UTC))

    dispatcher = threading.Thread(target=dispatch)
    dispatcher.start()
    try:
        told = json.loads(run("revoke", KIOSK, "--json").stdout)
    finally:
        is_over.set()
        dispatcher.join()
    assert (told["revoked"], told["cut"]) == (KIOSK, True)
    assert told["seconds"] < 5


def test_secrets_in_their_grace_are_no_difference_from_the_inventory(
    run: Run, database: Database
) -> None:
    MachineAccess(database).rotate(KIOSK)
    run("diff", "inventory.toml")
    assert (
        "nothing to change" in run("apply", "inventory.toml", "--secrets-later").stdout
    )
    with database.read() as session:
        names = set(session.scalars(select(PjsipAuth.id)))
    assert len({name for name in names if name.startswith("former-")}) == 1
    run("remove", KIOSK)
    with database.read() as session:
        assert set(session.scalars(select(PjsipAuth.id))) == {COUNSELLOR}


def test_a_new_secret_by_hand_ends_the_grace_and_gives_access_again(
    run: Run, database: Database
) -> None:
    access = MachineAccess(database)
    access.rotate(KIOSK)
    access.want_rotation(KIOSK)
    run("rotate-secret", KIOSK, "--print")
    with database.read() as session:
        names = set(session.scalars(select(PjsipAuth.id)))
        kiosk = session.scalars(select(Kiosk)).one()
        # What is carried there by hand is not to be replaced as soon as it reports.
        assert kiosk.rotation_wanted_at is None
    assert names == {COUNSELLOR, KIOSK}
    access.revoke(KIOSK)
    run("rotate-secret", KIOSK, "--print")
    with database.read() as session:
        assert not session.get_one(EndpointCut, KIOSK).is_revoked


@pytest.mark.parametrize("command", ["enrolment-code", "rotate", "revoke"])
def test_a_dry_run_says_what_would_be_and_changes_nothing(
    run: Run, database: Database, command: str
) -> None:
    assert KIOSK in run(command, KIOSK, "--dry-run").stdout
    assert json.loads(run(command, KIOSK, "--dry-run", "--json").stdout)["would"]
    assert "nothing is called" in run(command, "msa-1", "--dry-run", exit_code=1).stderr
    with database.read() as session:
        assert session.scalars(select(KioskEnrolment)).all() == []
        assert session.scalars(select(EndpointCut)).all() == []
        assert session.scalars(select(Kiosk)).one().rotation_wanted_at is None


def test_a_dry_run_writes_no_file(
    run: Run, database: Database, reached: tuple[str, ...], tmp_path: Path
) -> None:
    assert KIOSK in run("enrolment-file", KIOSK, "--dry-run", *reached).stdout
    assert list(tmp_path.glob("*.guichet")) == []
    with database.read() as session:
        assert cuts_to_do(session) == []


def test_each_of_many_kiosks_is_given_a_code_or_none_is(
    run: Run, database: Database
) -> None:
    run("add-kiosk", "kiosk-guise-2", "--relay", "guise")
    run("enrolment-code", exit_code=2)
    run("enrolment-code", KIOSK, "--without-machine", exit_code=2)
    assert (
        "nothing is called"
        in run("enrolment-code", KIOSK, "kiosk-gise", exit_code=1).stderr
    )
    with database.read() as session:
        assert session.scalars(select(KioskEnrolment)).all() == []

    MachineAccess(database).enrol(
        MachineAccess(database).make_code(KIOSK), "0" * 32, MACHINE
    )
    lines = run("enrolment-code", "--without-machine", "--json").stdout.splitlines()
    assert [json.loads(line)["kiosk"] for line in lines] == ["kiosk-guise-2"]
    named = run("enrolment-code", "kiosk-guise-2", KIOSK, KIOSK).stdout.splitlines()
    assert [line for line in named if line.endswith(":")] == [
        "kiosk-guise-2:",
        f"{KIOSK}:",
    ]
    codes = [line.removeprefix("code: ") for line in named if line.startswith("code: ")]
    other = MachineAccess(database)
    other.enrol(codes[0], "1" * 32, Machine("cd" * 32, "other"))
    told = run("enrolment-code", "--without-machine", exit_code=1).stderr
    assert "each kiosk has its machine already" in told

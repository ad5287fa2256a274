# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-provision softphone` as IT types it."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from provisioning.database.engine import Database
from provisioning.database.models import SoftphoneLink
from provisioning.database.realtime import PjsipAuth
from tests.unit.provisioning.commands.conftest import Run

SLUG = "counsellor-caf-1"
SERVER = ("--sip-server", "sip.example")
WEB = ("--web-url", "https://guichet.example")
ORGANISATION = (
    *("add-organisation", "caf", "--name", "Allocations", "--short-name", "CAF"),
    *("--counsellor", "Ève", "--softphone"),
)


@pytest.fixture
def run(run: Run) -> Run:
    """Run a command on a database with one softphone."""
    run(*ORGANISATION)
    return run


@pytest.fixture
def state(tmp_path: Path) -> Callable[[], tuple[str, int]]:
    """Tell the softphone's digest, and how many links there are."""

    def read() -> tuple[str, int]:
        database = Database(f"sqlite:///{tmp_path / 'guichet.db'}")
        with database.read() as session:
            digest = session.get_one(PjsipAuth, SLUG).password_digest
            links = len(list(session.scalars(select(SoftphoneLink))))
        database.dispose()
        return str(digest), links

    return read


def test_a_link_is_printed_and_the_secret_stays(run: Run, state) -> None:
    before, _ = state()
    told = json.loads(run("softphone", SLUG, "--json", *WEB).stdout)
    assert told["counsellor"] == SLUG and told["kind"] == "linphone"
    assert told["link"].startswith("https://guichet.example/telephone/")
    assert state() == (before, 1)
    token = told["link"].rpartition("/")[2]
    assert token not in before
    lines = run("softphone", SLUG, "--linphone", *WEB).stdout.splitlines()
    assert lines[0].startswith("link: https://guichet.example/telephone/")
    assert lines[1].startswith("good once, until ")


def test_a_folder_is_written_for_its_owner_alone(
    run: Run, state, tmp_path: Path
) -> None:
    before, _ = state()
    folder = tmp_path / "baresip"
    told = run("softphone", SLUG, "--baresip", str(folder), "--json", *SERVER)
    files = sorted(Path(each).name for each in json.loads(told.stdout)["files"])
    assert files == ["accounts", "config", "contacts", "start"]
    assert stat.S_IMODE((folder / "accounts").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert state()[0] != before


def test_a_folder_that_cannot_be_written_leaves_the_secret(
    run: Run, state, tmp_path: Path
) -> None:
    before, _ = state()
    (tmp_path / "file").write_text("")
    folder = str(tmp_path / "file" / "baresip")
    said = run("softphone", SLUG, "--baresip", folder, *SERVER, exit_code=1)
    assert "cannot be written" in said.stderr
    assert state()[0] == before


def test_the_settings_are_printed_once(run: Run, state) -> None:
    before, _ = state()
    printed = run("softphone", SLUG, "--sheet", *SERVER).stdout
    lines = dict(line.split(": ", 1) for line in printed.splitlines())
    assert lines["user"] == SLUG and lines["server"] == "sip.example"
    assert lines["transport"] == "TLS" and lines["dtmf"] == "SIP INFO"
    assert len(lines["password"]) == 32
    assert state()[0] != before


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        ((SLUG,), 2, "--web-url"),
        ((SLUG, "--sheet"), 2, "--sip-server"),
        ((SLUG, "--sheet", "--linphone", *SERVER), 2, "give one of"),
        ((SLUG, "--sheet", "--transport", "udp", *SERVER), 1, "--sip-port"),
        (("counsellor-nobody", *WEB), 1, "nothing is called"),
        (("counsellor-nobody", "--sheet", *SERVER), 1, "nothing is called"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(
    run: Run, state, arguments, exit_code, said
) -> None:
    before = state()
    assert said in run("softphone", *arguments, exit_code=exit_code).stderr
    assert state() == before


def test_who_must_be_encrypted_gets_nothing_in_clear(run: Run, tmp_path: Path) -> None:
    clear = ("--transport", "udp", "--sip-plain-port", "5060", *SERVER)
    for way in ((*WEB,), ("--sheet",), ("--baresip", str(tmp_path / "baresip"))):
        refused = run("softphone", SLUG, *way, *clear, exit_code=1)
        assert "set in_clear = true in the inventory" in refused.stderr
    named = ("--name", "Ada", "--organisation", "caf")
    run("add-counsellor", "counsellor-caf-2", *named, "--softphone", "--in-clear")
    sheet = run("softphone", "counsellor-caf-2", "--sheet", *clear).stdout
    assert "transport: UDP\nmedia_encryption: none\n" in sheet
    refused = run(
        "add-counsellor", "counsellor-caf-3", *named, "--in-clear", exit_code=2
    )
    assert "our own program is always encrypted" in refused.stderr


def test_our_own_program_is_no_softphone(run: Run) -> None:
    run("add-counsellor", "counsellor-caf-2", "--name", "Ada", "--organisation", "caf")
    for way in (WEB, ("--sheet", *SERVER)):
        refused = run("softphone", "counsellor-caf-2", *way, exit_code=1)
        assert "set softphone = true" in refused.stderr


def test_a_dry_run_writes_nothing(run: Run, state, tmp_path: Path) -> None:
    before = state()
    folder = tmp_path / "baresip"
    for way in (WEB, ("--sheet", *SERVER), ("--baresip", str(folder), *SERVER)):
        said = run("softphone", SLUG, "--dry-run", *way).stdout
        assert said == f"would set up the softphone of {SLUG} (dry run)\n"
    told = json.loads(run("softphone", SLUG, "--dry-run", "--json", *WEB).stdout)
    assert told == {"counsellor": None, "would_set_up": SLUG}
    assert state() == before and not folder.exists()

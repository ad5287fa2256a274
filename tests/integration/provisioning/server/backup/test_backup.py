# SPDX-License-Identifier: AGPL-3.0-or-later
"""A backup of a site that is in use: whole, encrypted, small the second time, and forgotten."""

import json
import os
import sqlite3
import subprocess
import threading
from contextlib import closing
from pathlib import Path

from click.testing import CliRunner

from provisioning.server.backup.commands import backup, backups
from provisioning.server.backup.manifest import Manifest
from provisioning.server.backup.postgresql_copy import check_whole
from stage.waiting import wait_for
from tests.integration.provisioning.server.backup.conftest import (
    LEFT_IN_WORK,
    SECRET,
    SmallSite,
)


def brought_back(site: SmallSite, target: Path) -> Path:
    """Give the latest backup as files."""
    site.repository.bring_back("latest", "/", target)
    return target


def test_each_document_of_the_database_is_in_the_backup_while_more_are_filed(
    either_site: SmallSite, tmp_path: Path
) -> None:
    site = either_site
    is_over = threading.Event()
    filed: list[str] = []

    def file_documents() -> None:
        while not is_over.is_set():
            filed.append(site.add_document(len(filed) + 1, os.urandom(2000)))

    writer = threading.Thread(target=file_documents)
    writer.start()
    try:
        wait_for(lambda: len(filed) > 20, 30)
        taken = site.back_up()
        after = len(filed)
    finally:
        is_over.set()
        writer.join()
    manifest = Manifest.read(site.repository.read("latest", "/manifest.json"))
    assert manifest == taken.manifest
    assert 20 < manifest.rows["document"] < after
    assert manifest.missing == 0
    files = brought_back(site, tmp_path / "back")
    copy = files / "database" / manifest.database
    names = {each.name for each in (files / "documents" / "content").glob("*/*")}
    if manifest.database == "guichet.dump":
        check_whole(copy)
        return
    with closing(sqlite3.connect(copy)) as database:
        [[whole]] = database.execute("PRAGMA integrity_check")
        wanted = {
            digest for [digest] in database.execute("SELECT sha256 FROM document")
        }
    assert whole == "ok"
    assert len(wanted) == manifest.rows["document"]
    assert wanted <= names


def test_what_did_not_change_is_kept_once(site: SmallSite) -> None:
    site.add_document(1, os.urandom(3_000_000))
    first = site.back_up()
    second = site.back_up()
    assert first.kept.added_bytes > 3_000_000
    assert second.kept.added_bytes < 100_000
    assert second.kept.total_bytes > 3_000_000
    assert [each.id for each in site.repository.kept()] == [
        second.kept.id,
        first.kept.id,
    ]


def test_nothing_is_in_the_repository_in_clear(site: SmallSite) -> None:
    site.add_document(1, SECRET.encode() * 100)
    site.back_up()
    found = subprocess.run(
        ["grep", "--recursive", "--count", "--fixed-strings", SECRET]
        + [str(site.places.repository)],
        capture_output=True,
        text=True,
    )
    assert not [line for line in found.stdout.splitlines() if not line.endswith(":0")]
    assert site.places.passphrase_file.stat().st_mode & 0o777 == 0o600


def test_settings_the_documents_key_and_own_recordings_are_in_it(
    site: SmallSite, tmp_path: Path
) -> None:
    site.places.prompts.mkdir(parents=True)
    (site.places.prompts / "attente.wav").write_bytes(b"a person's voice")
    site.places.prompts_in("en").mkdir(parents=True)
    (site.places.prompts_in("en") / "attente.wav").write_bytes(b"a voice")
    site.back_up()
    files = brought_back(site, tmp_path / "back")
    assert SECRET in (files / "settings" / "guichet.toml").read_text()
    assert (files / "settings" / "documents.key").read_text() == "a key"
    assert (files / "prompts" / "attente.wav").read_bytes() == b"a person's voice"
    assert (files / "prompts/en" / "attente.wav").read_bytes() == b"a voice"
    manifest = Manifest.read((files / "manifest.json").read_bytes())
    assert manifest.owners["guichet.toml"][2] == 0o640


def test_what_is_too_old_is_forgotten_whatever_else_is_kept(site: SmallSite) -> None:
    site.back_up()
    for days in (1, 2, 40, 300, 400, 500):
        moment = subprocess.run(
            ["date", "--utc", "--date", f"{days} days ago", "+%Y-%m-%d %H:%M:%S"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        site.repository._run(
            *("backup", "--tag", "guichet", "--host", "h", "--time", moment),
            str(site.places.settings_file),
        )
    assert len(site.repository.kept()) == 7
    latest = site.back_up()
    assert latest.trouble == ""
    kept = site.repository.kept()
    ages = [(latest.kept.at - each.at).days for each in kept]
    # The later one of today's two counts; a year is the limit.
    assert ages == [0, 1, 2, 40, 300]


def test_the_commands_say_what_was_kept_and_where(site: SmallSite) -> None:
    root = ["--root", str(site.places.root), "--json"]
    made = CliRunner().invoke(backup, root)
    assert made.exit_code == 0, made.output
    told = json.loads(made.stdout)
    assert told["ok"] is True
    assert (told["appointments"], told["documents"]) == (1, 0)
    listed = json.loads(CliRunner().invoke(backups, root).stdout)
    [shown] = listed["backups"]
    assert (shown["id"], shown["version"]) == (told["id"], told["version"])
    assert f"version {told['version']}" in CliRunner().invoke(backups, root[:2]).stdout
    status = json.loads(site.places.result_file.read_text())
    assert status["ok"] is True
    assert status["repository"] == str(site.places.repository)
    assert site.places.result_file.stat().st_mode & 0o777 == 0o644
    # Nothing is left of what was put together.
    assert {each.name for each in site.places.work.iterdir()} == LEFT_IN_WORK

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A backup that is killed, runs out of room or meets another one: what was there is unharmed."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioning.server.backup import restic
from provisioning.server.backup.errors import (
    AnotherIsRunning,
    BackupError,
    WrongPassphrase,
)
from provisioning.server.backup.restoring import try_out
from provisioning.server.backup.turns import only_one
from stage.waiting import wait_for
from tests.integration.provisioning.server.backup.conftest import SmallSite

PROGRAM = Path(sys.executable).with_name("guichet-server")


def ids(site: SmallSite) -> list[str]:
    """Name the backups, the latest first."""
    return [each.id for each in site.repository.kept()]


def result(site: SmallSite) -> dict[str, object]:
    """Read what `guichet-server status` would."""
    found: dict[str, object] = json.loads(site.places.result_file.read_text())
    return found


@pytest.fixture
def killed_at_work(site: SmallSite) -> Iterator[SmallSite]:
    """Give a site with one good backup, whose second was killed with all its programs."""
    site.back_up()
    packs = site.places.repository / "data"
    before = len(list(packs.glob("*/*")))
    site.add_document(1, os.urandom(60_000_000))
    running = subprocess.Popen(
        [PROGRAM, "backup", "--root", site.places.root],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_for(lambda: len(list(packs.glob("*/*"))) > before, 60)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    # Until init has buried restic, its lock is that of a process that is there.
    wait_for(lambda: is_gone(running.pid), 60)
    yield site


def is_gone(group: int) -> bool:
    """Tell whether no process of this group is left, not even a dead one."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_killed_backup_counts_for_nothing_and_the_next_one_repairs(
    killed_at_work: SmallSite,
) -> None:
    site = killed_at_work
    [first] = ids(site)
    assert (site.places.work / "picture").exists()
    assert list((site.places.repository / "locks").iterdir())
    second = site.back_up()
    assert ids(site) == [second.kept.id, first]
    assert second.manifest.documents == 1
    assert not (site.places.work / "picture").exists()
    assert not list((site.places.repository / "locks").iterdir())
    site.repository.check()


def test_after_a_killed_backup_the_one_before_can_be_tried_out_at_once(
    killed_at_work: SmallSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = killed_at_work
    [first] = ids(site)
    assert list((site.places.repository / "locks").iterdir())
    # Whoever lives would be waited for; nobody does.
    monkeypatch.setattr(restic, "LOCK_PATIENCE", "0s")
    assert try_out(site.places, site.repository, first)["ok"]


def test_a_second_backup_at_the_same_time_is_refused(site: SmallSite) -> None:
    with only_one(site.places):
        with pytest.raises(AnotherIsRunning):
            site.back_up()
    assert site.back_up().kept.id in ids(site)


def test_a_full_disk_is_told_and_the_backups_that_are_there_stay(
    site: SmallSite,
) -> None:
    if shutil.which("unshare") is None or os.geteuid() != 0:
        pytest.skip("a small disk of its own takes root")
    site.back_up()
    small = site.places.root / "small"
    small.mkdir()
    digest = "cd" * 32
    shelf = site.documents / "content" / digest[:2]
    shelf.mkdir(parents=True)
    backup = f"{PROGRAM} backup --root {site.places.root} --to {small}/repository"
    more = f"head -c 30000000 /dev/urandom > {shelf / digest}"
    script = (
        f"mount -t tmpfs -o size=12m tmpfs {small}"
        f" && cp -a {site.places.repository} {small}/repository"
        f" && {more}; {backup} --json; echo code $?; rm {shelf / digest}; {backup} --json"
        f" && {PROGRAM} backups --root {site.places.root} --from {small}/repository"
    )
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script],
        capture_output=True,
        text=True,
    )
    assert "code 1" in done.stdout, done.stderr
    assert "there is no room left" in done.stderr
    assert "Traceback" not in done.stderr
    # The one before and the one after.
    assert len(done.stdout.splitlines()) == 4, done.stdout


def test_a_disk_that_is_not_mounted_is_no_new_repository(site: SmallSite) -> None:
    site.back_up()
    site.places.repository.rename(site.places.root / "elsewhere")
    with pytest.raises(BackupError, match="no repository"):
        site.back_up()
    assert not site.places.repository.exists()
    assert result(site)["ok"] is False
    assert "no repository" in str(result(site)["error"])
    # When the last good one was, is still known.
    assert "last_ok_at" in result(site)


def test_another_passphrase_is_told_apart_and_does_nothing(site: SmallSite) -> None:
    taken = site.back_up()
    passphrase = site.places.passphrase_file.read_text()
    site.places.passphrase_file.write_text("something-else\n")
    with pytest.raises(WrongPassphrase, match="on the paper"):
        site.back_up()
    site.places.passphrase_file.write_text(passphrase)
    assert ids(site) == [taken.kept.id]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('repositry = "/x"', "unknown key 'repositry'"),
        ("keep_daily = -1", "whole number"),
        ("keep_daily = 0\nkeep_weekly = 0\nkeep_monthly = 0", "at least one"),
        ("longest_days = 0", "a day at least"),
        ("repository = ", "backup.toml"),
    ],
)
def test_wrong_choices_are_told_by_their_key(
    site: SmallSite, text: str, told: str
) -> None:
    site.places.choices_file.write_text(text)
    with pytest.raises(BackupError, match=told):
        site.back_up()
    assert not site.places.repository.exists()


def test_a_database_that_is_damaged_is_told_and_not_kept(site: SmallSite) -> None:
    taken = site.back_up()
    file = site.places.state / "guichet.db"
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 6] = os.urandom(4096 * 3)
    file.write_bytes(content)
    with pytest.raises(BackupError):
        site.back_up()
    assert ids(site) == [taken.kept.id]
    assert result(site)["ok"] is False

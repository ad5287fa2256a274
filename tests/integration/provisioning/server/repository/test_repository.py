# SPDX-License-Identifier: AGPL-3.0-or-later
"""The repository with the real aptly and GnuPG, read by the real apt."""

import os
import re
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from provisioning.server.checks.check import State
from provisioning.server.checks.of_repository import depot
from provisioning.server.machine import Machine
from provisioning.server.programs import SystemPrograms
from provisioning.server.repository.errors import RepositoryError
from provisioning.server.repository.places import RepositoryPlaces
from provisioning.server.repository.setting_up import ensure_repository
from provisioning.server.repository.signing_key import ensure_signing_key, signing_home
from provisioning.server.repository.store import PILOT, STABLE, Store
from provisioning.server.work import Work
from stage.waiting import wait_for
from tests.integration.provisioning.server.repository.packages import (
    NEW,
    OLD,
    WITH_APTLY,
    Apt,
    made_package,
)
from tests.unit.provisioning.server.machines import some_answers

pytestmark = WITH_APTLY


def test_pilots_are_given_a_version_first_and_all_keep_the_one_before(
    store: Store, places: RepositoryPlaces, tmp_path: Path
) -> None:
    pilot = Apt(tmp_path / "pilot", places, PILOT)
    others = Apt(tmp_path / "others", places, STABLE)
    assert pilot.versions() == []

    store.add([made_package(tmp_path, OLD)])
    assert pilot.versions() == ["0.2.0"]
    assert others.versions() == []
    store.promote("0.2.0")
    store.add([made_package(tmp_path, NEW)])

    assert pilot.versions() == ["0.3.0", "0.2.0"]
    assert others.versions() == ["0.2.0"]
    store.promote("0.3.0")
    assert others.versions() == ["0.3.0", "0.2.0"]
    assert sorted(store.packages(STABLE)) == [OLD, NEW]


def test_what_only_pilots_had_is_not_given_to_all_with_the_next(
    store: Store, tmp_path: Path
) -> None:
    store.add([made_package(tmp_path, OLD)])
    store.add([made_package(tmp_path, NEW)])
    store.promote("0.3.0")
    assert store.packages(STABLE) == [NEW]


def test_a_version_that_is_withdrawn_is_given_to_nobody(
    store: Store, places: RepositoryPlaces, tmp_path: Path
) -> None:
    store.add([made_package(tmp_path, OLD), made_package(tmp_path, NEW)])
    store.promote("0.2.0")
    store.promote("0.3.0")

    store.withdraw("0.3.0")

    for suite in (PILOT, STABLE):
        assert store.packages(suite) == [OLD]
        assert Apt(tmp_path / suite, places, suite).versions() == ["0.2.0"]
    assert not list(places.folder.rglob("*0.3.0*"))


def test_to_withdraw_one_gives_all_nothing_that_is_still_tried(
    store: Store, tmp_path: Path
) -> None:
    store.add([made_package(tmp_path, OLD)])
    store.promote("0.2.0")
    store.add([made_package(tmp_path, NEW)])

    store.withdraw("0.2.0")

    assert store.packages(PILOT) == [NEW]
    assert store.packages(STABLE) == []


def test_fault_the_same_number_with_another_content_changes_nothing(
    store: Store, places: RepositoryPlaces, tmp_path: Path
) -> None:
    first = made_package(tmp_path, NEW)
    store.add([first])
    [published] = (places.folder / "public/pool").rglob("*.deb")

    with pytest.raises(RepositoryError, match="higher number"):
        store.add([made_package(tmp_path, NEW, "another")])

    assert published.read_bytes() == first.read_bytes()
    assert Apt(tmp_path / "apt", places, PILOT).versions() == ["0.3.0"]


def test_lists_of_last_week_are_taken_by_no_kiosk_and_seen_by_the_check(
    machine: Machine, store: Store, places: RepositoryPlaces, tmp_path: Path
) -> None:
    """Who holds an old Release still would have hidden each new version for ever."""
    store.add([made_package(tmp_path, OLD)])
    assert depot(machine, some_answers()).state is State.OK
    sign_as_of(places, datetime.now(UTC) - timedelta(days=8))
    with pytest.raises(AssertionError, match="is expired .invalid since"):
        Apt(tmp_path / "frozen", places, PILOT).versions()
    found = depot(machine, some_answers())
    assert found.state is State.FAILED and "guichet-server promote" in found.advice

    store.sign_again()

    assert Apt(tmp_path / "again", places, PILOT).versions() == ["0.2.0"]
    assert depot(machine, some_answers()).state is State.OK


def sign_as_of(places: RepositoryPlaces, moment: datetime) -> None:
    """Have the pilots' lists be those that were signed then, by the right key."""
    release = places.release(PILOT)
    dated = re.sub(
        r"(?m)^Date: .*$",
        f"Date: {format_datetime(moment, usegmt=True)}",
        release.read_text(),
    )
    release.write_text(dated)
    with signing_home(places, SystemPrograms()) as home:
        for act, name in (
            ("--clearsign", "InRelease"),
            ("--detach-sign", "Release.gpg"),
        ):
            subprocess.run(
                [
                    *("gpg", "--homedir", home, "--batch", "--yes", "--armor"),
                    *("--output", release.with_name(name), act, release),
                ],
                check=True,
                capture_output=True,
            )


def test_everybody_may_read_what_is_published_under_a_narrow_umask(
    store: Store, places: RepositoryPlaces, tmp_path: Path
) -> None:
    file = made_package(tmp_path, OLD)
    before = os.umask(0o077)
    try:
        store.add([file])
        store.promote("0.2.0")
    finally:
        os.umask(before)
    for path in (places.folder / "public").rglob("*"):
        wanted = 0o055 if path.is_dir() else 0o044
        assert path.stat().st_mode & wanted == wanted, path


def test_what_is_there_is_left_as_it_is(
    machine: Machine, places: RepositoryPlaces
) -> None:
    key = places.public_key.read_text()

    assert not ensure_repository(Work(machine, some_answers()))

    assert places.public_key.read_text() == key
    assert (places.key_folder.stat().st_mode & 0o077) == 0


def test_fault_a_set_up_that_was_cut_off_is_completed(
    store: Store, places: RepositoryPlaces
) -> None:
    subprocess.run(
        ["aptly", f"-config={places.configuration}", "publish", "drop", STABLE],
        check=True,
        capture_output=True,
    )
    assert store.ensure()
    assert store.packages(STABLE) == []
    assert not store.ensure()


def test_apt_refuses_what_another_key_signed(
    store: Store, places: RepositoryPlaces, tmp_path: Path
) -> None:
    store.add([made_package(tmp_path, OLD)])
    apt = Apt(tmp_path / "apt", places, PILOT)
    assert apt.versions() == ["0.2.0"]
    shutil.rmtree(places.key_folder)

    ensure_signing_key(places, SystemPrograms())

    with pytest.raises(AssertionError, match="NO_PUBKEY|not signed|Missing key"):
        apt.versions()


def test_signing_leaves_no_agent_and_nothing_beside_the_key(
    machine: Machine,
    store: Store,
    places: RepositoryPlaces,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = {path: path.stat().st_mtime_ns for path in places.key_folder.rglob("*")}
    assert not any(path.is_socket() for path in kept)
    # GnuPG's agent listens on a socket there: a short path.
    monkeypatch.setattr(tempfile, "tempdir", str(machine.root))

    store.add([made_package(tmp_path, OLD)])

    now = {path: path.stat().st_mtime_ns for path in places.key_folder.rglob("*")}
    assert now == kept
    assert not list(machine.root.glob("guichet-key-*"))
    agents = ["pgrep", "-f", f"gpg-agent.*{machine.root}/"]
    wait_for(
        lambda: not subprocess.run(agents, capture_output=True, check=False).stdout,
        "no agent of GnuPG is left",
    )

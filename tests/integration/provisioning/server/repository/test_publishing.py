# SPDX-License-Identifier: AGPL-3.0-or-later
"""Publish, promote, withdraw: the commands with the real aptly; the pages' answer is told."""

import json
import subprocess
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from provisioning.server.answers import answers_text
from provisioning.server.machine import Machine
from provisioning.server.main import main
from provisioning.server.repository import commands
from provisioning.server.repository.places import OWN_SOURCES, RepositoryPlaces
from provisioning.server.repository.rings import PilotNow, TriedUpdate
from provisioning.server.repository.rings_file import read_rings, write_rings
from provisioning.server.repository.store import (
    PILOT,
    SITE,
    STABLE,
    Package,
    Store,
)
from tests.integration.provisioning.server.repository.packages import (
    NEW,
    OLD,
    WITH_APTLY,
    Apt,
    made_package,
)
from tests.unit.provisioning.server.machines import some_answers

pytestmark = WITH_APTLY
KIOSK = "kiosk-guise"
Run = Callable[..., Result]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> dict[str, PilotNow]:
    """Give what the pages know of the kiosks, to be filled."""
    known: dict[str, PilotNow] = {}
    monkeypatch.setattr(commands, "pilots_now", lambda _machine: known)
    return known


@pytest.fixture
def run(machine: Machine, heard: object, monkeypatch: pytest.MonkeyPatch) -> Run:
    answers = some_answers(updates={"pilots": [KIOSK], "trial_hours": 0})
    machine.answers_file.parent.mkdir(parents=True, exist_ok=True)
    machine.answers_file.write_text(answers_text(answers))
    monkeypatch.setattr(commands, "Machine", lambda: machine)
    monkeypatch.setattr(commands, "require_root", lambda: None)
    monkeypatch.setattr(commands, "one_at_a_time", lambda _command: nullcontext())

    def called(*arguments: str | Path) -> Result:
        return CliRunner().invoke(main, [str(each) for each in arguments])

    return called


def green(version: str) -> PilotNow:
    now = datetime.now(UTC)
    return PilotNow(
        KIOSK,
        version,
        tested_at=now + timedelta(minutes=1),
        begun_at=now + timedelta(minutes=1),
        is_ok=True,
        is_silent=False,
        update=TriedUpdate("done", version, now, ""),
    )


def told(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_version_goes_to_pilots_and_once_they_are_green_to_all(
    run: Run, machine: Machine, heard: dict[str, PilotNow], tmp_path: Path
) -> None:
    published = run("publish", made_package(tmp_path, OLD))
    assert published.exit_code == 0, published.output
    assert f"0.2.0 is for {KIOSK} tonight" in published.stdout
    rings = read_rings(machine)
    assert (rings.pilot, rings.stable) == ("0.2.0", "")
    assert rings.trial and rings.trial.version == "0.2.0"

    waits = told(run("promote", "--json"))
    assert waits["waits_for"] == [f"{KIOSK} was never heard of"]
    assert not waits["promoted"]
    assert read_rings(machine) == rings

    # Each evening, whatever comes of it: kiosks take no list of last week.
    release = RepositoryPlaces.of(machine).release(STABLE)
    before = release.stat().st_mtime_ns
    run("promote")
    assert release.stat().st_mtime_ns > before

    heard[KIOSK] = green("0.2.0")
    assert told(run("promote", "--json")) == {
        "version": "0.2.0",
        "promoted": True,
        "waits_for": [],
    }
    rings = read_rings(machine)
    assert (rings.pilot, rings.stable, rings.trial) == ("0.2.0", "0.2.0", None)
    assert "try nothing new" in run("promote").stdout


def test_a_version_that_a_pilot_took_back_stays_with_the_pilots(
    run: Run, machine: Machine, heard: dict[str, PilotNow], tmp_path: Path
) -> None:
    run("publish", made_package(tmp_path, NEW))
    back = TriedUpdate("rolled_back", "0.3.0", datetime.now(UTC), "no_tone")
    heard[KIOSK] = PilotNow(
        KIOSK, "0.2.0", datetime.now(UTC), True, True, False, update=back
    )
    said = run("promote").stdout
    assert f"- {KIOSK} took back 0.3.0: no_tone" in said
    assert read_rings(machine).stable == ""


def test_what_pilots_say_can_be_overruled(
    run: Run, machine: Machine, tmp_path: Path
) -> None:
    run("publish", made_package(tmp_path, NEW))
    assert "is for all kiosks" in run("promote", "--now").stdout
    assert read_rings(machine).stable == "0.3.0"


def test_a_version_that_is_withdrawn_is_no_longer_tried(
    run: Run, machine: Machine, tmp_path: Path
) -> None:
    run("publish", made_package(tmp_path, OLD))
    run("promote", "--now")
    run("publish", made_package(tmp_path, NEW))

    assert told(run("withdraw", "0.3.0", "--json")) == {
        "pilot": "0.2.0",
        "stable": "0.2.0",
        "trial": None,
    }
    assert "try nothing new" in run("promote").stdout


def test_the_newest_is_what_dpkg_says(
    run: Run, machine: Machine, tmp_path: Path
) -> None:
    for version in ("0.9.0", "0.10.0~rc1", "0.10.0"):
        package = Package("guichet-kiosk", version, "amd64")
        assert run("publish", made_package(tmp_path, package)).exit_code == 0
        assert read_rings(machine).pilot == version
    listed = told(run("packages", "--json"))
    assert [each["version"] for each in listed[PILOT]] == [
        *("0.10.0", "0.10.0~rc1", "0.9.0")
    ]
    assert listed[STABLE] == [] and listed["trial"]["version"] == "0.10.0"


def test_another_architecture_of_a_version_is_tried_in_its_turn(
    run: Run, machine: Machine, tmp_path: Path
) -> None:
    run("publish", made_package(tmp_path, NEW))
    run("promote", "--now")
    arm = made_package(tmp_path, Package("guichet-kiosk", "0.3.0", "arm64"))
    run("publish", arm)
    trial = read_rings(machine).trial
    assert trial is not None and trial.version == "0.3.0"
    run("promote", "--now")
    again = run("publish", arm)
    assert again.exit_code == 0, again.output
    assert "published to all kiosks already" in again.stdout


def test_fault_killed_before_it_was_noted_it_is_mended_by_running_it_again(
    run: Run,
    store: Store,
    machine: Machine,
    places: RepositoryPlaces,
    tmp_path: Path,
) -> None:
    file = made_package(tmp_path, NEW)
    store.add([file])
    assert not places.rings.exists()

    run("publish", file)
    trial = read_rings(machine).trial
    assert trial is not None and trial.version == "0.3.0"

    # Given to all, and killed before that was noted.
    store.promote("0.3.0")
    run("promote", "--now")
    assert read_rings(machine).trial is None
    assert read_rings(machine).stable == "0.3.0"

    # Taken out, and killed before that was noted.
    write_rings(machine, store, trial)
    store.withdraw("0.3.0")
    assert run("withdraw", "0.3.0").exit_code == 0
    assert read_rings(machine).as_json() == {"pilot": "", "stable": "", "trial": None}


def test_a_release_is_published_whole_and_each_goes_where_it_belongs(
    run: Run, machine: Machine, places: RepositoryPlaces, tmp_path: Path
) -> None:
    server, asterisk, telephone = (
        Package("guichet-server", "0.3.0", "amd64"),
        Package("guichet-asterisk", "22.10.1+guichet1", "amd64"),
        Package("guichet-counsellor", "0.3.0", "amd64"),
    )
    files = [
        made_package(tmp_path, each, each.name)
        for each in (NEW, server, asterisk, telephone)
    ]
    published = run("publish", *files)
    assert published.exit_code == 0, published.output
    assert published.stdout.splitlines() == [
        f"0.3.0 is for {KIOSK} tonight,",
        "and for all kiosks once these have tried it.",
        "guichet-server 0.3.0 and guichet-asterisk 22.10.1+guichet1: here, by apt update"
        " and apt upgrade.",
        "guichet-counsellor 0.3.0: by apt upgrade on each PC that reads",
        "https://guichet.example.fr/depot/guichet.sources",
    ]
    again = told(run("publish", *files, "--json"))
    assert again["pilot"] == "0.3.0"
    assert again["site"] == {
        each.name: each.version for each in (server, asterisk, telephone)
    }
    # As the machine's own apt reads it, which knows the file and nothing else.
    text = machine.path(OWN_SOURCES).read_text()
    text = text.replace("file:/var/lib", f"file:{machine.path('/var/lib')}")
    text = text.replace("By: /var/lib", f"By: {machine.path('/var/lib')}")
    here = Apt(tmp_path / "here", places, "", sources=text)
    assert here.versions("guichet-server") == ["0.3.0"]
    assert here.versions("guichet-asterisk") == ["22.10.1+guichet1"]
    assert here.versions("guichet-kiosk") == []
    kiosk = Apt(tmp_path / "kiosk", places, PILOT)
    assert kiosk.versions("guichet-server") == []


def test_what_is_no_kiosk_s_changes_nothing_for_kiosks(
    run: Run, machine: Machine, tmp_path: Path
) -> None:
    run("publish", made_package(tmp_path, OLD))
    before = read_rings(machine)
    run("publish", made_package(tmp_path, Package("guichet-server", "0.9.0", "amd64")))
    assert read_rings(machine) == before
    assert "0.9.0" in run("packages").stdout
    assert run("withdraw", "0.9.0").exit_code == 0
    assert read_rings(machine) == before
    assert "0.9.0" not in run("packages").stdout


def test_fault_a_repository_of_a_former_version_has_the_new_suite_made(
    run: Run, machine: Machine, store: Store, tmp_path: Path
) -> None:
    for act in (("publish", "drop", SITE), ("repo", "drop", SITE)):
        configuration = f"-config={RepositoryPlaces.of(machine).configuration}"
        subprocess.run(["aptly", configuration, *act], check=True, capture_output=True)
    assert run("promote").exit_code == 0
    assert store.packages(SITE) == []


def test_bad_packages_are_refused_in_words(
    run: Run, machine: Machine, tmp_path: Path
) -> None:
    run("publish", made_package(tmp_path, NEW))
    before = read_rings(machine)
    text = tmp_path / "text.deb"
    text.write_text("no package")
    stranger = Package("nginx", "9.0", "amd64")
    server = Package("guichet-server", "0.4.0", "amd64")
    newer = Package("guichet-server", "0.4.1", "amd64")
    assert run("publish", made_package(tmp_path, newer)).exit_code == 0
    older = made_package(tmp_path, OLD)
    later = made_package(tmp_path, Package("guichet-kiosk", "0.5.0", "amd64"))
    for files, said in (
        ([text], "is no Debian package"),
        ([made_package(tmp_path, stranger)], "none of ours"),
        ([made_package(tmp_path, server)], "guichet-server 0.4.0 is older than 0.4.1"),
        ([older], "older than 0.3.0"),
        ([older, later], "publish one at a time"),
        ([made_package(tmp_path, NEW, "another")], "higher number"),
    ):
        result = run("publish", *files)
        assert result.exit_code == 1
        assert said in result.output
    assert run("withdraw", "0.7.0").exit_code == 1
    assert read_rings(machine) == before

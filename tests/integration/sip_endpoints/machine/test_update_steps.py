# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an update does to a machine, by the real dpkg, apt and systemd of a bare host."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stage.hosts.control_group import NoControlGroups
from stage.hosts.host import Host
from stage.hosts.host_set import HostSet
from stage.hosts.network import NoNetwork
from stage.hosts.small_kiosk import (
    FILES,
    FOLDER,
    SmallVersion,
    begin,
    build,
    files_of,
    install,
    offer,
)
from stage.hosts.whole import await_end, await_phone, whole_version
from tests.folders import Folders

pytestmark = [pytest.mark.real, pytest.mark.slow]
OLD = SmallVersion("1.0")
GOOD = SmallVersion("1.1")
WORSE = SmallVersion("1.2", verdict="echo phone_stopped; exit 1")
DEAD = SmallVersion("1.3", verdict="exit 127")
BROKEN = SmallVersion("1.4", postinst="exit 3")
HOMELESS = SmallVersion("1.5", needs="something-that-is-nowhere")
VERSIONS = (OLD, GOOD, WORSE, DEAD, BROKEN, HOMELESS)
CARRY_OUT = ("sh", "/usr/libexec/guichet-kiosk/update-steps", "carry-out")


@pytest.fixture(scope="module")
def packages(tmp_path_factory: Folders) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("packages")
    return {version.number: build(version, folder) for version in VERSIONS}


@pytest.fixture(scope="module")
def host_set() -> Iterator[HostSet]:
    try:
        made = HostSet.make(f"u{os.getpid()}")
    except (NoNetwork, NoControlGroups) as error:
        pytest.skip(str(error))
    yield made
    made.remove()


@pytest.fixture(scope="module")
def machine(host_set: HostSet, packages: dict[str, Path]) -> Host:
    """Give a kiosk of the old version; each test leaves it so."""
    host = host_set.add("kiosk")
    host.boot()
    offer(host, list(packages.values()))
    install(host, packages[OLD.number], OLD)
    return host


@pytest.fixture
def kiosk(machine: Host, packages: dict[str, Path]) -> Iterator[Host]:
    yield machine
    machine.run("dpkg", "--install", f"/srv/archive/{packages[OLD.number].name}")
    machine.run("sh", "-c", f"rm -f {FOLDER}/step {FOLDER}/last.json {FOLDER}/refused")


def outcome(host: Host) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(host.read(f"{FOLDER}/last.json"))
    assert host.ask("test", "-e", f"{FOLDER}/step").returncode != 0
    return {key: told[key] for key in ("state", "from", "to", "cause")}


def refused(host: Host) -> list[str]:
    return host.ask("cat", f"{FOLDER}/refused").stdout.decode().split()


def test_a_version_that_works_as_well_stays(kiosk: Host) -> None:
    begin(kiosk, OLD, GOOD)
    kiosk.run(*CARRY_OUT)
    assert whole_version(kiosk, ["1.1"]) == "1.1"
    assert files_of(kiosk) == {"1.1": FILES}
    assert outcome(kiosk) == {
        "state": "done",
        "from": "1.0",
        "to": "1.1",
        "cause": None,
    }
    assert refused(kiosk) == []


@pytest.mark.parametrize(
    ("version", "cause"),
    [(WORSE, "phone_stopped"), (DEAD, "broken"), (BROKEN, "install_failed")],
)
def test_a_version_that_works_less_well_is_put_back_and_remembered(
    kiosk: Host, version: SmallVersion, cause: str
) -> None:
    begin(kiosk, OLD, version)
    kiosk.run(*CARRY_OUT)
    assert whole_version(kiosk, ["1.0"]) == "1.0"
    assert files_of(kiosk) == {"1.0": FILES}
    assert outcome(kiosk) == {
        "state": "rolled_back",
        "from": "1.0",
        "to": version.number,
        "cause": cause,
    }
    assert refused(kiosk) == [version.number]
    await_phone(kiosk)


def test_a_version_that_cannot_be_installed_changes_nothing(kiosk: Host) -> None:
    begin(kiosk, OLD, HOMELESS)
    kiosk.run(*CARRY_OUT)
    assert whole_version(kiosk, ["1.0"]) == "1.0"
    assert outcome(kiosk)["state"] == "failed"
    assert outcome(kiosk)["cause"] == "install_failed"
    assert refused(kiosk) == []


def test_without_a_step_nothing_is_done(kiosk: Host) -> None:
    kiosk.run(*CARRY_OUT)
    kiosk.run("sh", "/usr/libexec/guichet-kiosk/update-steps", "recover")
    assert whole_version(kiosk, ["1.0"]) == "1.0"
    assert kiosk.ask("test", "-e", f"{FOLDER}/last.json").returncode != 0


@pytest.mark.parametrize("text", ["", "dancing 1.0 1.1 0 -\n"])
def test_a_step_that_is_none_is_forgotten(kiosk: Host, text: str) -> None:
    kiosk.write(f"{FOLDER}/step", text.encode())
    kiosk.run(*CARRY_OUT)
    assert whole_version(kiosk, ["1.0"]) == "1.0"
    assert kiosk.ask("test", "-e", f"{FOLDER}/step").returncode != 0


def test_a_version_that_was_never_judged_in_three_boots_is_put_back(
    kiosk: Host,
) -> None:
    kiosk.run("apt-get", "install", "--yes", "guichet-kiosk=1.1")
    kiosk.write(f"{FOLDER}/step", b"judging 1.0 1.1 3 -\n")
    kiosk.pull_plug()
    kiosk.boot()
    await_phone(kiosk)
    assert whole_version(kiosk, ["1.0"]) == "1.0"
    assert outcome(kiosk)["cause"] == "never_judged"
    assert refused(kiosk) == ["1.1"]


def test_what_was_being_judged_is_judged_after_the_boot(kiosk: Host) -> None:
    kiosk.run("apt-get", "install", "--yes", "guichet-kiosk=1.2")
    kiosk.write(f"{FOLDER}/step", b"judging 1.0 1.2 0 -\n")
    kiosk.pull_plug()
    kiosk.boot()
    await_end(kiosk)
    assert outcome(kiosk)["cause"] == "phone_stopped"
    assert whole_version(kiosk, ["1.0"]) == "1.0"
    await_phone(kiosk)


@pytest.mark.parametrize("cause", ["phone_stopped", "interrupted"])
def test_what_was_being_put_back_is_put_back_at_the_boot(
    kiosk: Host, cause: str
) -> None:
    kiosk.run("apt-get", "install", "--yes", "guichet-kiosk=1.1")
    kiosk.write(f"{FOLDER}/step", f"restoring 1.0 1.1 0 {cause}\n".encode())
    kiosk.pull_plug()
    kiosk.boot()
    await_phone(kiosk)
    assert whole_version(kiosk, ["1.0"]) == "1.0"
    assert outcome(kiosk)["state"] == (
        "failed" if cause == "interrupted" else "rolled_back"
    )


def test_a_purge_leaves_nothing_of_updates(kiosk: Host) -> None:
    drop_ins = [
        f"/etc/systemd/system/{name}.timer.d/guichet-kiosk.conf"
        for name in ("guichet-update", "apt-daily-upgrade")
    ]
    written = [
        "/etc/apt/sources.list.d/guichet.sources",
        "/etc/apt/apt.conf.d/80guichet-kiosk",
        f"{FOLDER}/refused",
        *drop_ins,
    ]
    for path in written:
        kiosk.write(path, b"")
    kiosk.run("dpkg", "--purge", "guichet-kiosk")
    folders = [os.path.dirname(path) for path in drop_ins]
    for path in (*written, FOLDER, *folders):
        assert kiosk.ask("test", "-e", path).returncode != 0, path
    kiosk.run("mkdir", "-p", FOLDER)

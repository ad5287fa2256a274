# SPDX-License-Identifier: AGPL-3.0-or-later
"""What follows apt: a backup before tables change, services in order, no call cut."""

import os
from importlib.metadata import version
from pathlib import Path

import pytest

from provisioning.server import upgrade
from provisioning.server.database import VERSION
from provisioning.server.errors import ServerError
from provisioning.server.machine import Machine
from provisioning.server.units import services
from provisioning.server.upgrade import bring_up_to_date
from provisioning.server.work import Work
from tests.unit.provisioning.server.machines import (
    ToldPrograms,
    machine_in,
    some_answers,
)

REFRESH = "guichet-provision refresh"
CONSOLE = "/usr/sbin/guichet-asterisk"
STARTED = 1_800_000_000


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Machine, ToldPrograms]:
    """Give a server that runs, with nothing to do."""
    machine, programs = machine_in(tmp_path)
    monkeypatch.setattr(upgrade, "make_users_and_folders", lambda work: False)
    monkeypatch.setattr(upgrade, "write_files", lambda work: False)
    monkeypatch.setattr(upgrade, "set_up_firewall", lambda work: False)
    programs.answer("systemctl show", f"@{STARTED}\n")
    package = machine.path(upgrade.ASTERISK_PACKAGE)
    package.parent.mkdir(parents=True)
    package.touch()
    os.utime(package, (STARTED - 60, STARTED - 60))
    return machine, programs


def install_asterisk(machine: Machine) -> None:
    package = machine.path(upgrade.ASTERISK_PACKAGE)
    os.utime(package, (STARTED + 60, STARTED + 60))


def is_pending(machine: Machine, programs: ToldPrograms) -> None:
    programs.answer(
        f"guichet-web --config {machine.layout.settings} upgrade-database --dry-run",
        "an upgrade is pending\n",
    )


def console(programs: ToldPrograms) -> list[str]:
    return [asked.rpartition("-rx ")[2] for asked in programs.which(CONSOLE)]


def test_pages_are_restarted_in_order_and_asterisk_is_kept(here) -> None:
    machine, programs = here
    done = bring_up_to_date(machine, some_answers(), now=False)
    assert done == {"migrated": False, "asterisk": "kept"}
    assert programs.which("systemctl restart") == [
        f"systemctl restart {' '.join(services()[1:])}"
    ]
    assert console(programs) == []


def test_tables_change_after_a_backup_and_before_the_services_start_anew(
    here, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, programs = here
    machine.path("/etc/guichet").mkdir(parents=True)
    machine.path(upgrade.PASSPHRASE).touch()
    is_pending(machine, programs)
    monkeypatch.setattr(
        upgrade, "write_files", lambda work: programs.asked.append("settings")
    )
    assert bring_up_to_date(machine, some_answers(), now=False)["migrated"]
    backup = programs.asked.index("guichet-server backup")
    tables = programs.asked.index(
        f"guichet: guichet-web --config {machine.layout.settings} upgrade-database"
    )
    [restart] = [
        place
        for place, asked in enumerate(programs.asked)
        if asked.startswith("systemctl restart")
    ]
    # What is kept are tables and settings of the version before.
    assert backup < programs.asked.index("settings") < tables < restart
    noted = machine.path(VERSION).read_text()
    assert noted == f"{version('guichet-virtuel')}\n"


def test_what_asterisk_reads_of_telephones_is_of_this_version_too(
    here, capsys: pytest.CaptureFixture[str]
) -> None:
    machine, programs = here
    bring_up_to_date(machine, some_answers(), now=False)
    assert f"guichet: {REFRESH}" in programs.asked
    # A row that somebody took away needs a secret that somebody is given: all else goes on.
    programs.answer(REFRESH, exit_code=1)
    bring_up_to_date(machine, some_answers(), now=False)
    assert "stays as it was: guichet-provision failed" in capsys.readouterr().err


def test_settings_that_this_version_cannot_read_yet_are_backed_up_too(here) -> None:
    machine, programs = here
    machine.path("/etc/guichet").mkdir(parents=True)
    machine.path(upgrade.PASSPHRASE).touch()
    dry_run = (
        f"guichet-web --config {machine.layout.settings} upgrade-database --dry-run"
    )
    programs.answer(dry_run, exit_code=2)
    with pytest.raises(Exception, match="guichet-web failed"):
        # In earnest they were written anew by then.
        bring_up_to_date(machine, some_answers(), now=False)
    assert "guichet-server backup" in programs.asked


def test_fault_a_backup_that_fails_leaves_the_tables_as_they_were(here) -> None:
    machine, programs = here
    machine.path("/etc/guichet").mkdir(parents=True)
    machine.path(upgrade.PASSPHRASE).touch()
    is_pending(machine, programs)
    programs.answer("guichet-server backup", exit_code=1)
    with pytest.raises(Exception, match="guichet-server failed"):
        bring_up_to_date(machine, some_answers(), now=False)
    assert not any(asked.endswith(" upgrade-database") for asked in programs.asked)
    assert programs.which("systemctl restart") == []


def test_a_server_without_a_passphrase_is_upgraded_and_told(
    here, capsys: pytest.CaptureFixture[str]
) -> None:
    machine, programs = here
    is_pending(machine, programs)
    assert bring_up_to_date(machine, some_answers(), now=False)["migrated"]
    assert "no backup is made" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("calls", "now", "told", "asked"),
    [
        (0, False, "restarted", "core stop when convenient"),
        (2, False, "waits", "core stop when convenient"),
        (2, True, "restarted", "core stop now"),
    ],
)
def test_a_new_asterisk_waits_for_the_calls_that_go_on(
    here, calls: int, now: bool, told: str, asked: str
) -> None:
    machine, programs = here
    install_asterisk(machine)
    programs.answer(CONSOLE, f"{calls} active channels\n{calls} active calls\n")
    assert bring_up_to_date(machine, some_answers(), now=now)["asterisk"] == told
    assert console(programs)[-1] == asked
    assert "systemctl restart guichet-asterisk.service" not in programs.asked


def test_new_files_of_asterisk_restart_it_too(
    here, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, programs = here

    def writes(work: Work) -> bool:
        return work.note([machine.layout.etc / "modules.conf"])

    monkeypatch.setattr(upgrade, "write_files", writes)
    bring_up_to_date(machine, some_answers(), now=False)
    assert console(programs)[-1] == "core stop when convenient"


def test_files_that_another_command_wrote_restart_it_too(here) -> None:
    machine, programs = here
    etc = machine.layout.etc
    etc.mkdir(parents=True)
    os.utime(etc, (STARTED, STARTED))
    assert bring_up_to_date(machine, some_answers(), now=False)["asterisk"] == "kept"
    os.utime(etc, (STARTED + 60, STARTED + 60))
    bring_up_to_date(machine, some_answers(), now=False)
    assert console(programs)[-1] == "core stop when convenient"


def test_an_asterisk_that_does_not_run_is_started(here) -> None:
    machine, programs = here
    programs.answer("systemctl is-active", exit_code=3)
    done = bring_up_to_date(machine, some_answers(), now=False)
    assert done["asterisk"] == "restarted"
    assert "systemctl start guichet-asterisk.service" in programs.asked


def test_a_version_that_does_not_know_the_tables_changes_nothing(
    here, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, programs = here

    def is_not_reached(work: Work) -> bool:
        raise AssertionError("settings were written")

    monkeypatch.setattr(upgrade, "write_files", is_not_reached)
    programs.answer("guichet-provision upgrade-database --dry-run", exit_code=1)
    with pytest.raises(ServerError, match=r"told so.*restore ID --replace"):
        bring_up_to_date(machine, some_answers(), now=False)
    # By the pages' user, who may read the database, and no service was touched.
    assert programs.asked == ["guichet: guichet-provision upgrade-database --dry-run"]

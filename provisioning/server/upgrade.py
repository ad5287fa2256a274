# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-server upgrade` and `renew-certificate`: what follows a new package or the time."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from provisioning.commands.context import json_option, print_json
from provisioning.server.answers import Answers
from provisioning.server.archive import set_up_archive
from provisioning.server.certificate import renew
from provisioning.server.checks.all import run_checks, wait_until_serving
from provisioning.server.checks.check import State, serves, told
from provisioning.server.database import (
    is_upgrade_pending,
    refuse_later_tables,
    upgrade_tables,
)
from provisioning.server.firewall import set_up_firewall
from provisioning.server.lock import one_at_a_time
from provisioning.server.looking import installed_answers, require_root
from provisioning.server.machine import Machine
from provisioning.server.preparing import make_users_and_folders
from provisioning.server.programs import ProgramFailed
from provisioning.server.repository.setting_up import ensure_repository
from provisioning.server.services import (
    READ_SETTINGS,
    do_to_services,
    restart_asterisk_when_idle,
    running_services,
)
from provisioning.server.site_files import write_files
from provisioning.server.state import calls_now
from provisioning.server.units import ASTERISK, enabled
from provisioning.server.work import Work

# Made by the first `guichet-server backup`.
PASSPHRASE = "/etc/guichet/backup.passphrase"
ASTERISK_PACKAGE = "/var/lib/dpkg/info/guichet-asterisk.list"


@click.command()
@click.option("--now", is_flag=True, help="Restart Asterisk although calls go on.")
@json_option
def upgrade(now: bool, as_json: bool) -> None:
    """Bring this server to the version that apt has installed; apt runs this itself.

    Where the tables change, a backup is made before. Pages and dispatcher are restarted at
    once, which no call notices; Asterisk, where its package or its files changed, once no
    call goes on. Run it yourself after guichet-provision trunk. What others must see to, a
    mail server that is away for instance, is told and fails nothing (exit code 0).
    """
    require_root()
    machine = Machine()
    answers = installed_answers(machine)
    with one_at_a_time("guichet-server upgrade"):
        done = bring_up_to_date(machine, answers, now=now)
        wait_until_serving(machine, answers)
        checks = run_checks(machine, answers)
    failures = [each for each in checks if each.state is State.FAILED]
    if as_json:
        names = [each.name for each in failures]
        print_json({"ok": serves(checks), **done, "failed": names})
    else:
        click.echo(_in_words(done))
        for line in told(failures):
            click.echo(line, err=True)
    sys.exit(not serves(checks))


def bring_up_to_date(
    machine: Machine, answers: Answers, *, now: bool
) -> dict[str, Any]:
    """Do all of it and tell what was done; raises ServerError."""
    work = Work(machine, answers)
    refuse_later_tables(machine)
    running = running_services(machine)
    if _tables_may_change(machine):
        # Settings and tables as the version before had them: it takes them back.
        _back_up(machine)
    make_users_and_folders(work)
    write_files(work)
    is_migrated = upgrade_tables(work)
    set_up_firewall(work)
    # One of a former version lacks what is new.
    ensure_repository(work)
    set_up_archive(work)
    machine.programs.run("systemctl", "daemon-reload")
    machine.programs.run("systemctl", "enable", "--quiet", *enabled())
    # At once: systemd knows their order, and each takes seconds to begin.
    do_to_services(machine, "restart", READ_SETTINGS)
    asterisk = _upgrade_asterisk(work, ASTERISK in running, now)
    # A timer that is new is not the target's yet.
    machine.programs.run("systemctl", "start", *enabled())
    return {"migrated": is_migrated, "asterisk": asterisk}


def _upgrade_asterisk(work: Work, is_running: bool, now: bool) -> str:
    """Restart Asterisk where it must be; tell `kept`, `restarted` or `waits`."""
    machine = work.machine
    if not is_running:
        machine.programs.run("systemctl", "start", ASTERISK)
        return "restarted"
    has_new_files = any(
        machine.layout.asterisk in file.parents for file in work.changed
    )
    # The folder is of the moment at which a file was last written there, by whomever.
    told_of = (machine.path(ASTERISK_PACKAGE), machine.layout.etc)
    if not has_new_files and not _is_older_than(machine, told_of):
        return "kept"
    if now:
        machine.asterisk("core stop now")
        return "restarted"
    waits = bool(calls_now(machine))
    restart_asterisk_when_idle(machine)
    return "waits" if waits else "restarted"


def _is_older_than(machine: Machine, files: Iterable[Path]) -> bool:
    """Tell whether the Asterisk that runs was started before one of these was written."""
    started = machine.programs.run(
        *("systemctl", "show", "--timestamp=unix", "--property=ExecMainStartTimestamp"),
        *("--value", ASTERISK),
    ).strip()
    if not started.startswith("@"):
        return False
    # systemd tells whole seconds.
    written = [int(file.stat().st_mtime) for file in files if file.exists()]
    return any(moment > float(started[1:]) for moment in written)


def _tables_may_change(machine: Machine) -> bool:
    try:
        return is_upgrade_pending(machine)
    except ProgramFailed:
        # It cannot read the settings of the version before: so much is new.
        return True


def _back_up(machine: Machine) -> None:
    if not machine.path(PASSPHRASE).exists():
        click.echo(
            "no backup is made before the tables change: this server has no passphrase"
            " for backups yet",
            err=True,
        )
        return
    machine.programs.run("guichet-server", "backup")


def _in_words(done: dict[str, Any]) -> str:
    tables = "tables brought to this version" if done["migrated"] else "tables kept"
    asterisk = {
        "kept": "Asterisk kept running",
        "restarted": "Asterisk restarted",
        "waits": "Asterisk is restarted once no call goes on (--now: at once)",
    }[done["asterisk"]]
    return f"{tables}, services restarted, {asterisk}"


@click.command("renew-certificate")
@json_option
def renew_certificate(as_json: bool) -> None:
    """Take a renewed certificate, or renew the site's own in its last 60 days.

    A timer runs this each day, certbot after each renewal. No call is cut.
    """
    require_root()
    machine = Machine()
    is_new = renew(machine, installed_answers(machine))
    if as_json:
        print_json({"renewed": is_new})
    else:
        click.echo("renewed" if is_new else "good as it is")

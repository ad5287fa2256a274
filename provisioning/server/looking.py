# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-server check`, `status` and `logs`: how the server is. They change nothing."""

import os
import sys

import click

from provisioning.commands.context import json_option, print_json
from provisioning.server.answers import Answers, read_answers
from provisioning.server.checks.all import run_checks
from provisioning.server.checks.check import are_well, told
from provisioning.server.errors import ServerError
from provisioning.server.machine import Machine
from provisioning.server.state import state_lines, state_of
from provisioning.server.units import UNITS, services


def installed_answers(machine: Machine) -> Answers:
    """Give what this server is; raises ServerError where it is none yet."""
    if not machine.answers_file.exists():
        raise ServerError(
            "this machine is no server yet: guichet-server install guichet.example.fr"
        )
    answers = read_answers(machine.answers_file)
    return answers.with_database_of(has_file=machine.sqlite_file.exists())


@click.command()
@json_option
def check(as_json: bool) -> None:
    """Look at everything, and say what to do where something is wrong (exit code 1)."""
    require_root()
    machine = Machine()
    checks = run_checks(machine, installed_answers(machine))
    is_well = are_well(checks)
    if as_json:
        print_json({"ok": is_well, "checks": [each.as_json() for each in checks]})
    else:
        for line in told(checks):
            click.echo(line)
    sys.exit(0 if is_well else 1)


@click.command()
@json_option
def status(as_json: bool) -> None:
    """Show units, versions, calls, telephones, last backup, the certificate's end."""
    require_root()
    machine = Machine()
    installed_answers(machine)
    state = state_of(machine)
    if as_json:
        print_json(state)
        return
    for line in state_lines(state):
        click.echo(line)


@click.command()
@click.option("--since", default="today", show_default=True, help="As journalctl's.")
@click.option(
    "--unit",
    "units",
    multiple=True,
    help="Only this one, such as guichet-web or web; can be repeated.",
)
@click.option("--follow", is_flag=True, help="Go on with what comes.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each line.")
def logs(since: str, units: tuple[str, ...], follow: bool, as_json: bool) -> None:
    """Show what all services have logged, in the order of time."""
    known = [each.name for each in UNITS]
    wanted = [_unit(name, known) for name in units] or [
        name for name in known if name.endswith(".service")
    ]
    command = ["journalctl", "--no-pager", "--since", since]
    command += ["--output", "json" if as_json else "short-iso"]
    command += ["--follow"] if follow else []
    for name in wanted:
        command += ["--unit", name]
    os.execvp(command[0], command)


def _unit(name: str, known: list[str]) -> str:
    for found in (
        name,
        f"{name}.service",
        f"guichet-{name}",
        f"guichet-{name}.service",
    ):
        if found in known:
            return found
    short = ", ".join(
        each.removeprefix("guichet-").removesuffix(".service") for each in services()
    )
    raise click.UsageError(f"no unit of ours is called {name}; there are {short}")


def require_root() -> None:
    """Raise ServerError for anybody else: they could not see what there is."""
    if os.geteuid() != 0:
        raise ServerError("this looks where only root may: run it as root")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-server install`: makes this machine a server, or what its answers now say."""

import sys
import time
from pathlib import Path
from typing import Any

import click

from provisioning.commands.context import dry_run_option, json_option, print_json
from provisioning.server.answers import Answers, AnswersError, read_answers
from provisioning.server.asking import ask
from provisioning.server.backup.first_passphrase import in_words
from provisioning.server.checks.all import run_checks, wait_until_serving
from provisioning.server.checks.check import Checked, serves, told
from provisioning.server.checks.of_network import router_before
from provisioning.server.errors import ServerError
from provisioning.server.lock import one_at_a_time
from provisioning.server.machine import Machine
from provisioning.server.plan import steps_of
from provisioning.server.proxy import proxy_of_apt
from provisioning.server.work import Step, Work


@click.command()
@click.argument("name", required=False)
@click.option(
    "--answers",
    "answers_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Ask nothing: take this TOML file (docs/install.md has its keys).",
)
@dry_run_option
@json_option
def install(
    name: str | None, answers_file: Path | None, dry_run: bool, as_json: bool
) -> None:
    """Make this machine the server that is called NAME.

    Asks what it must know the first time; later takes /etc/guichet/server.toml, so that a
    change there takes effect by running this again. Interrupted, it is run again. What others
    must see to, such as the DNS, is told and fails nothing (exit code 0).
    """
    machine = Machine()
    answers = choose_answers(machine, name, answers_file)
    steps = steps_of(answers)
    if dry_run:
        _tell_plan(answers, steps, as_json)
        return
    with one_at_a_time("guichet-server install"):
        work = Work(machine, answers)
        done = [_carry_out(step, work) for step in steps]
        wait_until_serving(machine, answers)
        checks = run_checks(machine, answers)
    _tell_end(work, done, checks, as_json)
    sys.exit(not serves(checks))


def choose_answers(
    machine: Machine, name: str | None, answers_file: Path | None
) -> Answers:
    """Take the answers of a file, of the first time, or of whoever sits there."""
    has_file = machine.sqlite_file.exists()
    if answers_file:
        given = read_answers(answers_file, name=name).with_database_of(
            has_file=has_file
        )
        return given.with_terms_of(_known(machine, given))
    if machine.answers_file.exists():
        known = read_answers(machine.answers_file, name=name)
        return known.with_database_of(has_file=has_file)
    if not name:
        raise click.UsageError(
            "how is this server called? Give NAME, such as guichet.example.fr"
        )
    if not sys.stdin.isatty():
        raise click.UsageError("nobody is there to be asked: give --answers FILE")
    return ask(name, router_before(machine, name), proxy_of_apt(machine))


def _known(machine: Machine, given: Answers) -> Answers | None:
    """Give what the server is already; one whose answers nobody can read is no new one."""
    if not machine.answers_file.exists():
        return None
    try:
        return read_answers(machine.answers_file)
    except AnswersError:
        return given


def _carry_out(step: Step, work: Work) -> dict[str, Any]:
    click.echo(f"{step.name:14} {step.sees_to} ...", err=True, nl=False)
    began = time.monotonic()
    try:
        has_changed = step.run(work)
    except ServerError as error:
        click.echo(" failed", err=True)
        raise ServerError(
            f"{step.name}: {error}. Then run guichet-server install again: what is done"
            " is kept."
        ) from error
    seconds = time.monotonic() - began
    said = "done" if has_changed else "as it was"
    click.echo(f" {said} ({seconds:.1f} s)", err=True)
    return {"step": step.name, "changed": has_changed, "seconds": round(seconds, 2)}


def _tell_plan(answers: Answers, steps: list[Step], as_json: bool) -> None:
    if as_json:
        plan = [{"step": step.name, "sees_to": step.sees_to} for step in steps]
        print_json({"name": answers.name, "dry_run": True, "steps": plan})
        return
    for step in steps:
        click.echo(f"{step.name:14} {step.sees_to}")


def _tell_end(
    work: Work, done: list[dict[str, Any]], checks: list[Checked], as_json: bool
) -> None:
    link = work.link or None
    if as_json:
        print_json(
            {
                "ok": serves(checks),
                "name": work.answers.name,
                "steps": done,
                "checks": [check.as_json() for check in checks],
                "link": link,
                "passphrase": work.passphrase or None,
            }
        )
        return
    for line in told(checks):
        click.echo(line)
    click.echo(f"\nThe pages: {work.answers.site_url}")
    if link:
        click.echo(
            f"One-time link for {work.answers.administrator.name}, good for seven days:"
            f"\n{link}"
        )
    if link and work.answers.certificate.kind == "own":
        click.echo(
            "Browsers do not know this server's authority: have yours trust it first,"
            f" and then those of everybody\n({work.machine.layout.tls / 'ca.pem'}; how:"
            " docs/install.md)."
        )
    if work.answers.metrics:
        click.echo(
            f"For Prometheus: {work.answers.site_url}/metrics, with the token that is"
            f" metrics_token in {work.machine.layout.settings}"
        )
    if work.passphrase:
        click.echo(f"\n{in_words(work.passphrase)}")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the commands of `guichet-provision` share: the database, results, exit codes.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage or inventory. `diff` alone uses 1
for "there are differences" and 2 for every failure, as diff(1) does.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from provisioning.bundles.staged_files import staged_files
from provisioning.commands.delivery import (
    AccessOptions,
    nowhere_to_write,
    stage_secrets,
    undelivered_advice,
)
from provisioning.commands.output import outcome_as_json, outcome_as_lines
from provisioning.database.engine import Database
from provisioning.directory.errors import DirectoryError
from provisioning.directory.service import Directory, Outcome, Planner
from provisioning.inventory.entries import SipTable, WebTable

Command = TypeVar("Command", bound=Callable[..., Any])

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object."
)
dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Say what would be done; write nothing."
)


@dataclass(frozen=True)
class CommandContext:
    """What the group hands to its commands."""

    database_url: str | None
    # What new tokens of kiosks are signed with; see `kiosk_tokens`.
    signing_key: str = field(default="", repr=False)

    def required_url(self) -> str:
        """Give the database's URL, or end with a usage error."""
        if not self.database_url:
            raise click.UsageError(
                "which database? Give --database-url before the command or set"
                " GUICHET_DATABASE_URL, such as sqlite:////var/lib/guichet/guichet.db"
            )
        return self.database_url

    @contextmanager
    def directory(self) -> Iterator[Directory]:
        """Give the directory of the database, closed at the end."""
        with self.database() as database:
            yield Directory(database)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Give the database, closed at the end."""
        try:
            database = Database(self.required_url(), signing_key=self.signing_key)
        except (ArgumentError, NoSuchModuleError) as error:
            raise click.UsageError(
                f"--database-url is no address of a database: {error}"
            ) from error
        try:
            yield database
        finally:
            database.dispose()


def carry_out(
    context: CommandContext,
    planner: Planner,
    *,
    dry_run: bool,
    as_json: bool,
    secrets_dir: Path | None = None,
    must_deliver: bool = False,
    options: AccessOptions = AccessOptions(),
    sip: SipTable | None = None,
    web: WebTable | None = None,
    folder: Path = Path(),
) -> None:
    """Apply a plan, or only preview it, deliver new secrets and print what was done.

    With `must_deliver` nothing is done where new secrets would be written nowhere.
    """
    published: list[Path] = []

    def deliver(done: Outcome) -> None:
        if secrets_dir:
            stage_secrets(
                files,
                secrets_dir,
                done,
                lambda: options.access(sip, web, folder),
                options.devices,
            )
        elif must_deliver and done.new_secrets_for:
            raise DirectoryError(nowhere_to_write(done))

    with context.directory() as directory, staged_files() as files:
        if dry_run:
            outcome = directory.preview(planner)
        else:
            outcome = directory.apply(planner, deliver)
            published = files.publish()
    if as_json:
        print_json(outcome_as_json(outcome, dry_run=dry_run, files=published))
    else:
        for line in outcome_as_lines(outcome, dry_run=dry_run, files=published):
            click.echo(line)
    if not dry_run and not secrets_dir:
        for line in undelivered_advice(outcome):
            click.echo(line, err=True)


def print_json(document: Any) -> None:
    """Print one JSON object on one line."""
    click.echo(json.dumps(document, ensure_ascii=False))


def failure(message: str, exit_code: int) -> click.ClickException:
    """Give the exception that ends the command with this message and exit code."""
    exception = click.ClickException(message)
    setattr(exception, "exit_code", exit_code)
    return exception

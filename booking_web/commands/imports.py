# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command line `guichet-web import`."""

import json
import sys
from pathlib import Path

import click
from sqlalchemy import select

from booking_web.api.public.import_described import as_data
from booking_web.base.clock import utc_now
from booking_web.base.settings import Settings
from booking_web.commands.settings import with_settings
from booking_web.domain.imports.importing import preview, run_import
from booking_web.domain.imports.interpreting import Scope
from booking_web.domain.imports.lines import Outcome, Report
from booking_web.domain.imports.reading import FileRefused
from booking_web.shell.languages import in_french
from booking_web.words.imports import refusal_sentence
from provisioning.database.engine import Database
from provisioning.database.models import User


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--user",
    required=True,
    metavar="EMAIL",
    help="In whose name; what they may not book is refused.",
)
@click.option("--dry-run", is_flag=True, help="Say what would become of each line.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_settings
def import_command(
    settings: Settings, file: Path, user: str, dry_run: bool, as_json: bool
) -> None:
    """Take over the appointments of a CSV file that were made elsewhere.

    The same file again changes nothing. Exit status 1 where a line is refused.
    """
    database = Database(settings.database_url, signing_key=settings.secret_key)
    # The sentences are those of the pages.
    with in_french():
        try:
            scope = _scope_of(database, user)
            work = preview if dry_run else run_import
            report = work(database, file.read_bytes(), scope, utc_now())
        except FileRefused as error:
            raise click.ClickException(refusal_sentence(error)) from error
        finally:
            database.dispose()
        _tell(report, as_json)
    sys.exit(1 if report.of(Outcome.REFUSED) else 0)


def _scope_of(database: Database, email: str) -> Scope:
    with database.read() as session:
        user = session.scalar(select(User).where(User.email == email))
    if user is None or not user.active:
        raise click.ClickException(f"no user {email}")
    if user.relay_id is None and user.organisation_id is None:
        raise click.ClickException(
            f"{email} books for no relay and no organisation: give the address of a"
            " secretary, a counsellor or a manager"
        )
    return Scope(
        user_id=user.id,
        actor=f"user:{user.id}",
        organisation_id=user.organisation_id,
        relay_id=user.relay_id,
    )


def _tell(report: Report, as_json: bool) -> None:
    told = as_data(report)
    if as_json:
        click.echo(json.dumps(told))
        return
    for line in told["lines"]:
        if line["sentences"]:
            click.echo(
                f"ligne {line['line']} ({line['outcome']}) :"
                f" {' '.join(line['sentences'])}"
            )
    counts = told["counts"]
    verb = "would be booked" if report.is_dry_run else "booked"
    click.echo(
        f"{counts['new']} {verb}, {counts['known']} known, {counts['different']}"
        f" known with other content, {counts['refused']} refused"
    )

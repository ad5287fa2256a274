# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command that brings the database to this version."""

import json
from pathlib import Path

import click

from booking_web.base.settings import Settings
from booking_web.commands.settings import with_settings
from provisioning.database.schema import SchemaError, pending, upgrade

MIGRATIONS = Path(__file__).parents[1] / "migrations" / "versions"


@click.command("upgrade-database")
@click.option(
    "--dry-run", is_flag=True, help="Say whether there is something to do; do nothing."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_settings
def upgrade_database(settings: Settings, dry_run: bool, as_json: bool) -> None:
    """Bring the database (directory and appointments) to this version."""
    try:
        is_needed = pending(settings.database_url, [MIGRATIONS])
        if is_needed and not dry_run:
            upgrade(settings.database_url, [MIGRATIONS])
    except SchemaError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(
            json.dumps(
                {
                    "changed": is_needed and not dry_run,
                    "pending": is_needed and dry_run,
                }
            )
        )
    elif is_needed and dry_run:
        click.echo("an upgrade is pending")
    else:
        click.echo("database up to date")

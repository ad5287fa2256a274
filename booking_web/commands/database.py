# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command that brings the database to this version."""

from pathlib import Path

import click

from booking_web.base.settings import Settings
from booking_web.commands.settings import with_settings
from provisioning.database.schema import upgrade

MIGRATIONS = Path(__file__).parents[1] / "migrations" / "versions"


@click.command("upgrade-database")
@with_settings
def upgrade_database(settings: Settings) -> None:
    """Bring the database (directory and appointments) to this version."""
    upgrade(settings.database_url, [MIGRATIONS])
    click.echo("database up to date")

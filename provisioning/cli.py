# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-provision`: the command line of what exists. Wiring only."""

import os
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import DBAPIError

from provisioning.commands.context import (
    CommandContext,
    dry_run_option,
    json_option,
    print_json,
)
from provisioning.commands.enrolment import enrolment_code, enrolment_file
from provisioning.commands.entries import (
    add_counsellor,
    add_counter,
    add_kiosk,
    add_organisation,
    add_reason,
    add_relay,
    add_user,
    remove,
)
from provisioning.commands.installed_site import SETTINGS_FILE, read_installed_site
from provisioning.commands.inventory import (
    apply_command,
    diff_command,
    export_command,
    refresh_command,
)
from provisioning.commands.queries import list_command, show_command
from provisioning.commands.screens import let_in_screen
from provisioning.commands.secrets import rotate_secret
from provisioning.commands.shutting_out import revoke, rotate
from provisioning.commands.site import site
from provisioning.commands.softphones import softphone
from provisioning.commands.trunk import trunk
from provisioning.database.away import away_words
from provisioning.database.schema import (
    SchemaError,
    pending_directory,
    upgrade_directory,
)
from provisioning.directory.errors import DirectoryError
from provisioning.inventory.reading import InventoryError
from provisioning.log import configure_log

# Commands of the rooms installed beside provisioning, which it does not import: each finds
# a CommandContext as the object of its context.
ENTRY_POINT_GROUP = "guichet.commands"


class _Group(click.Group):
    """Turns this package's errors into sentences on stderr and exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name our commands and those of the rooms beside us."""
        beside = entry_points(group=ENTRY_POINT_GROUP).names
        return sorted({*super().list_commands(ctx), *beside})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Give a command; one of another room is imported when it is asked for."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        for found in entry_points(group=ENTRY_POINT_GROUP, name=cmd_name):
            command: click.Command = found.load()
            return command
        return None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InventoryError as error:
            for complaint in error.complaints:
                click.echo(complaint, err=True)
            ctx.exit(2)
        except (DirectoryError, SchemaError) as error:
            raise click.ClickException(str(error)) from error
        except DBAPIError as error:
            # Of a command of another room.
            raise click.ClickException(away_words(error)) from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--database-url",
    envvar="GUICHET_DATABASE_URL",
    help="SQLAlchemy URL of the database.  [env: GUICHET_DATABASE_URL; default: that of"
    f" {SETTINGS_FILE}]",
)
@click.option(
    "--settings-file",
    envvar="GUICHET_CONFIG",
    type=click.Path(path_type=Path),
    default=SETTINGS_FILE,
    hidden=True,
)
@click.option("--verbose", is_flag=True, help="Log what is done, on stderr.")
@click.pass_context
def main(
    ctx: click.Context, database_url: str | None, settings_file: Path, verbose: bool
) -> None:
    """Say what exists: relays, kiosks, organisations, counsellors, people.

    Everything takes effect at once; Asterisk needs no reload. Exit codes: 0 done, 1
    refused or failed, 2 wrong usage or inventory.
    """
    configure_log(verbose=verbose)
    signing_key = os.environ.get("GUICHET_SECRET_KEY", "")
    if database_url:
        ctx.default_map = {"site": {"database_url": database_url}}
    else:
        here = read_installed_site(settings_file)
        database_url = here.database_url
        signing_key = signing_key or here.signing_key
        ctx.default_map = {name: here.options for name in main.list_commands(ctx)}
    ctx.obj = CommandContext(database_url, signing_key)


@click.command("upgrade-database")
@dry_run_option
@json_option
@click.pass_obj
def upgrade_database(context: CommandContext, dry_run: bool, as_json: bool) -> None:
    """Bring the tables of the directory to this version."""
    url = context.required_url()
    changed = bool(pending_directory(url)) if dry_run else upgrade_directory(url)
    if as_json:
        print_json({"changed": changed and not dry_run, "pending": changed and dry_run})
    elif dry_run:
        click.echo("an upgrade is pending" if changed else "nothing to upgrade")
    else:
        click.echo("upgraded" if changed else "nothing to upgrade")


for _command in (
    upgrade_database,
    apply_command,
    diff_command,
    export_command,
    refresh_command,
    list_command,
    show_command,
    add_relay,
    add_kiosk,
    add_organisation,
    add_counter,
    add_reason,
    add_counsellor,
    add_user,
    remove,
    rotate_secret,
    let_in_screen,
    softphone,
    enrolment_code,
    enrolment_file,
    rotate,
    revoke,
    site,
    trunk,
):
    main.add_command(_command)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command line `guichet-web`: a command is imported once it is asked for.

To import the pages takes more than a second: a command that needs none must not wait.
"""

import sys
from pathlib import Path
from typing import Any

import click
import structlog

from guichet_programs import imported

# Of an installed server: who administers it need not name it.
SETTINGS_FILE = Path("/etc/guichet/guichet.toml")
# Where each command is found.
COMMANDS = {
    "api-client": "booking_web.commands.clients:api_client",
    "fleet": "booking_web.commands.fleet:fleet",
    "forms": "booking_web.commands.forms:forms",
    "front": "booking_web.commands.front.command:front",
    "import": "booking_web.commands.imports:import_command",
    "invite": "booking_web.commands.invitations:invite",
    "forget-code": "booking_web.commands.second_factors:forget_code",
    "live": "booking_web.commands.live:live",
    "messages": "booking_web.commands.messages:messages",
    "prune": "booking_web.commands.pruning:prune_command",
    "serve": "booking_web.commands.serve:serve",
    "settle-older-copy": "booking_web.commands.older_copy:settle_older_copy_command",
    "statistics": "booking_web.commands.statistics:statistics",
    "upgrade-database": "booking_web.commands.database:upgrade_database",
    "verify-journal": "booking_web.commands.verify_journal:verify_journal",
    "webhooks": "booking_web.commands.webhooks:webhooks",
}


class LateGroup(click.Group):
    """Imports a command when it is run or described."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every command."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Give the command of this name, if there is one."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        found: click.Command = getattr(imported(module), name)
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """Run it; a database that is away is told in a sentence (exit code 1)."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            if said := imported("provisioning.database.away").away_words(error):
                raise click.ClickException(said) from error
            raise


@click.group(cls=LateGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="GUICHET_CONFIG",
    default=lambda: SETTINGS_FILE if SETTINGS_FILE.exists() else None,
    show_default=f"{SETTINGS_FILE} where there is one",
    help="The settings (TOML); each key is also GUICHET_<KEY> in the environment.",
)
@click.option("--database-url", help="SQLAlchemy address of the database.")
def main(**_named: object) -> None:
    """Serve the pages of the virtual counters, and keep their database."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )


if __name__ == "__main__":
    main()

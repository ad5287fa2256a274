# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command line `guichet-web`: the database, the server, the cleaning."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click
import structlog

from booking_web.documents.archive import open_archive
from booking_web.documents.expiry import expire_documents
from booking_web.imports.command import import_command
from booking_web.messages.command import messages
from booking_web.pruning import prune
from booking_web.public_api.command import api_client
from booking_web.services import utc_now
from booking_web.settings import Settings, SettingsError, load_settings
from booking_web.transactions import in_transaction
from booking_web.web_server import THREADS_FOR_REQUESTS, WebServer
from booking_web.webhooks.command import webhooks
from provisioning.database import Database
from provisioning.schema import upgrade

MIGRATIONS = Path(__file__).parent / "migrations" / "versions"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="GUICHET_CONFIG",
    help="The settings (TOML); each key is also GUICHET_<KEY> in the environment.",
)
@click.option("--database-url", help="SQLAlchemy address of the database.")
@click.pass_context
def main(context: click.Context, config: Path | None, database_url: str | None) -> None:
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
    try:
        context.obj = load_settings(config, database_url=database_url)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error


@main.command("upgrade-database")
@click.pass_obj
def upgrade_database(settings: Settings) -> None:
    """Bring the database (directory and appointments) to this version."""
    upgrade(settings.database_url, [MIGRATIONS])
    click.echo("database up to date")


@main.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True)
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1))
@click.option(
    "--threads",
    default=64,
    show_default=True,
    type=click.IntRange(THREADS_FOR_REQUESTS + 1),
    help=f"Per worker; {THREADS_FOR_REQUESTS} are kept free of live pages.",
)
@click.pass_obj
def serve(settings: Settings, bind: str, workers: int, threads: int) -> None:
    """Serve the pages until told to stop."""
    WebServer(settings, bind=bind, workers=workers, threads=threads).run()


@main.command("prune")
@click.option("--older-than-days", required=True, type=click.IntRange(1))
@click.option("--dry-run", is_flag=True, help="Count only.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def prune_command(
    settings: Settings, older_than_days: int, dry_run: bool, as_json: bool
) -> None:
    """Forget residents, and remove documents, whose appointment is long over."""
    database = Database(settings.database_url)
    pruned = in_transaction(
        database,
        lambda session: prune(session, older_than_days, utc_now(), dry_run=dry_run),
    )
    documents = expire_documents(
        database,
        open_archive(settings, database, utc_now),
        older_than_days,
        utc_now(),
        dry_run=dry_run,
    )
    database.dispose()
    if as_json:
        click.echo(json.dumps(asdict(pruned) | {"documents_removed": documents}))
        return
    verb = "would be " if dry_run else ""
    click.echo(f"{pruned.appointments_anonymised} appointments {verb}anonymised")
    click.echo(f"{pruned.residents_forgotten} residents {verb}forgotten")
    click.echo(f"{pruned.waiting_entries_deleted} waiting entries {verb}deleted")
    click.echo(f"{documents} documents {verb}removed")
    click.echo(f"{pruned.live_events_deleted} live events {verb}deleted")
    click.echo(f"{pruned.rate_limits_deleted} counts of attempts {verb}deleted")


for added in (api_client, import_command, webhooks):
    main.add_command(added)


main.add_command(messages)


if __name__ == "__main__":
    main()

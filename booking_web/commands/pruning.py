# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command that forgets what is long over."""

import json
from dataclasses import asdict

import click

from booking_web.base.clock import utc_now
from booking_web.base.settings import Settings
from booking_web.base.transactions import in_transaction
from booking_web.commands.settings import with_settings
from booking_web.domain.documents.archive import open_archive
from booking_web.domain.documents.expiry import expire_documents, expire_originals
from booking_web.domain.documents.keeping import Keeper
from booking_web.domain.retention.pruning import prune
from provisioning.database.engine import Database


@click.command("prune")
@click.option(
    "--older-than-days",
    required=True,
    type=click.IntRange(1),
    help="Keep what is younger.",
)
@click.option("--dry-run", is_flag=True, help="Count only.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_settings
def prune_command(
    settings: Settings, older_than_days: int, dry_run: bool, as_json: bool
) -> None:
    """Forget residents, remove documents and erase drafts that are long over."""
    database = Database(settings.database_url)
    pruned = in_transaction(
        database,
        lambda session: prune(session, older_than_days, utc_now(), dry_run=dry_run),
    )
    archive = open_archive(settings, database, utc_now)
    documents = expire_documents(
        database, archive, older_than_days, utc_now(), dry_run=dry_run
    )
    originals = expire_originals(
        database, Keeper(database, archive, utc_now), utc_now(), dry_run=dry_run
    )
    database.dispose()
    if as_json:
        of_documents = {"documents_removed": documents, "originals_erased": originals}
        click.echo(json.dumps(asdict(pruned) | of_documents))
        return
    verb = "would be " if dry_run else ""
    click.echo(f"{pruned.appointments_anonymised} appointments {verb}anonymised")
    click.echo(f"{pruned.residents_forgotten} residents {verb}forgotten")
    click.echo(f"{pruned.waiting_entries_deleted} waiting entries {verb}deleted")
    click.echo(f"{pruned.drafts_erased} drafts of forms {verb}erased")
    click.echo(f"{pruned.cvs_erased} CVs {verb}erased")
    click.echo(f"{documents} documents {verb}removed")
    click.echo(f"{originals} original scans {verb}erased")
    click.echo(f"{pruned.live_events_deleted} live events {verb}deleted")
    click.echo(f"{pruned.rate_limits_deleted} counts of attempts {verb}deleted")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command that forgets what is long over."""

import json
from dataclasses import asdict
from datetime import datetime

import click
import structlog

from booking_web.base.clock import utc_now
from booking_web.base.settings import Settings
from booking_web.base.sms_spool import SmsSpool, SpoolUnreachable
from booking_web.base.transactions import in_transaction
from booking_web.commands.settings import with_settings
from booking_web.commands.statistics import refresh_figures
from booking_web.domain.documents.archive import open_archive
from booking_web.domain.documents.expiry import expire_documents, expire_originals
from booking_web.domain.documents.keeping import Keeper
from booking_web.domain.journal.sms_files import remove_old_sms_files
from booking_web.domain.residents.restricting import count_restricted
from booking_web.domain.retention.due import Due, due
from booking_web.domain.retention.pruning import Pruned, prune
from booking_web.domain.retention.purges import note_purge
from booking_web.domain.retention.terms import Terms
from provisioning.database.engine import Database

logger = structlog.get_logger(__name__)


@click.command("prune")
@click.option(
    "--older-than-days",
    type=click.IntRange(1),
    help="Keep what is younger; else as forget_after_days says.",
)
@click.option("--dry-run", is_flag=True, help="Count only.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_settings
def prune_command(
    settings: Settings, older_than_days: int | None, dry_run: bool, as_json: bool
) -> None:
    """Forget residents, remove documents and erase drafts that are long over.

    What happened is counted before, for the statistics.
    """
    terms, now = Terms.of(settings, older_than_days), utc_now()
    database = Database(settings.database_url, signing_key=settings.secret_key)
    is_due: list[Due] = []
    held_back = 0
    if dry_run:
        with database.read() as session:
            is_due = due(session, terms, now)
            held_back = count_restricted(session)
    counted = 0 if dry_run else refresh_figures(database)
    pruned = in_transaction(
        database,
        lambda session: prune(
            session, terms.residents, now, draft_days=terms.drafts, dry_run=dry_run
        ),
    )
    archive = open_archive(settings, database, utc_now)
    documents = expire_documents(
        database, archive, terms.documents, now, dry_run=dry_run
    )
    originals = expire_originals(
        database, Keeper(database, archive, utc_now), now, dry_run=dry_run
    )
    sms = _remove_old_sms(settings, database, now, dry_run=dry_run)
    counts = asdict(pruned) | {
        "documents_removed": documents,
        "originals_erased": originals,
        "sms_files_removed": sms,
    }
    if not dry_run:
        in_transaction(database, lambda session: note_purge(session, counts, now))
        logger.info("purged", **counts)
    database.dispose()
    if as_json:
        click.echo(json.dumps(counts | {"appointments_counted": counted}))
        return
    verb = "would be " if dry_run else ""
    _say(pruned, documents, originals, verb)
    click.echo(f"{sms} SMS that nobody needs any more {verb}removed")
    if not dry_run:
        click.echo(f"{counted} appointments counted for the statistics")
    for each in is_due:
        oldest = f", the oldest of {each.oldest:%Y-%m-%d}" if each.oldest else ""
        click.echo(f"due: {each.held}: {each.count}{oldest}")
    if held_back:
        click.echo(f"held back by a restriction: {held_back} residents")


def _remove_old_sms(
    settings: Settings, database: Database, now: datetime, *, dry_run: bool
) -> int:
    spool = SmsSpool.of(settings)
    try:
        with database.read() as session:
            return remove_old_sms_files(session, spool, now, dry_run=dry_run)
    except SpoolUnreachable:
        # The rest of the purge is not held up; the log of the timer says it every night.
        logger.error("sms_spool cannot be emptied")
        return 0


def _say(pruned: Pruned, documents: int, originals: int, verb: str) -> None:
    click.echo(f"{pruned.appointments_anonymised} appointments {verb}anonymised")
    click.echo(f"{pruned.residents_forgotten} residents {verb}forgotten")
    click.echo(f"{pruned.waiting_entries_deleted} waiting entries {verb}deleted")
    click.echo(f"{pruned.drafts_erased} drafts of forms {verb}erased")
    click.echo(f"{pruned.cvs_erased} CVs {verb}erased")
    click.echo(f"{pruned.readings_forgotten} lines of who read what {verb}deleted")
    click.echo(f"{documents} documents {verb}removed")
    click.echo(f"{originals} original scans {verb}erased")
    click.echo(f"{pruned.live_events_deleted} live events {verb}deleted")
    click.echo(f"{pruned.rate_limits_deleted} counts of attempts {verb}deleted")

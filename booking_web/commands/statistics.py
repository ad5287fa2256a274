# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command that counts what happened, for the pages of statistics."""

import json
from functools import partial

import click
from sqlalchemy.orm import Session

from booking_web.base.clock import utc_now
from booking_web.base.settings import Settings
from booking_web.base.transactions import in_transaction
from booking_web.commands.settings import with_settings
from booking_web.domain.statistics.refreshing import (
    BATCH,
    note_refresh,
    refresh_some,
    to_refresh,
)
from provisioning.database.engine import Database


@click.group("statistics")
def statistics() -> None:
    """Figures of what happened, without names."""


@statistics.command("refresh")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_settings
def refresh_command(settings: Settings, as_json: bool) -> None:
    """Count what is new or changed; `prune` does so every night."""
    database = Database(settings.database_url)
    counted = refresh_figures(database)
    database.dispose()
    if as_json:
        click.echo(json.dumps({"appointments_counted": counted}))
    else:
        click.echo(f"{counted} appointments counted")


def refresh_figures(database: Database) -> int:
    """Bring the figures up to date, a batch a transaction; tell of how many appointments."""
    began_at = utc_now()
    with database.read() as session:
        numbers = to_refresh(session)

    def work(batch: list[int], session: Session) -> None:
        refresh_some(session, batch)

    for first in range(0, len(numbers), BATCH):
        in_transaction(database, partial(work, numbers[first : first + BATCH]))
    in_transaction(database, lambda session: note_refresh(session, began_at))
    return len(numbers)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command that makes an older copy of the database fit to go on from."""

import json
from dataclasses import asdict
from datetime import datetime

import click

from booking_web.base.clock import utc_now
from booking_web.base.settings import Settings
from booking_web.base.transactions import in_transaction
from booking_web.commands.settings import with_settings
from booking_web.domain.retention.older_copy import settle_older_copy
from provisioning.database.engine import Database


def _instant(_context: click.Context, _option: click.Parameter, value: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter("not an ISO 8601 instant") from error
    if found.tzinfo is None:
        raise click.BadParameter("give its offset, such as +00:00")
    return found


@click.command("settle-older-copy")
@click.option(
    "--copied-at",
    required=True,
    callback=_instant,
    help="When the copy was made, such as 2026-11-27T02:30:00+00:00.",
)
@with_settings
def settle_older_copy_command(settings: Settings, copied_at: datetime) -> None:
    """Make an older copy of the database fit to go on from, before anything is started.

    Numbers given since are given no second time, everybody signs in anew, nobody counts as
    arrived. `guichet-server restore` runs it; run it yourself after you put a copy back by
    hand, and set `restored_at` in the settings.
    """
    database = Database(settings.database_url, signing_key=settings.secret_key)
    try:
        settled = in_transaction(
            database, lambda session: settle_older_copy(session, copied_at, utc_now())
        )
    finally:
        database.dispose()
    click.echo(json.dumps(asdict(settled)))

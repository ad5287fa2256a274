# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command that takes a lost second factor away: the last administrator has nobody else
who could."""

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.clock import utc_now
from booking_web.base.settings import Settings
from booking_web.base.transactions import in_transaction
from booking_web.commands.settings import with_settings
from booking_web.domain.journal.second_factor_reset import reset_second_factor_of
from provisioning.database.engine import Database
from provisioning.database.models import User

ACTOR = "command"


@click.command("forget-code")
@click.argument("email")
@with_settings
def forget_code(settings: Settings, email: str) -> None:
    """Have EMAIL sign in by the password alone, until they set a telephone up again.

    Ends their sign-ins; the journal keeps it. For who has lost telephone and recovery codes.
    """
    database = Database(settings.database_url, signing_key=settings.secret_key)
    try:
        done = in_transaction(database, lambda session: _forget(session, email))
    finally:
        database.dispose()
    click.echo("taken away" if done else "there was none")


def _forget(session: Session, email: str) -> bool:
    user = session.scalar(select(User).where(User.email == email))
    if user is None:
        raise click.ClickException(
            f"nobody has the address {email}: see guichet-provision list users"
        )
    return reset_second_factor_of(session, user, ACTOR, utc_now())

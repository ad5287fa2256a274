# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command that makes a one-time link for somebody: the first administrator has nobody
else who could."""

import json

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking_web.base.clock import utc_now
from booking_web.base.settings import Settings
from booking_web.base.transactions import in_transaction
from booking_web.commands.settings import with_settings
from booking_web.domain.rights.password_links import GOOD_FOR, one_time_link
from booking_web.tables.password_links import Purpose
from provisioning.database.engine import Database
from provisioning.database.models import User


@click.command("invite")
@click.argument("email")
@click.option(
    "--unless-signed-in",
    is_flag=True,
    help="Make none for somebody who has signed in before.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_settings
def invite(
    settings: Settings, email: str, unless_signed_in: bool, as_json: bool
) -> None:
    """Print a one-time link with which EMAIL chooses a password.

    It is good for seven days and replaces the links that were made before.
    """
    if not settings.site_url:
        raise click.UsageError("site_url is missing: the link begins with it")
    database = Database(settings.database_url, signing_key=settings.secret_key)
    try:
        token = in_transaction(
            database, lambda session: _token(session, email, unless_signed_in)
        )
    finally:
        database.dispose()
    link = f"{settings.site_url.rstrip('/')}/mot-de-passe/{token}" if token else None
    if as_json:
        days = GOOD_FOR[Purpose.INVITATION].days if link else None
        click.echo(json.dumps({"link": link, "days": days}))
    elif link:
        click.echo(link)


def _token(session: Session, email: str, unless_signed_in: bool) -> str | None:
    user = session.scalar(select(User).where(User.email == email))
    if user is None or not user.active:
        raise click.ClickException(
            f"nobody who may sign in has the address {email}:"
            " see guichet-provision list users"
        )
    if unless_signed_in and user.last_signed_in_at is not None:
        return None
    return one_time_link(session, user, Purpose.INVITATION, utc_now())

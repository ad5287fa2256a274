# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command line `guichet-web api-client`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import click

from booking_web.base.clock import utc_now
from booking_web.base.settings import Settings
from booking_web.base.transactions import in_transaction
from booking_web.commands.settings import with_settings
from booking_web.domain.rights.clients import (
    ClientRefused,
    add_client,
    clients,
    remove_client,
)
from booking_web.tables.clients import ApiClient
from provisioning.database.engine import Database


@click.group("api-client")
def api_client() -> None:
    """Say which programs may call the API (see docs/api.md)."""


@api_client.command("add")
@click.argument("name")
@click.option("--organisation", metavar="SLUG", help="It reaches this organisation.")
@click.option("--relay", metavar="SLUG", help="It reaches this relay.")
@click.option(
    "--user",
    required=True,
    metavar="EMAIL",
    help="Whom it acts for: the organisation's manager or the relay's secretary.",
)
@click.option("--read-only", is_flag=True, help="It may not book, cancel or move.")
@click.option("--residents", is_flag=True, help="It may read the residents' names.")
@with_settings
def add(
    settings: Settings,
    name: str,
    organisation: str | None,
    relay: str | None,
    user: str,
    read_only: bool,
    residents: bool,
) -> None:
    """Let a program called NAME in; prints its token, once."""
    with _database(settings) as database:
        token = in_transaction(
            database,
            lambda session: add_client(
                session,
                name,
                user_email=user,
                organisation=organisation,
                relay=relay,
                may_write=not read_only,
                sees_residents=residents,
                now=utc_now(),
            ),
        )
    click.echo(token)


@api_client.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@with_settings
def list_them(settings: Settings, as_json: bool) -> None:
    """Show the programs and what they may do; no token."""
    with _database(settings) as database, database.read() as session:
        found = [_described(client) for client in clients(session)]
    for each in found:
        if as_json:
            click.echo(json.dumps(each))
            continue
        rights = "books" if each["may_write"] else "reads"
        names = ", sees residents" if each["sees_residents"] else ""
        removed = f" (removed {each['removed_at']})" if each["removed_at"] else ""
        click.echo(
            f"{each['name']}  {each['scope']}  for {each['user']}:"
            f" {rights}{names}{removed}"
        )
    if not found and not as_json:
        click.echo("no client: see guichet-web api-client add --help")


@api_client.command("remove")
@click.argument("name")
@with_settings
def remove(settings: Settings, name: str) -> None:
    """Let the program called NAME in no more; its name stays in the journal."""
    with _database(settings) as database:
        in_transaction(
            database, lambda session: remove_client(session, name, utc_now())
        )
    click.echo(f"{name} removed")


def _described(client: ApiClient) -> dict[str, object]:
    scope = (
        f"organisation {client.organisation.slug}"
        if client.organisation
        else f"relay {client.relay.slug if client.relay else ''}"
    )
    return {
        "name": client.name,
        "scope": scope,
        "user": client.user.email,
        "may_write": client.may_write,
        "sees_residents": client.sees_residents,
        "created_at": client.created_at.isoformat(),
        "removed_at": client.removed_at.isoformat() if client.removed_at else None,
    }


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url, signing_key=settings.secret_key)
    try:
        yield database
    except ClientRefused as error:
        raise click.ClickException(str(error)) from error
    finally:
        database.dispose()

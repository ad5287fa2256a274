# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command `guichet-provision rename`.

A plug-in of `guichet-provision`, as `diagnose` is: whether somebody is served at a kiosk is
known to the tables of what happens.
"""

from datetime import UTC, datetime

import click
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from booking_web.tables.appointment import Appointment
from booking_web.tables.presence import EndpointPresence
from booking_web.tables.states import AppointmentState
from provisioning.commands.context import (
    CommandContext,
    dry_run_option,
    json_option,
    print_json,
)
from provisioning.database.engine import Database
from provisioning.database.models import Kiosk
from provisioning.directory.errors import DirectoryError
from provisioning.directory.renaming import rename
from provisioning.directory.transactions import writing
from provisioning.inventory.plan import Kind

IN_A_CALL = (
    AppointmentState.CALLING,
    AppointmentState.QUEUED,
    AppointmentState.IN_CALL,
)


class _OnlyTried(Exception):
    """All of it could be done; nothing is to stay."""


@click.command("rename")
@click.argument("slug")
@click.argument("new")
@click.option("--repository-pilots", default="", hidden=True)
@dry_run_option
@json_option
@click.pass_obj
def rename_command(
    context: CommandContext,
    /,
    slug: str,
    new: str,
    repository_pilots: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Give the relay, kiosk, counter or reason SLUG the slug NEW; all of its goes on.

    A kiosk's machine comes for its new name by itself, within a minute, and cannot be called
    until then; one that is in a call is not renamed. In an inventory that you keep, write
    the new slug before you apply it again: the old one would be added.
    """
    with context.database() as database:
        kind = _renamed(database, slug, new, dry_run)
    if as_json:
        print_json(
            {"kind": str(kind), "slug": slug, "new": new, "renamed": not dry_run}
        )
        return
    click.echo(f"{'would rename' if dry_run else 'renamed'}: {kind} {slug} -> {new}")
    if kind is Kind.KIOSK and not dry_run:
        click.echo("its machine comes for the new name within a minute, if it is on")
        if slug in repository_pilots.split():
            click.echo(
                f"{slug} is a pilot: write {new} into [updates] of"
                " /etc/guichet/server.toml, then run guichet-server install"
            )


def _renamed(database: Database, slug: str, new: str, dry_run: bool) -> Kind:
    kind = Kind.RELAY
    try:
        with writing(database) as session:
            _refuse_in_a_call(session, slug)
            kind = rename(session, slug, new, datetime.now(UTC))
            # What was last seen of the telephone was seen of its former name.
            gone = delete(EndpointPresence).where(EndpointPresence.slug == slug)
            session.execute(gone)
            if dry_run:
                raise _OnlyTried
    except _OnlyTried:
        pass
    return kind


def _refuse_in_a_call(session: Session, slug: str) -> None:
    called = (
        select(Appointment.id)
        .join(Kiosk, Kiosk.id == Appointment.kiosk_id)
        .where(Kiosk.slug == slug, Appointment.state.in_(IN_A_CALL))
    )
    if session.scalars(called).first() is not None:
        raise DirectoryError(f"{slug} is in a call: try again once it is over")

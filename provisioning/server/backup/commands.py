# SPDX-License-Identifier: AGPL-3.0-or-later
"""The commands about backups: what they are given, and what they print."""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from provisioning.commands.context import json_option, print_json
from provisioning.server.backup.choices import (
    Choices,
    is_remote,
    prepare_backups,
    read_choices,
)
from provisioning.server.backup.errors import BackupError
from provisioning.server.backup.first_passphrase import in_words
from provisioning.server.backup.places import Places
from provisioning.server.backup.restic import Repository
from provisioning.server.backup.taking import take_backup

root_option = click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("/"),
    hidden=True,
    help="Where the machine's files are; elsewhere than / only to try things out.",
)


@click.command("backup")
@click.option("--to", help="Another repository than the one of backup.toml.")
@json_option
@root_option
def backup(to: str | None, as_json: bool, root: Path) -> None:
    """Keep all that is needed to bring this server back, while it goes on working.

    Database, documents and their key, settings, secrets, the authority, own recordings;
    encrypted, and only what is new since the last time.
    """
    places = Places(root)
    if sys.stderr.isatty():
        # Elsewhere it would stand in a log for ever.
        if new := prepare_backups(places):
            click.echo(in_words(new), err=True)
    choices, repository = _asked(places, to)
    taken = take_backup(places, repository, choices, lambda: datetime.now(UTC))
    if taken.trouble:
        click.echo(f"too old backups were not removed: {taken.trouble}", err=True)
    if taken.manifest.missing:
        click.echo(
            f"{taken.manifest.missing} documents of the database are not in the"
            " documents' folder",
            err=True,
        )
    if as_json:
        print_json(taken.as_json())
        return
    click.echo(
        f"backup {taken.kept.id} in {repository.shown}:"
        f" {taken.manifest.rows.get('appointment', 0)} appointments,"
        f" {taken.manifest.documents} documents, {_size(taken.kept.total_bytes)},"
        f" {_size(taken.kept.added_bytes)} of it new, {taken.seconds:.0f} s"
    )


@click.command("backups")
@click.option("--from", "source", help="Another repository than backup.toml's.")
@json_option
@root_option
def backups(source: str | None, as_json: bool, root: Path) -> None:
    """List the backups, the latest first."""
    _, repository = _asked(Places(root), source)
    found = repository.kept()
    if as_json:
        told = [each.as_json() for each in found]
        print_json({"repository": repository.shown, "backups": told})
        return
    if not found:
        click.echo(f"no backup yet in {repository.shown}")
    for each in found:
        when = each.at.astimezone().strftime("%Y-%m-%d %H:%M")
        of = f"version {each.version}" if each.version else ""
        size = f"{_size(each.total_bytes):>9}"
        click.echo(f"{each.id}  {when}  {size}  {each.hostname}  {of}".rstrip())


def open_repository(
    places: Places,
    choices: Choices,
    address: str | None = None,
    passphrase_file: Path | None = None,
) -> Repository:
    """Give the repository at an address, else the one that the site chose."""
    passphrase_file = passphrase_file or places.passphrase_file
    if not passphrase_file.exists():
        raise BackupError(
            f"there is no passphrase in {passphrase_file}: run guichet-server backup once"
            " in a terminal, which makes one and shows it"
        )
    named = address or choices.repository
    if not is_remote(named):
        named = str(Path(named).absolute())
    return Repository(
        named,
        passphrase_file,
        places.work / "cache",
        choices.environment,
    )


def _asked(places: Places, address: str | None) -> tuple[Choices, Repository]:
    choices = read_choices(places)
    if address is not None:
        choices = replace(choices, repository=address)
    return choices, open_repository(places, choices)


def _size(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"

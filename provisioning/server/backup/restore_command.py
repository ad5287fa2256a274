# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-server restore`: what it is given, and what it says at the end."""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

import click

from provisioning.asterisk.certificates import write_private
from provisioning.commands.context import json_option, print_json
from provisioning.server.backup.choices import read_choices
from provisioning.server.backup.commands import open_repository, root_option
from provisioning.server.backup.errors import RestoreRefused
from provisioning.server.backup.fetching import LATEST
from provisioning.server.backup.folder_around import FolderAround
from provisioning.server.backup.machine_around import MachineAround
from provisioning.server.backup.places import Places
from provisioning.server.backup.restic import Repository
from provisioning.server.backup.restoring import Restored, Surroundings, try_out
from provisioning.server.backup.restoring import restore as bring_back
from provisioning.server.checks.check import State, told
from provisioning.server.lock import one_at_a_time
from provisioning.server.machine import Machine

ROOT = Path("/")


@click.command("restore")
@click.argument("backup", default=LATEST)
@click.option("--from", "source", help="The repository, where backup.toml is lost.")
@click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What is on the paper; without it, and where it is not known, it is asked for.",
)
@click.option(
    "--replace", "replaces", is_flag=True, help="Put the site that is here aside."
)
@click.option(
    "--dry-run",
    "is_trial",
    is_flag=True,
    help="Open the backup and look whether it is whole; change nothing.",
)
@json_option
@root_option
def restore(
    backup: str,
    source: str | None,
    passphrase_file: Path | None,
    replaces: bool,
    is_trial: bool,
    as_json: bool,
    root: Path,
) -> None:
    """Bring this server back as it was at a BACKUP: an id, or the latest one.

    On a bare machine with the package, or with --replace on one that has a site.
    """
    if root == ROOT and os.geteuid() != 0:
        raise RestoreRefused("this changes the machine: run it as root")
    places = Places(root)
    with _passphrase(places, passphrase_file) as passphrase:
        repository = open_repository(places, read_choices(places), source, passphrase)
        if is_trial:
            document = try_out(places, repository, backup)
            is_ok, words = document["ok"], _trial_in_words(document)
        else:
            restored = _restore(places, repository, backup, replaces)
            document, is_ok, words = (
                restored.as_json(),
                restored.is_ok,
                _in_words(restored),
            )
    if as_json:
        print_json(document)
    else:
        click.echo(words)
    sys.exit(0 if is_ok else 1)


def _restore(
    places: Places, repository: Repository, backup: str, replaces: bool
) -> Restored:
    around: Surroundings = FolderAround(places)
    turn: AbstractContextManager[None] = nullcontext()
    if places.root == ROOT:
        around = MachineAround(Machine())
        turn = one_at_a_time("guichet-server restore")
    with turn:
        return bring_back(
            places,
            repository,
            backup,
            around,
            lambda: datetime.now(UTC),
            replaces=replaces,
        )


@contextmanager
def _passphrase(places: Places, given: Path | None) -> Iterator[Path | None]:
    """Give the file that was named, or what is on the paper, asked for and soon forgotten.

    None: the machine knows it, or nobody is there to be asked.
    """
    if given or places.passphrase_file.exists() or not sys.stdin.isatty():
        yield given
        return
    said = click.prompt("The passphrase of the backups", hide_input=True)
    asked = places.work / "passphrase"
    asked.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(asked, f"{said.strip()}\n".encode())
    try:
        yield asked
    finally:
        asked.unlink()


def _in_words(restored: Restored) -> str:
    moment = f"{restored.made_at.astimezone():%Y-%m-%d %H:%M}"
    lines = [
        f"This server is as it was on {moment} ({restored.seconds:.0f} s).",
        "",
        f"What was booked, moved, cancelled and said after {moment} is lost: tell the"
        " secretaries and the organisations.",
        "Everybody signs in anew, and nobody counts as arrived. Kiosks that were enrolled or"
        " got new secrets since come in by themselves.",
        f"What was closed after {moment} is open again: accounts, programs, kiosks that were"
        " stolen. Close it again.",
    ]
    if restored.packages:
        lines += restored.packages.in_words()
    if restored.aside:
        lines.append(f"What was here before lies in {restored.aside}.")
    lines += told(check for check in restored.checks if check.state is State.FAILED)
    return "\n".join(lines)


def _trial_in_words(told: dict[str, object]) -> str:
    return (
        f"backup {told['backup']} of {told['made_at']} (version {told['version']}) opens and"
        f" is whole: {told['appointments']} appointments, {told['documents']} documents;"
        " nothing was changed"
    )

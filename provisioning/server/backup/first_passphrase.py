# SPDX-License-Identifier: AGPL-3.0-or-later
"""The passphrase of the backups: made with the server, shown, and noted as on paper."""

import sys
import syslog

import click

from provisioning.server.backup.choices import prepare_backups
from provisioning.server.backup.places import Places
from provisioning.server.errors import ServerError
from provisioning.server.looking import require_root
from provisioning.server.work import Work

# What is typed to show that it is on paper: its last group.
TYPED_LENGTH = 5


def make_passphrase(work: Work) -> bool:
    """Have backups possible from now on; tell whether anything was missing."""
    new = prepare_backups(Places(work.machine.root))
    work.passphrase = new or ""
    if new and sys.stderr.isatty():
        # At once: what comes after may be cut off. Elsewhere it would stand in a log for ever.
        click.echo(f"\n\n{in_words(new)}\n", err=True)
    return new is not None


def in_words(passphrase: str) -> str:
    """Say what a passphrase is for."""
    return (
        f"The passphrase of the backups:\n\n    {passphrase}\n\n"
        "Write it on paper and keep it away from this machine. Whoever has it and a backup"
        " can read everything;\nwithout it nobody can restore anything, not even we.\n"
        "Then say so: guichet-server passphrase"
    )


@click.command("passphrase")
@click.option(
    "--written-down", is_flag=True, help="Show and ask nothing: it is on paper."
)
def show_passphrase(written_down: bool) -> None:
    """Show the passphrase of the backups again, and note that it is on paper.

    Asks who you are: that goes to the system's log, with the hour. Until somebody has noted
    it, guichet-server check says so.
    """
    require_root()
    places = Places()
    if not places.passphrase_file.exists():
        raise ServerError("there is none yet: guichet-server install makes it")
    if not written_down and not _is_on_paper(places):
        click.echo("Not noted: it is not on paper yet.")
        return
    places.unwritten_file.unlink(missing_ok=True)
    click.echo("Noted: it is on paper.")


def _is_on_paper(places: Places) -> bool:
    """Show it to whoever says who they are; tell whether they have it on paper."""
    if not _is_terminal():
        raise click.UsageError(
            "it is shown to somebody who sits at a terminal; --written-down notes that it is"
            " on paper"
        )
    who = click.prompt("Who are you? It goes to the system's log")
    syslog.openlog("guichet-server", facility=syslog.LOG_AUTHPRIV)
    syslog.syslog(syslog.LOG_NOTICE, f"the passphrase of the backups is shown to {who}")
    passphrase = places.passphrase_file.read_text(encoding="utf-8").strip()
    click.echo(f"\n{in_words(passphrase)}\n")
    typed = click.prompt(
        "Once it is on paper, type its last five characters (Enter: not yet)",
        default="",
        show_default=False,
    )
    return typed.strip().lower() == passphrase[-TYPED_LENGTH:]


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()

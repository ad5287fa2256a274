# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command that finds a line of the journal that was altered, removed or inserted."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
import structlog

from booking_web.base.clock import utc_now
from booking_web.base.settings import Settings
from booking_web.base.transactions import DatabaseBusy, in_transaction
from booking_web.commands.settings import with_settings
from booking_web.domain.journal.chaining import Head
from booking_web.domain.journal.looks import keep_look
from booking_web.domain.journal.verifying import Finding, Verified, Wrong, verify
from provisioning.database.engine import Database

logger = structlog.get_logger(__name__)

WORDS = {
    Wrong.ALTERED: "was altered",
    Wrong.LINK_ALTERED: "has another link in the chain than was made for it",
    Wrong.REMOVED: "was removed",
    Wrong.INSERTED: "was inserted: no program of this site wrote it, or not with this key",
    Wrong.NOT_LINKED: "waits to be linked: is guichet-messages running?",
    Wrong.OLDER: "is missing, and all after it: an older copy of the database came back,"
    " or the end of the journal was removed",
    Wrong.REWRITTEN: "is another than when its head was kept: the chain was made anew",
}


class HeadType(click.ParamType[Head]):
    """A head of the chain as it is printed: its place, a colon, its digest."""

    name = "PLACE:DIGEST"

    def convert(
        self,
        value: str | Head,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Head:
        """Read it."""
        if isinstance(value, Head):
            return value
        try:
            return read_head(value)
        except ValueError:
            self.fail("such a head is written 42:9f86...", param, ctx)


def read_head(text: str) -> Head:
    """Read a head as it is printed; raises ValueError."""
    position, _, digest = text.strip().partition(":")
    if len(digest) != 64 or not position.isdecimal():
        raise ValueError("not a head of the chain")
    return Head(int(position), digest)


@click.command("verify-journal")
@click.option(
    "--head",
    "heads",
    multiple=True,
    type=HeadType(),
    help="What was printed before, or stands on a paper: the chain must still reach it.",
)
@click.option(
    "--head-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Hold the chain to the head kept there, and keep today's where all is sound.",
)
@click.option(
    "--former-key-file",
    "key_files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A `secret_key` that the site had before, under which older lines were written.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@with_settings
def verify_journal(
    settings: Settings,
    heads: Sequence[Head],
    head_file: Path | None,
    key_files: Sequence[Path],
    as_json: bool,
) -> None:
    """Hold the journal to its chain: tell what was altered, removed or inserted.

    Ends with 1 where something is wrong; it changes no line. What is wrong is an alert
    (docs/fleet.md) until a look with --head-file finds all of it sound.
    """
    keys = [settings.secret_key, *(each.read_text().strip() for each in key_files)]
    kept = [*heads, *_kept_in(head_file)]
    database = Database(settings.database_url, signing_key=settings.secret_key)
    try:
        with database.read() as session:
            verified = verify(session, keys, utc_now(), kept)
        # A head that somebody types may have a slip in it: they read what came of it.
        if head_file is not None or not (verified.is_sound or heads):
            _keep(database, verified)
    finally:
        database.dispose()
    if as_json:
        click.echo(json.dumps(_described(verified)))
    else:
        _print(verified)
    if not verified.is_sound:
        raise SystemExit(1)
    if head_file is not None:
        head_file.write_text(f"{verified.head}\n")


def _keep(database: Database, verified: Verified) -> None:
    try:
        in_transaction(
            database, lambda session: keep_look(session, verified, utc_now())
        )
    except DatabaseBusy:
        # What was found is told all the same, by what is printed and by the exit code.
        logger.warning("look at the journal not kept", reason="database_busy")


def _kept_in(file: Path | None) -> list[Head]:
    if file is None or not file.exists():
        return []
    try:
        return [read_head(file.read_text())]
    except ValueError as error:
        raise click.UsageError(f"{file} holds no head of the chain") from error


def _described(verified: Verified) -> dict[str, object]:
    first = verified.first
    return {
        "sound": verified.is_sound,
        "head": str(verified.head),
        "lines": verified.linked,
        "forgotten": verified.forgotten,
        "before_seals": verified.unsealed,
        "waiting": verified.waiting,
        "wrong": verified.wrong,
        "first_wrong": asdict(first) if first else None,
        "last_sound": verified.last_sound,
        "findings": [asdict(each) for each in verified.findings],
    }


def _print(verified: Verified) -> None:
    click.echo(f"{verified.linked} lines in the chain, {verified.waiting} to be linked")
    if verified.forgotten:
        click.echo(f"{verified.forgotten} of them had their term and were deleted")
    if verified.unsealed:
        click.echo(f"{verified.unsealed} of them are older than the seals")
    if verified.is_sound:
        click.echo(f"sound; the head is {verified.head}")
        return
    click.echo(f"{verified.wrong} things are wrong; sound up to {verified.last_sound}")
    if first := verified.first:
        click.echo(f"first: {_told(first)}")
    for each in verified.findings:
        if each != first:
            click.echo(f"also: {_told(each)}")


def _told(finding: Finding) -> str:
    place = f"place {finding.position} of the chain" if finding.position else ""
    line = f"line {finding.entry_id}" if finding.entry_id else ""
    return f"{', '.join(filter(None, (place, line)))} {WORDS[finding.wrong]}"

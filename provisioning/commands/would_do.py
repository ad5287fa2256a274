# SPDX-License-Identifier: AGPL-3.0-or-later
"""Says what a command about one entry would do, where `--dry-run` was given."""

from collections.abc import Iterable

import click

from provisioning.commands.context import CommandContext, print_json
from provisioning.directory.errors import UnknownEntry
from provisioning.directory.service import kind_of
from provisioning.inventory.plan import Kind


def say_what_would_be(
    context: CommandContext,
    act: str,
    slugs: Iterable[str],
    kinds: tuple[Kind, ...],
    as_json: bool,
) -> None:
    """Print it, of entries of these kinds, a line each; raises UnknownEntry."""
    with context.directory() as directory:
        snapshot = directory.snapshot()
    for slug in slugs:
        if kind_of(snapshot, slug) not in kinds:
            raise UnknownEntry(slug)
        if as_json:
            print_json({"would": act, "slug": slug})
        else:
            click.echo(f"would {act} {slug} (dry run)")

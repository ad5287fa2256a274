# SPDX-License-Identifier: AGPL-3.0-or-later
"""`guichet-provision apply`, `diff` and `export`: the inventory and the database."""

from pathlib import Path
from typing import Any

import click

from provisioning.bundles.staged_files import staged_files
from provisioning.commands.context import (
    CommandContext,
    carry_out,
    dry_run_option,
    failure,
    json_option,
    print_json,
)
from provisioning.commands.delivery import (
    AccessOptions,
    access_options,
    secrets_dir_option,
)
from provisioning.commands.output import outcome_as_json, outcome_as_lines
from provisioning.directory.entries import nothing, planner_of
from provisioning.directory.errors import DirectoryError
from provisioning.inventory.csv_tables import SUFFIX, NotWritable, write_table
from provisioning.inventory.plan import Kind, Snapshot
from provisioning.inventory.reading import TABLE_OF, read_inventory
from provisioning.inventory.writing import as_inventory

inventory_argument = click.argument("inventory", type=click.Path(path_type=Path))


@click.command("apply")
@inventory_argument
@click.option("--prune", is_flag=True, help="Remove what is not in the inventory.")
@secrets_dir_option
@click.option(
    "--secrets-later",
    is_flag=True,
    help="Write no secret now: kiosks come by a code, telephones by a link, people by an"
    " invitation.",
)
@access_options
@dry_run_option
@json_option
@click.pass_obj
def apply_command(
    context: CommandContext,
    /,
    inventory: Path,
    prune: bool,
    secrets_dir: Path | None,
    secrets_later: bool,
    dry_run: bool,
    as_json: bool,
    **access: Any,
) -> None:
    """Bring the database to what INVENTORY says, with Asterisk's rows.

    INVENTORY is a file of TOML, a CSV table (kiosks.csv) or a folder of tables.
    What exists and is not in INVENTORY stays, unless --prune is given: so INVENTORY may
    hold only what is new, such as one more organisation. Asterisk needs no reload.
    Whoever is new gets a secret: --secrets-dir says where to write it, or
    --secrets-later that it is handed out in another way.
    """
    read = read_inventory(inventory)
    carry_out(
        context,
        planner_of(read, prune=prune),
        dry_run=dry_run,
        as_json=as_json,
        secrets_dir=secrets_dir,
        must_deliver=not secrets_later,
        options=AccessOptions(**access),
        sip=read.sip,
        web=read.web,
        folder=inventory.parent,
    )


@click.command("diff")
@inventory_argument
@json_option
@click.pass_context
def diff_command(ctx: click.Context, inventory: Path, as_json: bool) -> None:
    """Show what differs between INVENTORY and the database; write nothing.

    Exit code 0: no difference; 1: differences; 2: it could not be told.
    """
    context: CommandContext = ctx.obj
    try:
        with context.directory() as directory:
            outcome = directory.preview(planner_of(read_inventory(inventory)))
    except DirectoryError as error:
        raise failure(str(error), exit_code=2) from error
    if as_json:
        print_json(outcome_as_json(outcome, dry_run=True))
    else:
        for line in outcome_as_lines(outcome, dry_run=True):
            click.echo(line)
    ctx.exit(0 if outcome.is_empty and not outcome.plan.unlisted else 1)


@click.command("refresh")
@dry_run_option
@json_option
@click.pass_obj
def refresh_command(context: CommandContext, dry_run: bool, as_json: bool) -> None:
    """Bring Asterisk's rows to what this version writes; entries and secrets stay.

    Each other command that changes something does so too. apt runs it on an installed server.
    """
    carry_out(context, nothing, dry_run=dry_run, as_json=as_json, must_deliver=True)


@click.command("export")
@click.argument("output", type=click.Path(path_type=Path))
@dry_run_option
@json_option
@click.pass_obj
def export_command(
    context: CommandContext, output: Path, dry_run: bool, as_json: bool
) -> None:
    """Write what exists as an inventory: OUTPUT.toml, or a folder of CSV tables.

    A spreadsheet opens the tables by a double click; one without rows shows its columns.
    "apply" takes both back. No secret is in them. Nothing that is there is overwritten.
    """
    with context.directory() as directory:
        snapshot = directory.snapshot()
    files = _exported(snapshot, output)
    for path in files:
        if path.exists():
            raise DirectoryError(f"{path} is there already: name another place")
    if not dry_run:
        with staged_files() as staged:
            for path, content in files.items():
                staged.add(path, content)
            staged.publish()
    if as_json:
        print_json({"files": [str(path) for path in files], "written": not dry_run})
        return
    for path in files:
        click.echo(f"{'would write' if dry_run else 'written'}: {path}")


def _exported(snapshot: Snapshot, output: Path) -> dict[Path, bytes]:
    if output.suffix == ".toml":
        return {output: as_inventory(snapshot).encode()}
    try:
        return {
            output / f"{TABLE_OF[kind]}{SUFFIX}": write_table(kind, snapshot[kind])
            for kind in Kind
        }
    except NotWritable as error:
        raise DirectoryError(str(error)) from error

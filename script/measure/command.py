# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command line of `script/bench`."""

import json
import os
import signal
import sys
from pathlib import Path

import click

from measure.result import Result, table
from measure.row_process import KEEP_VARIABLE, run
from measure.rows import ROWS, Row

EXIT_FAILED = 1
EXIT_STOPPED = 130


@click.command()
@click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    type=click.Choice([row.name for row in ROWS]),
    help="Measure this row; can be repeated.",
)
@click.option(
    "--all", "everything", is_flag=True, help="Measure start.cold too: minutes."
)
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a row, no table."
)
@click.option("--list", "listing", is_flag=True, help="Say what the rows are.")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Leave each row's logs, database and captures in this folder.",
)
def main(
    only: tuple[str, ...],
    everything: bool,
    as_json: bool,
    listing: bool,
    keep: Path | None,
) -> None:
    """Measure guichet-virtuel beside its peers, in one run, as ratios.

    The table has medians of `n` runs (ours+peer). No figure decides the exit status:
    it is 1 only where a row could not be measured. docs/bench.md says how to read it.
    """
    if listing:
        for row in ROWS:
            click.echo(f"{row.name:18} {row.about}")
        return
    if keep is not None:
        os.environ[KEEP_VARIABLE] = str(keep.absolute())
    results = []
    for row in ROWS:
        result = _measure(row, only, everything)
        if result.skipped and only:
            continue
        results.append(result)
        if as_json and not result.skipped:
            click.echo(json.dumps(result.as_json()))
    click.echo(table(results), err=as_json)
    if any(result.error and not result.skipped for result in results):
        sys.exit(EXIT_FAILED)


def _measure(row: Row, only: tuple[str, ...], everything: bool) -> Result:
    wanted = row.name in only if only else everything or not row.on_request
    if not wanted:
        return Result(row, None, f"not run: --only {row.name}", skipped=True)
    click.echo(f"{row.name}: {row.about} ...", err=True)
    return run(row)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # The stack unwinds, and with it the row that is being measured.
        signal.signal(number, lambda *_: sys.exit(EXIT_STOPPED))
    main()

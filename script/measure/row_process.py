# SPDX-License-Identifier: AGPL-3.0-or-later
"""Runs one row in a process of its own, bounded, so that its failure is its own.

`python -m measure.row_process MODULE FILE` measures and writes the figures to FILE.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from measure import private_network
from measure.result import Result
from measure.rows import Figures, Network, Row

# After SIGTERM the row has so long to stop what it started.
FAREWELL_SECONDS = 30
REASON_LINES = 3
# Names the folder in which a row's system leaves its files for a look.
KEEP_VARIABLE = "GUICHET_BENCH_KEEP"


def run(row: Row) -> Result:
    """Measure the row in a child; never raises for what happens in there."""
    with tempfile.TemporaryDirectory(prefix="guichet-bench-") as folder:
        figures_file = Path(folder) / "figures.json"
        program = [
            *(sys.executable, "-m", "measure.row_process"),
            *(row.module, str(figures_file)),
        ]
        # Also a bench that is killed leaves no row behind; a private network takes all
        # its processes with it, a row on the machine's own stops what it started.
        last_word = "TERM"
        try:
            if row.network is Network.PRIVATE:
                private_network.check()
                program = private_network.command(program)
                last_word = "KILL"
        except (private_network.NoPrivateNetwork, subprocess.SubprocessError) as error:
            return Result(row, None, str(error))
        program = ["setpriv", "--pdeathsig", last_word, *program]
        log = Path(folder) / "log"
        status = _run_bounded(row, program, log)
        if status is None:
            reason = f"not done after {row.limit_seconds} s: {_last_lines(log)}"
            return Result(row, None, reason)
        if status != 0 or not figures_file.is_file():
            return Result(row, None, _last_lines(log))
        return Result(row, _read(figures_file))


def _run_bounded(row: Row, program: list[str], log: Path) -> int | None:
    """Return the exit status, None when the limit was reached; leave no child."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    if kept := os.environ.get(KEEP_VARIABLE):
        environment[KEEP_VARIABLE] = str(Path(kept) / row.name)
    if row.network is Network.PRIVATE:
        # Also its temporary files end with the row. (On the machine's own network the
        # folder must be the usual one: it has the locks by which stages share ports.)
        environment["TMPDIR"] = str(log.parent)
    folders = [str(Path(__file__).resolve().parents[1]), environment.get("PYTHONPATH")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, folders))
    with log.open("wb") as output:
        child = subprocess.Popen(
            program,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,
        )
        try:
            return child.wait(row.limit_seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            _stop(child)


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End the child's process group, politely first."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if child.poll() is not None:
            return
        os.killpg(child.pid, number)
        try:
            child.wait(FAREWELL_SECONDS)
        except subprocess.TimeoutExpired:
            continue


def _last_lines(log: Path) -> str:
    text = log.read_text("utf-8", "replace") if log.is_file() else ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " | ".join(lines[-REASON_LINES:]) or "the row said nothing"


def _read(figures_file: Path) -> Figures:
    values = json.loads(figures_file.read_text())
    return Figures(**{name: tuple(value) for name, value in values.items()})


@click.command()
@click.argument("module")
@click.argument("figures_file", type=click.Path(path_type=Path))
def main(module: str, figures_file: Path) -> None:
    """Measure the row in MODULE and write its figures to FIGURES_FILE."""
    # SIGTERM unwinds the stack, so that what the row started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # Only the row that is asked for is imported: a broken one does not stop the others.
    figures = importlib.import_module(module).measure()
    figures_file.write_text(json.dumps(asdict(figures)))


if __name__ == "__main__":
    main()

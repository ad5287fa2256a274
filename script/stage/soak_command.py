# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command behind `script/soak`: the demo's story many times over, and what it leaves.

Each call is booked, printed and scanned in and hung up, on one running system. After each
call memory and file descriptors of every process are read; the slopes are told at the end.
"""

import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import click
import psutil

from stage.demo_check import EXPECTED, Ended, end_on_signals
from stage.device_story import QUICK_RESIDENT
from stage.opening_hours import publish_on
from stage.processes import processes_of
from stage.soak_slopes import Sample, Slope, slopes_of, table
from stage.stack import Stage, StageOptions
from stage.story import KIOSK, Story, live


@click.command()
@click.option(
    "--calls", default=200, show_default=True, type=click.IntRange(5), help="How many."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, no table.")
def main(calls: int, as_json: bool) -> None:
    """Make CALLS calls in a row, with devices; tell what each process keeps of a call.

    The exit status is 1 where a call failed; no slope decides it.
    """
    end_on_signals()
    rounds: list[dict[str, Sample]] = []
    problem = ""
    with tempfile.TemporaryDirectory(prefix="guichet-") as folder:
        stage = Stage(
            Path(folder), StageOptions(devices=True, bridge_settings=QUICK_RESIDENT)
        )
        try:
            stage.prepare()
            publish_on(stage)
            stage.start()
            soak(stage, calls, rounds)
        except Ended:
            problem = "stopped by a signal"
        except EXPECTED as error:
            problem = f"call {len(rounds) + 1}: {error or type(error).__name__}"
        finally:
            stage.close()
    _tell(slopes_of(rounds), len(rounds), problem, as_json)
    sys.exit(1 if problem else 0)


def soak(stage: Stage, calls: int, rounds: list[dict[str, Sample]]) -> None:
    """Live the story that many times, and add what was measured after each call."""
    began_at = time.monotonic()
    for number in range(1, calls + 1):
        live(stage, Story())
        for sheet in stage.devices_of(KIOSK).cups.printed_files():
            sheet.unlink()
        rounds.append(samples_of(stage))
        if number % 10 == 0:
            took = time.monotonic() - began_at
            click.echo(f"{number} calls in {took:.0f} s", err=True)


def samples_of(stage: Stage) -> dict[str, Sample]:
    """Read memory and descriptors of every process of the stage, by part and number."""
    parts = {stage.program(name).pid: name for name in stage.parts}
    samples: dict[str, Sample] = {}
    for process in sorted(processes_of(stage.directory), key=lambda each: each.pid):
        try:
            part = parts.get(process.pid) or _part_of(process, parts)
            memory_kb = process.memory_info().rss / 1000
            sample = Sample(memory_kb, process.num_fds())
        except psutil.Error:
            # It ended meanwhile.
            continue
        # A number of its own: one that was started anew begins a series of its own.
        samples[f"{part} {process.pid}"] = sample
    return samples


def _part_of(process: psutil.Process, parts: dict[int, str]) -> str:
    name: str = process.name()
    for parent in process.parents():
        if parent.pid in parts:
            return f"{parts[parent.pid]}/{name}"
    return name


def _tell(slopes: list[Slope], calls: int, problem: str, as_json: bool) -> None:
    if as_json:
        told = {"calls": calls, "slopes": [asdict(each) for each in slopes]}
        click.echo(json.dumps(told | {"problem": problem}))
    else:
        click.echo(f"{calls} calls")
        for line in table(slopes):
            click.echo(line)
    if problem:
        click.echo(f"FAILED: {problem}", err=True)


if __name__ == "__main__":
    main()

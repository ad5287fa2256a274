# SPDX-License-Identifier: AGPL-3.0-or-later
"""`python -m landing.command gate`, behind `.ci/run`; `whole`, behind `script/test --whole`."""

import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from landing.kept import (
    begun_before,
    failed_logs,
    keep_begun,
    keep_failed,
    keep_passed,
    told_of_before,
)
from landing.steps import Step, run_step
from landing.tree import Tree, tree_of
from stage.hosts.root import cache_folder
from stage.pace import patience, slowness

REPOSITORY = Path(__file__).resolve().parents[2]
# Where a step that runs tests says how many, and which were flaky (tests/run_summary.py).
SUMMARY = "GUICHET_RUN_SUMMARY"
# By how much deadlines are stretched (stage/waiting.py).
PATIENCE = "GUICHET_PATIENCE"
GIGABYTE = 1 << 30
# What a whole run needs on its way.
NEEDED_GIGABYTES = 12

# On a quiet machine of the usual speed all of it takes 12 minutes; a limit is what the slowest
# machine is given.
GATE = (
    Step("lint", 6, ("script/lint",)),
    Step("quick", 12, ("script/test", "--quick", "--maxfail=12")),
    Step("gate", 40, ("script/test", "--gate", "--maxfail=12")),
    Step("story", 8, ("script/demo", "--check", "--json")),
)
WHOLE = (
    Step("lint", 6, ("script/lint",)),
    Step("quick", 12, ("script/test", "--quick", "--maxfail=12")),
    Step("debian", 25, ("script/landing/on-debians-python", "--quick", "--maxfail=12")),
    Step("inside", 30, ("script/test", "--inside", "--maxfail=12")),
    Step("programs", 80, ("script/test", "--programs", "--maxfail=12")),
    Step("story", 8, ("script/demo", "--check", "--json")),
    Step("hosts", 60, ("script/hosts", "--check", "--json")),
    *(
        Step(f"faults-{part}", 60, ("script/hosts", "fault", "--part", f"{part}/3"))
        for part in (1, 2, 3)
    ),
)
RUNS = {"gate": GATE, "whole": WHOLE}


# What a run itself may write into the checkout.
FLAKY = "tests/flaky.toml"


def main(words: list[str]) -> int:
    """Run the steps of the run that is named; the first that fails ends it."""
    if len(words) != 1 or words[0] not in RUNS:
        print(f"Usage: python -m landing.command {'|'.join(RUNS)}", file=sys.stderr)
        return 2
    # The first too: a shell that runs us behind it ignores it, and so would every step.
    for stopping in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(stopping, signal.default_int_handler)
    try:
        steps = RUNS[words[0]]
        return run(steps, REPOSITORY, cache_folder(), leaves_record=steps is WHOLE)
    except KeyboardInterrupt:
        _say("ended from outside")
        return 130


def run(
    steps: Sequence[Step], checkout: Path, cache: Path, *, leaves_record: bool
) -> int:
    """Run these steps, say what came of each, keep it in `cache`, and give the exit code.

    A run that leaves a record goes on where one of the same tree was ended: what passed is kept.
    """
    tree = tree_of(checkout)
    for line in told_of_before(cache, checkout, tree):
        _say(line)
    is_kept = leaves_record and tree is not None and tree.is_clean
    half = begun_before(cache, tree) if is_kept and tree else None
    began = half["began"] if half else f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    told: list[dict[str, Any]] = list(half["steps"]) if half else []
    passed_before = {each["step"] for each in told}
    with tempfile.TemporaryDirectory(prefix="guichet-run-") as name:
        directory = Path(name)
        _say_free(checkout, directory)
        waits = _patience()
        for step in steps:
            if step.name in passed_before:
                _say(f"{step.name}: passed in the run that began {began}")
                continue
            log, summary = directory / "log", directory / f"{step.name}.json"
            _say(
                f"{step.name}: {' '.join(step.command)} ({step.minutes:g} min at most)"
            )
            try:
                named = {SUMMARY: str(summary), PATIENCE: waits}
                ended = run_step(step, checkout, log, named)
            except KeyboardInterrupt:
                _say(f"{step.name}: see {keep_failed(cache, tree, step.name, log)}")
                raise
            seconds = round(ended.seconds)
            if ended.problem:
                kept = keep_failed(cache, tree, step.name, log)
                _say(f"{step.name}: {ended.problem}, {seconds} s; see {kept}")
                return 1
            tests = _tests(summary)
            counts = [f", {count} {ring}" for ring, count in tests["passed"].items()]
            _say(f"{step.name}: passed, {seconds} s{''.join(counts)}")
            told.append({"step": step.name, "seconds": seconds, **tests})
            if is_kept and tree:
                keep_begun(cache, tree, {"began": began, "steps": told})
            log.unlink(missing_ok=True)
    seconds = sum(each["seconds"] for each in told)
    flaky = [test for each in told for test in each.get("flaky", ())]
    _say(f"all passed, {seconds} s{''.join(f'; flaky: {test}' for test in flaky)}")
    if leaves_record:
        logs = [log.name for log in failed_logs(cache, tree)]
        told_of = {"began": began, "seconds": seconds, "steps": told, "ended": logs}
        _record(checkout, cache, tree, told_of)
    return 0


def _patience() -> str:
    """Give what is set, or what suits this machine as fast as it is now."""
    if told := os.environ.get(PATIENCE):
        return told
    slow = slowness()
    told = f"{patience(slow):.1f}"
    _say(
        f"a loop takes {slow:.1f} times as long as usual: deadlines are {told} times as late"
    )
    return told


def _tests(summary: Path) -> dict[str, Any]:
    if not summary.exists():
        return {"passed": {}}
    found: dict[str, Any] = json.loads(summary.read_text())
    return found


def _record(
    checkout: Path, cache: Path, tree: Tree | None, told: dict[str, Any]
) -> None:
    now = tree_of(checkout)
    if tree is None or now is None:
        _say("no record: there is no Git repository")
    elif not tree.is_clean or now.name != tree.name or not now.changed <= {FLAKY}:
        _say("no record: not all of this was committed from the beginning to the end")
    else:
        _say(f"kept in {keep_passed(cache, tree, told)}")


def _say_free(*places: Path) -> None:
    for place in places:
        free = shutil.disk_usage(place).free / GIGABYTE
        few = "" if free >= NEEDED_GIGABYTES else f": a run needs {NEEDED_GIGABYTES}"
        _say(f"{free:.0f} GB are free in {place}{few}")


def _say(line: str) -> None:
    print(f"== {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

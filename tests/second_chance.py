# SPDX-License-Identifier: AGPL-3.0-or-later
"""Runs the tests; those that start real programs and failed once more, alone, after all others.

    python -m tests.second_chance PYTEST'S ARGUMENTS FOR BOTH RUNS -- THOSE FOR THE FIRST ALONE

Those that pass then are flaky, not failed: the run says so, and tests/flaky.toml keeps them. All
other tests have one chance: what runs in one process gives the same each time.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.run_summary import SUMMARY

FLAKY_FILE = Path(__file__).parent / "flaky.toml"
# More are no accident.
MOST = 5
# The kernel kills it when we end, however we do; it takes its own programs along.
_DIE_WITH_US = ("setpriv", "--pdeathsig", "KILL", "--")


def run(arguments: Sequence[str]) -> int:
    """Run pytest here, and what it left to be run again; give the exit code of both.

    Here, and not as a process of its own: who ends us ends pytest.
    """
    border = arguments.index("--")
    both, first = arguments[:border], arguments[border + 1 :]
    with tempfile.TemporaryDirectory(prefix="guichet-run-") as directory:
        # Who started us may want it too.
        name = os.environ.setdefault(SUMMARY, f"{directory}/summary.json")
        code = int(pytest.main([*both, *first]))
        if code != pytest.ExitCode.TESTS_FAILED:
            return code
        return second_chance(Path(name), both)


def second_chance(
    summary: Path, arguments: Sequence[str], flaky_file: Path = FLAKY_FILE
) -> int:
    """Run again what may be, and give the whole run's exit code."""
    told = json.loads(summary.read_text())
    failed = told["failed"]
    if refusal := refused(failed):
        print(f"== no second chance: {refusal}", flush=True)
        return 1
    tests = [failure["test"] for failure in failed]
    print(f"== once more, alone: {' '.join(tests)}", flush=True)
    if code := _run_alone(tests, arguments):
        return code
    for failure in failed:
        print(f"== flaky: {failure['test']}\n{failure['text']}", flush=True)
    with flaky_file.open("a") as file:
        file.write("".join(map(row_of, tests)))
    told.update(failed=[], flaky=tests)
    summary.write_text(json.dumps(told))
    return 0


def refused(failed: Sequence[dict[str, Any]]) -> str:
    """Say why none of these is run again; nothing where they are."""
    if not failed:
        return "no test failed, the run did"
    if len(failed) > MOST:
        return f"{len(failed)} tests failed, more than {MOST}"
    alone = [failure["test"] for failure in failed if failure["ring"] != "programs"]
    return f"starts no program: {', '.join(alone)}" if alone else ""


def row_of(test: str) -> str:
    """Give the row of a flaky test in tests/flaky.toml, its cause still unknown."""
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    # A JSON string is one of TOML.
    name = json.dumps(test, ensure_ascii=False)
    return f'\n[[flaky]]\ntest = {name}\nday = {day}\ncause = "unknown"\n'


def _run_alone(tests: Sequence[str], arguments: Sequence[str]) -> int:
    with tempfile.NamedTemporaryFile(suffix=".json") as own:
        environment = {**os.environ, SUMMARY: own.name}
        pytest_alone = [sys.executable, "-m", "pytest"]
        command = [*_DIE_WITH_US, *pytest_alone, *arguments, *tests]
        return subprocess.run(command, env=environment).returncode


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The bench's command line, and what becomes of rows that fail or hang."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from measure import command
from measure.result import Result
from measure.row_process import run
from measure.rows import ROWS, Figures, Network, Row
from stage.waiting import wait_for

# Longer than any of these tests may take.
FOR_EVER = 600
RowMaker = Callable[..., Row]


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Measure nothing; return the names that were asked for. call.dispatch fails."""
    names: list[str] = []

    def pretend(row: Row) -> Result:
        names.append(row.name)
        if row.name == "call.dispatch":
            return Result(row, None, "no dispatcher")
        return Result(row, Figures((2.0,), (4.0,)))

    monkeypatch.setattr(command, "run", pretend)
    return names


def test_a_row_that_fails_does_not_stop_the_others(measured: list[str]) -> None:
    """All others are in the table, the reason below it, and the exit status is 1."""
    outcome = CliRunner().invoke(command.main, [])
    assert outcome.exit_code == 1
    assert measured == [row.name for row in ROWS if not row.on_request]
    assert "call.dispatch: no dispatcher" in outcome.output


def test_the_cold_start_waits_to_be_asked(measured: list[str]) -> None:
    """By name or by --all."""
    outcome = CliRunner().invoke(command.main, ["--only", "call.rate"])
    assert (outcome.exit_code, measured) == (0, ["call.rate"])
    CliRunner().invoke(command.main, ["--only", "start.cold"])
    assert measured[1:] == ["start.cold"]
    CliRunner().invoke(command.main, ["--all"])
    assert measured[2:] == [row.name for row in ROWS]


def test_json_is_one_object_a_row_on_stdout_alone(measured: list[str]) -> None:
    """The table goes to the other stream."""
    arguments = ["--json", "--only", "call.answer", "--only", "call.rate"]
    outcome = CliRunner().invoke(command.main, arguments)
    lines = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert [line["name"] for line in lines] == ["call.answer", "call.rate"]
    assert all(line["ratio"] == 0.5 for line in lines)
    assert all(
        set(line) == {"name", "ours", "peer", "unit", "ratio", "aim"} for line in lines
    )


def test_a_figure_never_decides_the_exit_status(measured: list[str]) -> None:
    """Twice as slow as the peer is a figure, not an error."""
    outcome = CliRunner().invoke(command.main, ["--only", "endpoint.cpu"])
    assert outcome.exit_code == 0


def test_an_unknown_row_is_refused_with_the_names_that_there_are() -> None:
    """Exit status 2, as for every wrong option."""
    outcome = CliRunner().invoke(command.main, ["--only", "call.nothing"])
    assert outcome.exit_code == 2
    assert "endpoint.memory" in outcome.output


@pytest.fixture
def row_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RowMaker:
    """Return a function that makes a row of a module's text."""

    def make(text: str, limit_seconds: int = 60) -> Row:
        (tmp_path / "a_row_of_the_test.py").write_text(text)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        return Row(
            "a.row", "s", "-", "", "a_row_of_the_test", Network.HOST, limit_seconds
        )

    return make


def test_a_row_runs_in_a_process_of_its_own(row_of: RowMaker) -> None:
    """Its figures and notes come back."""
    row = row_of(
        "from measure.rows import Figures\n"
        "def measure(): return Figures((1.0, 2.0), (3.0,), ('a note',))\n"
    )
    assert run(row) == Result(row, Figures((1.0, 2.0), (3.0,), ("a note",)))


def test_a_row_that_raises_is_a_result_with_the_reason(row_of: RowMaker) -> None:
    """The exception's own words."""
    row = row_of("def measure(): raise RuntimeError('no kiosk answered')\n")
    result = run(row)
    assert result.figures is None
    assert "no kiosk answered" in result.error


def test_a_row_that_hangs_is_ended_with_what_it_started(
    row_of: RowMaker, tmp_path: Path
) -> None:
    """Nothing outlives the limit, not even a child."""
    pid_file = tmp_path / "pid"
    row = row_of(
        "import subprocess, time\n"
        "def measure():\n"
        f"    child = subprocess.Popen(['sleep', '{FOR_EVER}'])\n"
        f"    open({str(pid_file)!r}, 'w').write(str(child.pid))\n"
        f"    time.sleep({FOR_EVER})\n",
        limit_seconds=3,
    )
    result = run(row)
    assert result.error.startswith("not done after 3 s")
    child = Path("/proc") / pid_file.read_text()
    wait_for(
        lambda: not child.exists() or "\nState:\tZ" in (child / "status").read_text(),
        "the row's child is gone",
    )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What failed among the others and passes alone is flaky, named, and written down."""

import json
import os
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from tests.gate import GATE, is_at_the_gate
from tests.run_summary import RunSummary
from tests.second_chance import FLAKY_FILE, MOST, second_chance

ROOT = Path(__file__).parents[2]
# It fails once; the next time the file is there.
ONCE = """
from pathlib import Path
FILE = Path(__file__).with_suffix(".seen")
def test_once():
    was_there = FILE.exists()
    FILE.touch()
    assert was_there, "not the first time"
"""
ALWAYS = "def test_always():\n    assert False, 'never'\n"


def failure(test: str, ring: str = "programs") -> dict[str, str]:
    return {"test": test, "ring": ring, "text": f"what {test} said"}


class Run:
    """A run of which some tests have failed."""

    def __init__(self, folder: Path, *failures: dict[str, str]) -> None:
        self.folder = folder
        self.summary = folder / "summary.json"
        self.flaky_file = folder / "flaky.toml"
        told = {"passed": {"programs": 10}, "failed": failures}
        self.summary.write_text(json.dumps(told))

    def again(self) -> int:
        alone = [
            "-c",
            os.devnull,
            "--rootdir",
            str(self.folder),
            "-p",
            "no:cacheprovider",
        ]
        return second_chance(self.summary, alone, self.flaky_file)

    @property
    def told(self) -> dict[str, object]:
        return json.loads(self.summary.read_text())


def test_one_that_passes_alone_is_flaky(tmp_path: Path, capfd) -> None:
    file = tmp_path / "test_once.py"
    file.write_text(ONCE)
    test = f"{file}::test_once"
    run = Run(tmp_path, failure(test))
    assert run.again() == 1
    assert not run.flaky_file.exists()
    assert run.again() == 0
    assert f"== flaky: {test}\nwhat {test} said\n" in capfd.readouterr().out
    assert run.told == {"passed": {"programs": 10}, "failed": [], "flaky": [test]}
    (row,) = tomllib.loads(run.flaky_file.read_text())["flaky"]
    assert row["test"] == test
    assert row["cause"] == "unknown"
    assert isinstance(row["day"], date)


def test_one_that_fails_again_fails_the_run(tmp_path: Path) -> None:
    for name, code in (("test_once.py", ONCE), ("test_always.py", ALWAYS)):
        (tmp_path / name).write_text(code)
    (tmp_path / "test_once.seen").touch()
    tests = [f"{tmp_path}/test_once.py::test_once", f"{tmp_path}/test_always.py"]
    run = Run(tmp_path, *map(failure, tests))
    assert run.again() == 1
    assert [each["test"] for each in run.told["failed"]] == tests
    assert not run.flaky_file.exists()


@pytest.mark.parametrize(
    "failures, why",
    [
        ([failure("a", "quick")], "starts no program: a"),
        ([failure("a"), failure("b", "inside")], "starts no program: b"),
        ([failure("a", "")], "starts no program: a"),
        (
            [failure(str(each)) for each in range(MOST + 1)],
            "6 tests failed, more than 5",
        ),
        ([], "no test failed, the run did"),
    ],
)
def test_others_have_one_chance(tmp_path: Path, capfd, failures, why) -> None:
    run = Run(tmp_path, *failures)
    assert run.again() == 1
    assert capfd.readouterr().out == f"== no second chance: {why}\n"


def report(test: str, ring: str, when: str, outcome: str) -> pytest.TestReport:
    location = ("test_file.py", 1, test)
    keywords = {ring: 1, "slow": 1}
    text = None if outcome == "passed" else f"{when} of {test}"
    return pytest.TestReport(test, location, keywords, outcome, text, when)


def test_a_run_says_what_passed_and_what_failed_in_which_ring(tmp_path: Path) -> None:
    summary = RunSummary(tmp_path / "summary.json")
    for when in ("setup", "call", "teardown"):
        summary.pytest_runtest_logreport(report("good", "quick", when, "passed"))
    summary.pytest_runtest_logreport(report("bad", "programs", "setup", "passed"))
    for when in ("call", "teardown"):
        summary.pytest_runtest_logreport(report("bad", "programs", when, "failed"))
    summary.pytest_collectreport(pytest.CollectReport("file.py", "failed", "gone", []))
    summary.pytest_sessionfinish()
    assert json.loads((tmp_path / "summary.json").read_text()) == {
        "passed": {"quick": 1},
        "failed": [
            {"test": "bad", "ring": "programs", "text": "call of bad"},
            {"test": "file.py", "ring": "", "text": "gone"},
        ],
    }


def test_no_flaky_test_is_left_alone_for_long() -> None:
    rows = tomllib.loads(FLAKY_FILE.read_text()).get("flaky", [])
    for row in rows:
        assert set(row) == {"test", "day", "cause"}, row
        assert isinstance(row["day"], date), row
        assert row["cause"].strip(), row
        assert is_there(row["test"]), f"{row['test']} is gone: take its row away"
    often = Counter(row["test"] for row in rows)
    assert not [test for test, times in often.items() if times >= 3], "mend or delete"


@pytest.mark.parametrize("guarded", GATE)
def test_what_is_at_the_gate_is_there(guarded: str) -> None:
    assert is_there(GATE[guarded])
    assert is_at_the_gate(GATE[guarded])


def test_a_test_is_at_the_gate_with_all_its_parameters_and_no_other_is() -> None:
    assert is_at_the_gate(
        "tests/integration/booking_web/browser/test_browser_manager.py::any"
    )
    one = "tests/end_to_end/test_second_screen.py::test_codes_and_buttons_show_turn_and_clear"
    assert is_at_the_gate(f"{one}[a-b]")
    assert not is_at_the_gate(f"{one}_too")
    assert not is_at_the_gate("tests/end_to_end/test_second_screen.py")


def is_there(test: str) -> bool:
    file, _, rest = test.partition("::")
    function = rest.partition("[")[0].rpartition("::")[2]
    path = ROOT / file
    return path.is_file() and (not function or f"def {function}(" in path.read_text())

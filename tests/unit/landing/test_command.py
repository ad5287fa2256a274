# SPDX-License-Identifier: AGPL-3.0-or-later
"""A run of steps: the first that fails ends it, and a whole one leaves a record of its tree."""

import json
import re
import sys
from pathlib import Path

import pytest

from landing import command
from landing.command import GATE, PATIENCE, SUMMARY, WHOLE, main, run
from landing.steps import Step
from tests.unit.landing.conftest import Checkout

TESTS = {"passed": {"programs": 2}, "failed": [], "flaky": ["test_file.py::test_this"]}


def step(name: str, code: str) -> Step:
    return Step(name, 1.0, (sys.executable, "-c", code))


PASSES = step("lint", "print('good')")
FAILS = step("quick", "print('bad'); raise SystemExit(1)")
SUMS_UP = step(
    "programs",
    f"import os; open(os.environ['{SUMMARY}'], 'w').write({json.dumps(TESTS)!r})",
)


def test_a_whole_run_leaves_a_record_of_its_tree(checkout: Checkout, capfd) -> None:
    cache = checkout.beside("cache")
    assert run([PASSES, SUMS_UP], checkout.folder, cache, leaves_record=True) == 0
    record = json.loads((cache / "passed" / f"{checkout.tree.name}.json").read_text())
    lint, programs = record["steps"]
    assert lint == {"step": "lint", "seconds": lint["seconds"], "passed": {}}
    assert programs == {"step": "programs", "seconds": programs["seconds"], **TESTS}
    assert record["seconds"] == lint["seconds"] + programs["seconds"]
    said = capfd.readouterr().out
    assert "s; flaky: test_file.py::test_this\n" in said
    assert "No tree up to this one has passed whole" in said


def test_a_whole_run_that_was_ended_goes_on_where_it_was(checkout, capfd) -> None:
    cache = checkout.beside("cache")
    counts = step("quick", "open('../counted', 'a').write('x')")
    ended = step("programs", "raise SystemExit(1)")
    assert run([counts, ended], checkout.folder, cache, leaves_record=True) == 1
    mended = step("programs", "pass")
    assert run([counts, mended], checkout.folder, cache, leaves_record=True) == 0
    assert (checkout.folder.parent / "counted").read_text() == "x"
    assert "quick: passed in the run that began" in capfd.readouterr().out
    record = json.loads((cache / "passed" / f"{checkout.tree.name}.json").read_text())
    assert [each["step"] for each in record["steps"]] == ["quick", "programs"]
    assert [name.endswith("-programs.log") for name in record["ended"]] == [True]
    # The next begins anew, as one of another tree does.
    assert run([counts], checkout.folder, cache, leaves_record=True) == 0
    assert (checkout.folder.parent / "counted").read_text() == "xx"


def test_what_is_not_committed_does_not_go_on(checkout) -> None:
    cache = checkout.beside("cache")
    counts = step("quick", "open('../counted', 'a').write('x')")
    assert run([counts, FAILS], checkout.folder, cache, leaves_record=True) == 1
    (checkout.folder / "new").write_text("")
    assert run([counts], checkout.folder, cache, leaves_record=True) == 0
    assert (checkout.folder.parent / "counted").read_text() == "xx"


@pytest.mark.parametrize("told", ["", "5"])
def test_each_step_is_told_how_patient_this_machine_makes_it(
    checkout: Checkout, capfd, monkeypatch, told: str
) -> None:
    monkeypatch.setenv(PATIENCE, told)
    monkeypatch.setattr(command, "slowness", lambda: 2.0)
    says = step("lint", f"import os; print('waits', os.environ['{PATIENCE}'])")
    cache = checkout.beside("cache")
    assert run([says, says], checkout.folder, cache, leaves_record=False) == 0
    said = capfd.readouterr().out
    assert said.count(f"waits {told or '6.0'}\n") == 2
    assert ("deadlines are 6.0 times as late" in said) == (not told)


@pytest.mark.parametrize("changes_when", ["before", "meanwhile"])
def test_what_is_not_committed_leaves_none(checkout, capfd, changes_when) -> None:
    steps = [step("lint", "open('new', 'w')")] if changes_when == "meanwhile" else []
    if changes_when == "before":
        (checkout.folder / "new").write_text("")
    cache = checkout.beside("cache")
    assert run([*steps, PASSES], checkout.folder, cache, leaves_record=True) == 0
    assert not (cache / "passed").exists()
    assert "no record: not all of this was committed" in capfd.readouterr().out


def test_a_flaky_test_that_the_run_itself_wrote_down_is_no_change(checkout) -> None:
    (checkout.folder / "tests").mkdir()
    (checkout.folder / "tests/flaky.toml").write_text("")
    checkout.git("add", "tests")
    checkout.git("commit", "--quiet", "--message", "flaky")
    cache = checkout.beside("cache")
    writes = step("programs", "open('tests/flaky.toml', 'w').write('[[flaky]]')")
    assert run([writes], checkout.folder, cache, leaves_record=True) == 0
    assert list((cache / "passed").iterdir()) != []


def test_the_first_that_fails_ends_it_and_its_words_are_kept(checkout, capfd) -> None:
    cache = checkout.beside("cache")
    steps = [PASSES, FAILS, step("never", "open('ran', 'w')")]
    assert run(steps, checkout.folder, cache, leaves_record=True) == 1
    (log,) = (cache / "failed" / checkout.tree.name).iterdir()
    assert log.read_text() == "bad\n"
    assert re.search(
        rf"== quick: failed with 1, \d+ s; see {log}\n", capfd.readouterr().out
    )
    assert not (checkout.folder / "ran").exists()
    assert not (cache / "passed").exists()


def test_the_gate_leaves_no_record(checkout) -> None:
    cache = checkout.beside("cache")
    assert run([PASSES], checkout.folder, cache, leaves_record=False) == 0
    assert not cache.exists()


@pytest.mark.parametrize("words", [[], ["all"], ["gate", "whole"]])
def test_another_run_is_not_known(words, capsys) -> None:
    assert main(words) == 2
    assert "gate|whole" in capsys.readouterr().err


@pytest.mark.parametrize("steps", [GATE, WHOLE])
def test_each_step_is_there_and_has_a_name_of_its_own(steps) -> None:
    names = [each.name for each in steps]
    assert len(set(names)) == len(names)
    for each in steps:
        program = Path(__file__).parents[3] / each.command[0]
        assert program.exists() or each.command[:2] == ("bash", "-c")

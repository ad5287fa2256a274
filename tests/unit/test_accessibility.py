# SPDX-License-Identifier: AGPL-3.0-or-later
"""What `docs/accessibility.md` says of each clause: its tests are there, its counts are right."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "accessibility.md"
STATES = ("met", "partly", "not", "not applicable")
ROW = re.compile(
    r"^\| (\d+(?:\.\d+)+(?:-[\d.]+)?) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$"
)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
# WCAG 2.1, levels A and AA: how many success criteria each guideline has.
CRITERIA = {
    **{"1.1": 1, "1.2": 5, "1.3": 5, "1.4": 9},
    **{"2.1": 3, "2.2": 2, "2.3": 1, "2.4": 7, "2.5": 4},
    **{"3.1": 2, "3.2": 4, "3.3": 4, "4.1": 3},
}


class Clause(NamedTuple):
    """A row of the page."""

    number: str
    name: str
    state: str
    proof: str


@cache
def clauses() -> list[Clause]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [Clause(*found.groups()) for line in lines if (found := ROW.match(line))]


def test_each_test_that_a_clause_names_is_there() -> None:
    named = {test for each in clauses() for test in TEST.findall(each.proof)}
    assert len(named) > 20
    missing = [
        f"{path}::{name}"
        for path, name in sorted(named)
        if f"\ndef {name}(" not in (REPOSITORY / path).read_text(encoding="utf-8")
    ]
    assert missing == []


def test_the_counts_at_the_head_are_those_of_the_rows() -> None:
    counted = Counter(each.state for each in clauses())
    assert set(counted) == set(STATES)
    page = PAGE.read_text(encoding="utf-8")
    told = {
        name: int(n)
        for name, n in re.findall(r"^\| ([a-z ]+) \| (\d+) \|$", page, re.M)
    }
    assert told == dict(counted)


def test_what_is_met_says_how_that_is_known() -> None:
    for each in clauses():
        if each.state == "met":
            assert TEST.search(each.proof) or "By hand" in each.proof, each
        assert len(each.proof) > 3, each


def test_no_clause_is_answered_twice_and_no_criterion_of_the_web_is_left_out() -> None:
    numbers = [each.number for each in clauses()]
    assert len(numbers) == len(set(numbers))
    web = Counter(each[2:5] for each in numbers if re.fullmatch(r"9(\.\d+){3}", each))
    assert dict(web) == CRITERIA

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What `docs/asvs.md` answers: every requirement once, by files that are there, rightly counted."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "asvs.md"
ANSWERS = ("met", "partly", "not met", "does not apply")
# Of what is not there, no file can be named.
NOTHING_TO_NAME = ("3.4.2", "6.4.2")
ROW = re.compile(
    r"^\| (\d+(?:\.\d+){2}) \| ([12]) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$"
)
COUNTED = re.compile(
    r"^\| (?:V(\d+) [^|]+|\*\*in all\*\*) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$"
)
UNMET = re.compile(r"^- \*\*([^*,]+), level ([12])\*\*: (.+)$")
# ASVS 5.0.0: the requirements of each section, of level 1 and of level 2.
REQUIREMENTS = {
    "1.1": ("", "1-2"),
    "1.2": ("1-5", "6-9"),
    "1.3": ("1-2", "3-11"),
    "1.4": ("", "1-3"),
    "1.5": ("1", "2"),
    "2.1": ("1", "2-3"),
    "2.2": ("1-2", "3"),
    "2.3": ("1", "2-4"),
    "2.4": ("", "1"),
    "3.2": ("1-2", ""),
    "3.3": ("1", "2-4"),
    "3.4": ("1-2", "3-6"),
    "3.5": ("1-3", "4-5"),
    "3.7": ("", "1-2"),
    "4.1": ("1", "2-3"),
    "4.2": ("", "1"),
    "4.3": ("", "1-2"),
    "4.4": ("1", "2-4"),
    "5.1": ("", "1"),
    "5.2": ("1-2", "3"),
    "5.3": ("1-2", ""),
    "5.4": ("", "1-3"),
    "6.1": ("1", "2-3"),
    "6.2": ("1-8", "9-12"),
    "6.3": ("1-2", "3-4"),
    "6.4": ("1-2", "3-4"),
    "6.5": ("", "1-5"),
    "6.6": ("", "1-3"),
    "6.8": ("", "1-4"),
    "7.1": ("", "1-3"),
    "7.2": ("1-4", ""),
    "7.3": ("", "1-2"),
    "7.4": ("1-2", "3-5"),
    "7.5": ("", "1-2"),
    "7.6": ("", "1-2"),
    "8.1": ("1", "2"),
    "8.2": ("1-2", "3"),
    "8.3": ("1", ""),
    "8.4": ("", "1"),
    "9.1": ("1-3", ""),
    "9.2": ("1", "2-4"),
    "10.1": ("", "1-2"),
    "10.2": ("", "1-2"),
    "10.3": ("", "1-4"),
    "10.4": ("1-5", "6-11"),
    "10.5": ("", "1-5"),
    "10.6": ("", "1-2"),
    "10.7": ("", "1-3"),
    "11.1": ("", "1-2"),
    "11.2": ("", "1-3"),
    "11.3": ("1-2", "3"),
    "11.4": ("1", "2-4"),
    "11.5": ("", "1"),
    "11.6": ("", "1"),
    "12.1": ("1", "2-3"),
    "12.2": ("1-2", ""),
    "12.3": ("", "1-4"),
    "13.1": ("", "1"),
    "13.2": ("", "1-5"),
    "13.3": ("", "1-2"),
    "13.4": ("1", "2-5"),
    "14.1": ("", "1-2"),
    "14.2": ("1", "2-4"),
    "14.3": ("1", "2-3"),
    "15.1": ("1", "2-3"),
    "15.2": ("1", "2-3"),
    "15.3": ("1", "2-7"),
    "16.1": ("", "1"),
    "16.2": ("", "1-5"),
    "16.3": ("", "1-4"),
    "16.4": ("", "1-3"),
    "16.5": ("", "1-3"),
    "17.1": ("", "1"),
    "17.2": ("", "1-4"),
    "17.3": ("", "1-2"),
}


class Answer(NamedTuple):
    """A row of the page."""

    number: str
    level: str
    asks: str
    answer: str
    shown: str

    @property
    def chapter(self) -> str:
        """Give the chapter's number."""
        return self.number.partition(".")[0]


@cache
def lines() -> list[str]:
    return PAGE.read_text(encoding="utf-8").splitlines()


@cache
def answers() -> list[Answer]:
    return [Answer(*found.groups()) for line in lines() if (found := ROW.match(line))]


def numbers(section: str, told: str) -> list[str]:
    """Give the numbers of a section's part, such as "3-6"."""
    first, _, last = told.partition("-")
    whole = range(int(first), int(last or first) + 1) if told else ()
    return [f"{section}.{each}" for each in whole]


def test_each_requirement_of_both_levels_is_answered_once_in_its_order() -> None:
    wanted = [
        (number, level)
        for section, parts in REQUIREMENTS.items()
        for level, part in zip("12", parts, strict=True)
        for number in numbers(section, part)
    ]
    assert len(wanted) == 253
    assert [(each.number, each.level) for each in answers()] == wanted


def test_an_answer_is_one_of_four_words_and_says_how() -> None:
    assert {each.answer for each in answers()} == set(ANSWERS)
    assert [each.number for each in answers() if len(each.shown) < 5] == []


def test_what_is_met_names_a_file_and_each_file_is_there() -> None:
    for each in answers():
        named = [
            REPOSITORY / told
            for told in re.findall(r"`([^`]+)`", each.shown)
            if re.fullmatch(r"[\w.@-]+(/[\w.@-]+)+|constraints\.txt|setup\.cfg", told)
        ]
        linked = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", each.shown)
        named += [PAGE.parent / told for told in linked]
        assert [path for path in named if not path.exists()] == [], each.number
        assert named or each.answer != "met" or each.number in NOTHING_TO_NAME


def test_the_counts_at_the_head_are_those_of_the_rows() -> None:
    told = {
        found[1] or "all": [int(each) for each in found.groups()[1:]]
        for line in lines()
        if (found := COUNTED.match(line))
    }
    counted: dict[str, Counter[str]] = {"all": Counter()}
    for each in answers():
        counted.setdefault(each.chapter, Counter())[each.answer] += 1
        counted["all"][each.answer] += 1
    assert told == {
        chapter: [*(count[answer] for answer in ANSWERS), count.total()]
        for chapter, count in counted.items()
    }


def test_what_is_not_met_stands_at_the_head() -> None:
    told = {
        (found[1], found[2], item.partition(" ")[0])
        for line in lines()
        if (found := UNMET.match(line))
        for item in found[3].split("; ")
    }
    assert told == {
        (each.answer, each.level, each.number)
        for each in answers()
        if each.answer in ("partly", "not met")
    }

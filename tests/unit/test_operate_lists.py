# SPDX-License-Identifier: AGPL-3.0-or-later
"""docs/operate.md lists what the code goes by: a setting without its row fails here."""

import dataclasses
import re
from functools import cache

import pytest

from stage.command_lines import command_lines
from tests.unit import operate_lists
from tests.unit.operate_lists import LISTS, PAGE, Untold, marked, rewritten


@pytest.mark.parametrize("make", LISTS)
def test_the_page_has_the_list_as_the_code_makes_it(make) -> None:
    assert marked(make) in PAGE.read_text(), (
        "PYTHONPATH=script .venv/bin/python -m tests.unit.operate_lists"
    )


def test_to_write_the_lists_anew_changes_nothing_else() -> None:
    page = PAGE.read_text()
    assert rewritten(page) == page
    spoiled = re.sub(r"(?m)^\| `smtp_host`.*\n", "", page)
    assert spoiled != page
    assert rewritten(spoiled) == page


@cache
def commands() -> frozenset[str]:
    """Give every command as it is typed, such as `guichet-server logs`."""
    return frozenset(each.words for each in command_lines())


def unknown_commands(page: str) -> set[str]:
    """Name what a page has somebody type that is no command of ours."""
    typed = re.findall(r"`(guichet-[a-z]+(?: [a-z][a-z-]+)+)[^`]*`", page)
    return {
        words
        for words in typed
        if not any(f"{words} ".startswith(f"{known} ") for known in commands())
    }


def test_what_is_to_be_typed_is_a_command() -> None:
    assert unknown_commands(PAGE.read_text()) == set()
    assert unknown_commands("`guichet-server mend --all`") == {"guichet-server mend"}


def test_a_setting_of_which_no_page_tells_is_noticed(monkeypatch) -> None:
    @dataclasses.dataclass(frozen=True)
    class New:
        """Settings with one more."""

        nobody_told_of_this: int = 1

    monkeypatch.setattr(operate_lists, "Settings", New)
    with pytest.raises(Untold, match="nobody_told_of_this"):
        operate_lists.settings()

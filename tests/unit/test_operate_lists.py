# SPDX-License-Identifier: AGPL-3.0-or-later
"""docs/operate.md lists what the code goes by: a setting without its row fails here."""

import dataclasses
import re

import pytest

from tests.unit import operate_lists
from tests.unit.operate_lists import LISTS, PAGE, Untold, marked, rewritten


@pytest.mark.parametrize("make", LISTS)
def test_the_page_has_the_list_as_the_code_makes_it(make) -> None:
    assert (
        marked(make) in PAGE.read_text()
    ), "PYTHONPATH=script .venv/bin/python -m tests.unit.operate_lists"


def test_to_write_the_lists_anew_changes_nothing_else() -> None:
    page = PAGE.read_text()
    assert rewritten(page) == page
    spoiled = re.sub(r"(?m)^\| `smtp_host`.*\n", "", page)
    assert spoiled != page
    assert rewritten(spoiled) == page


def test_a_setting_of_which_no_page_tells_is_noticed(monkeypatch) -> None:
    @dataclasses.dataclass(frozen=True)
    class New:
        """Settings with one more."""

        nobody_told_of_this: int = 1

    monkeypatch.setattr(operate_lists, "Settings", New)
    with pytest.raises(Untold, match="nobody_told_of_this"):
        operate_lists.settings()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A program that cannot start says what to install."""

from importlib.metadata import entry_points
from importlib.util import find_spec

import pytest

import guichet_programs


def test_each_entry_point_is_one_of_the_programs() -> None:
    ours = {
        program.name: program.value
        for program in entry_points(group="console_scripts")
        if program.name.startswith("guichet-")
    }
    assert ours == {
        program.typed: f"guichet_programs:{name}"
        for name, program in guichet_programs.PROGRAMS.items()
    }


@pytest.mark.parametrize("name", sorted(guichet_programs.PROGRAMS))
def test_what_is_missing_is_named_with_the_extra_that_brings_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = guichet_programs.PROGRAMS[name]
    missing = program.needs[-1]
    monkeypatch.setattr(
        guichet_programs,
        "find_spec",
        lambda module: None if module == missing else find_spec(module),
    )
    with pytest.raises(SystemExit) as ended:
        getattr(guichet_programs, name)
    assert str(ended.value) == (
        f"{program.typed} needs {missing}, which this machine does not have:"
        f" install guichet-virtuel[{program.extra}]."
    )


def test_what_is_no_program_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="'telephone'"):
        guichet_programs.telephone

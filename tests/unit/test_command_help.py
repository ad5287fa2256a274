# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every command that the product installs says how it is used, whatever is set."""

import os
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

PROGRAMS = {
    program.name: program
    for program in entry_points(group="console_scripts")
    if program.name.startswith("guichet-")
}


def commands_of(
    command: click.Command, words: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """Give the words of this command and of each command within it."""
    yield words
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            within = command.get_command(context, name)
            assert within is not None
            yield from commands_of(within, (*words, name))


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_every_command_helps_where_nothing_is_set(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in [key for key in os.environ if key.startswith("GUICHET_")]:
        monkeypatch.delenv(key)
    monkeypatch.chdir(tmp_path)
    program = PROGRAMS[name].load()
    for words in commands_of(program):
        for asked in ("--help", "-h"):
            result = CliRunner().invoke(program, [*words, asked], prog_name=name)
            assert result.exit_code == 0, (words, result.output)
            assert result.output.startswith(f"Usage: {' '.join([name, *words])} ")
    assert not list(tmp_path.iterdir())


def test_the_product_s_programs_are_all_looked_at() -> None:
    assert len(PROGRAMS) == 6

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Asks a program, and each command within it, for help: a process of its own, where nothing
was asked before. Prints what was not answered."""

import sys
from collections.abc import Iterator
from importlib.metadata import entry_points

import click
from click.testing import CliRunner


def commands_of(
    command: click.Command, words: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """Give the words of this command and of each command within it."""
    yield words
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            within = command.get_command(click.Context(command), name)
            assert within is not None
            yield from commands_of(within, (*words, name))


def unhelpful(name: str) -> list[str]:
    """Name each command that does not answer as it should."""
    (program,) = entry_points(group="console_scripts", name=name)
    main = program.load()
    found = []
    for words in commands_of(main):
        line = " ".join([name, *words])
        for asked in ("--help", "-h"):
            result = CliRunner().invoke(main, [*words, asked], prog_name=name)
            if result.exit_code or not result.output.startswith(f"Usage: {line} "):
                found.append(f"{line} {asked}: {result.output} {result.exception}")
    return found


if __name__ == "__main__":
    print("\n".join(unhelpful(sys.argv[1])))

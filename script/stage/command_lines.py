# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every command of every program that is installed, with its options."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distribution

import click

DISTRIBUTION = "guichet-virtuel"


@dataclass(frozen=True)
class CommandLine:
    """A command as it is typed, such as `guichet-web messages send`."""

    words: str
    command: click.Command

    @property
    def options(self) -> list[click.Option]:
        """Give its options, `--help` left out."""
        return [
            each
            for each in self.command.params
            if isinstance(each, click.Option) and not each.hidden
        ]


def command_lines() -> list[CommandLine]:
    """Give every command that does something; groups are left out."""
    found: list[CommandLine] = []
    for entry in distribution(DISTRIBUTION).entry_points:
        if entry.group == "console_scripts":
            command = entry.load()
            found += _below(entry.name, command, None)
    return sorted(found, key=lambda each: each.words)


def _below(
    words: str, command: click.Command, above: click.Context | None
) -> Iterator[CommandLine]:
    if not isinstance(command, click.Group):
        yield CommandLine(words, command)
        return
    context = click.Context(command, info_name=words, parent=above)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        if below is not None and not below.hidden:
            yield from _below(f"{words} {name}", below, context)

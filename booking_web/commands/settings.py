# SPDX-License-Identifier: AGPL-3.0-or-later
"""The settings of a command of `guichet-web`, read when it runs: `--help` needs none."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec, TypeVar

import click

from booking_web.base.settings import NEEDED, Settings, SettingsError, load_settings

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def with_settings(
    command: Callable[Concatenate[Settings, Given], Answer],
) -> Callable[Given, Answer]:
    """Hand the settings named by `--config`, the environment and `--database-url`.

    Raises:
        click.UsageError: a setting is missing or wrong; says which, and what it takes.
    """
    return _with_settings(command, NEEDED)


def with_settings_or_none(
    command: Callable[Concatenate[Settings, Given], Answer],
) -> Callable[Given, Answer]:
    """Hand the settings as `with_settings` does, to a command that needs no secret."""
    return _with_settings(command, ())


def _with_settings(
    command: Callable[Concatenate[Settings, Given], Answer], needed: tuple[str, ...]
) -> Callable[Given, Answer]:
    @click.pass_context
    def run(
        context: click.Context, /, *args: Given.args, **kwargs: Given.kwargs
    ) -> Answer:
        named = context.find_root().params
        try:
            settings = load_settings(
                named["config"], needed=needed, database_url=named["database_url"]
            )
        except SettingsError as error:
            raise click.UsageError(str(error)) from error
        return command(settings, *args, **kwargs)

    return update_wrapper(run, command)

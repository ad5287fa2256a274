# SPDX-License-Identifier: AGPL-3.0-or-later
"""The settings of a command of `guichet-web`, read when it runs: `--help` needs none."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec, TypeVar

import click

from booking_web.base.settings import Settings, SettingsError, load_settings

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def with_settings(
    command: Callable[Concatenate[Settings, Given], Answer],
) -> Callable[Given, Answer]:
    """Hand the settings named by `--config`, the environment and `--database-url`.

    Raises:
        click.UsageError: a setting is missing or wrong; says which, and what it takes.
    """

    @click.pass_context
    def run(
        context: click.Context, /, *args: Given.args, **kwargs: Given.kwargs
    ) -> Answer:
        named = context.find_root().params
        try:
            settings = load_settings(
                named["config"], database_url=named["database_url"]
            )
        except SettingsError as error:
            raise click.UsageError(str(error)) from error
        return command(settings, *args, **kwargs)

    return update_wrapper(run, command)

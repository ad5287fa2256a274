# SPDX-License-Identifier: AGPL-3.0-or-later
"""Options that several commands of `guichet-provision` have."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

web_url_option = click.option(
    "--web-url", envvar="GUICHET_WEB_URL", help="Address of the web application."
)


def hours_option(usual: timedelta) -> Callable[[Command], Command]:
    """Give the option `--hours` of a code that is usually good for so long."""
    return click.option(
        "--hours",
        type=click.IntRange(1, 24 * 90),
        default=int(usual / timedelta(hours=1)),
        show_default=True,
        help="How long the code is good for.",
    )

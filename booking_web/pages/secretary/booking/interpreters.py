# SPDX-License-Identifier: AGPL-3.0-or-later
"""The interpreters that the booking page offers; a site without any sees nothing of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from booking_web.words.interpreters import interpreter_named


@dataclass(frozen=True)
class InterpreterChoice:
    """A service of interpreters as the form offers it."""

    # As the form sends it.
    slug: str
    organisation_id: int
    # With its kind.
    name: str


def interpreters_offered(organisations: Sequence[Row[Any]]) -> list[InterpreterChoice]:
    """List the services among the organisations, by kind and name."""
    interpreting = (each for each in organisations if each.interprets)
    return [
        InterpreterChoice(each.slug, each.id, interpreter_named(each))
        for each in sorted(interpreting, key=lambda each: (each.interprets, each.name))
    ]

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files of the machine that are written from the templates beside this module."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parent / "templates"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    # What is written is no page.
    autoescape=False,
)


def render(template: str, values: Mapping[str, Any]) -> str:
    """Give the text of a template; a value that it names and is not there is an error."""
    return _ENVIRONMENT.get_template(template).render(values)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of this folder, which may draw with what the kiosk's scenes are drawn of."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).parent
ROOT = Path(__file__).parents[3]


def page_of(template: str, **values: Any) -> str:
    """Give the page, its places filled in."""
    environment = Environment(
        loader=FileSystemLoader([HERE, ROOT / "booking_web" / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
    )
    return environment.get_template(template).render(**values)

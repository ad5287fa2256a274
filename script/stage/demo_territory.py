# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whose counter the demo is, as its pages and papers say."""

from pathlib import Path

MARK = Path(__file__).with_name("demo-mark.png")
# Settings of the site, by their keys.
DEMO_TERRITORY = (
    ("territory_name", "Thiérache du Centre"),
    ("territory_mark", str(MARK)),
)

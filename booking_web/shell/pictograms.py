# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pictograms of visit reasons and papers: which ones the pages can draw."""

import re
from functools import cache
from pathlib import Path

SPRITE = Path(__file__).parents[1] / "static/vendor/bootstrap-icons/pictograms.svg"
FALLBACK_REASON = "chat-dots"
FALLBACK_PAPER = "file-earmark-text"


@cache
def known_pictograms() -> frozenset[str]:
    """Name every pictogram that there is."""
    return frozenset(re.findall(r'<symbol id="([a-z0-9-]+)"', SPRITE.read_text()))


def pictogram_or(name: str, fallback: str = FALLBACK_REASON) -> str:
    """Give the pictogram's name, or the fallback where it cannot be drawn."""
    return name if name in known_pictograms() else fallback

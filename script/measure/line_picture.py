# SPDX-License-Identifier: AGPL-3.0-or-later
"""line.picture: pictures a second that come from a kiosk over a thin line."""

from measure.line_ground import measure_lines
from measure.rows import Figures


def measure() -> Figures:
    """Return pictures a second, the way from the kiosk: one for each line."""
    measured = measure_lines()
    return Figures(
        tuple(one.ours[0].pictures for one in measured),
        tuple(one.peer[0].pictures for one in measured),
        tuple(one.note for one in measured),
    )

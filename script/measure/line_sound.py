# SPDX-License-Identifier: AGPL-3.0-or-later
"""line.sound: what a thin line loses of the sound beyond its own loss."""

from measure.line_ground import Heard, Measured, measure_lines
from measure.rows import Figures


def measure() -> Figures:
    """Return percents, the way from the kiosk: one for each line."""
    measured = measure_lines()
    return Figures(
        tuple(_beyond(one, one.ours[0]) for one in measured),
        tuple(_beyond(one, one.peer[0]) for one in measured),
        tuple(one.note for one in measured),
    )


def _beyond(measured: Measured, heard: Heard) -> float:
    return max(0.0, (heard.sound_lost or 0.0) - measured.line.thinness.loss_percent)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a box looks that is ticked or not, where a PDF leaves that to its readers.

An importer of pikepdf.
"""

import pikepdf

from booking_web.domain.forms.geometry import Corners
from booking_web.domain.forms.reading import on_states

TICKED = "Yes"
# The cross leaves a fifth of the box on each side.
_INSET = 0.2


def give_look(
    pdf: pikepdf.Pdf, box: pikepdf.Object, corners: Corners, value: str = TICKED
) -> None:
    """Give a box that has no look at all a cross for when it holds `value`.

    One that has no look for when it is not ticked gets an empty one: the engine would
    draw a second frame around it, and paper would not have that.
    """
    width, height = corners[2] - corners[0], corners[3] - corners[1]
    if on_states(box):
        drawn = box["/AP"].get("/N")
        if isinstance(drawn, pikepdf.Dictionary) and "/Off" not in drawn:
            drawn["/Off"] = _look(pdf, width, height, b"")
        return
    states = pikepdf.Dictionary()
    states["/" + value] = _look(pdf, width, height, _cross(width, height))
    states["/Off"] = _look(pdf, width, height, b"")
    box["/AP"] = pikepdf.Dictionary(N=states)
    box["/AS"] = pikepdf.Name("/Off")


def _cross(width: float, height: float) -> bytes:
    left, right = _INSET * width, (1 - _INSET) * width
    low, high = _INSET * height, (1 - _INSET) * height
    lines = f"{left:.2f} {low:.2f} m {right:.2f} {high:.2f} l "
    lines += f"{left:.2f} {high:.2f} m {right:.2f} {low:.2f} l S"
    return f"q 0 G {max(min(width, height) / 9, 0.7):.2f} w {lines} Q".encode()


def _look(
    pdf: pikepdf.Pdf, width: float, height: float, content: bytes
) -> pikepdf.Stream:
    return pdf.make_stream(
        content,
        Type=pikepdf.Name("/XObject"),
        Subtype=pikepdf.Name("/Form"),
        BBox=pikepdf.Array([0, 0, round(width, 2), round(height, 2)]),
    )

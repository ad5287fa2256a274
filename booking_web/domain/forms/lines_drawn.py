# SPDX-License-Identifier: AGPL-3.0-or-later
"""The straight lines and frames that a page draws.

An importer of pypdfium2; run it in a process of its own: the bytes are a stranger's.
"""

import ctypes
import math
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from booking_web.domain.forms.description import Rectangle
from booking_web.domain.forms.geometry import Sheet
from booking_web.domain.forms.guides import (
    BOX_SIDES,
    CELL_HEIGHTS,
    CELL_WIDTHS,
    Guides,
    Line,
    guides_of,
)

MAX_OBJECTS = 20_000
# All cells of a form may be one shape.
MAX_SEGMENTS = 4_000
MAX_DEPTH = 4
# A bar that is no thicker is a line; what leans no more than that stands or lies.
THICKEST = 2.5
STRAIGHT = 0.6
LEANING = 0.01
SHORTEST = 2.0
# A circle is four curves of three points each, from where it begins; some close it once more.
CURVES = (13, 14)
# So much of its radius it may be from round.
OVAL = 0.03
# What is as light as that, of 255, is paper or a tint to write upon.
LIGHTEST_INK = 185

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]
# The points of a shape, and whether it is filled with more than a tint.
Shape = tuple[list[Point], bool]
_SAME: Matrix = (1, 0, 0, 1, 0, 0)


def guides_on(page: pypdfium2.PdfPage, sheet: Sheet) -> Guides:
    """Give the guides of a page."""
    lying: list[Line] = []
    standing: list[Line] = []
    frames: list[Rectangle] = []
    cells: list[Rectangle] = []
    for points, is_ink in _shapes(page.raw):
        frame = _frame(points, sheet)
        if frame is not None and _is_line(frame, lying, standing):
            continue
        if is_ink:
            # A bullet, a badge, a piece of a logo: nobody writes upon it, nor along it.
            continue
        if frame is not None:
            frames.append(frame)
        cell = _open_cell([sheet.seen((*each, *each)) for each in points])
        if cell is not None:
            cells.append(cell)
            lying.append(Line(cell.bottom, cell.x, cell.right))
            continue
        for start, end in zip(points, points[1:]):
            _add(sheet.seen((*start, *end)), lying, standing)
    return guides_of(lying, standing, frames, cells)


def _add(drawn: Rectangle, lying: list[Line], standing: list[Line]) -> None:
    if _is_straight(drawn.height, drawn.width):
        lying.append(Line(drawn.y, drawn.x, drawn.right))
    elif _is_straight(drawn.width, drawn.height):
        standing.append(Line(drawn.x, drawn.y, drawn.bottom))


def _is_straight(across: float, along: float) -> bool:
    return across <= max(STRAIGHT, LEANING * along) and along >= SHORTEST


def _open_cell(corners: list[Rectangle]) -> Rectangle | None:
    """Give the cell that a shape without a lid is: down, across, and up again."""
    if len(corners) != 4:
        return None
    first, base, end, last = corners
    is_open = (
        abs(first.x - base.x) <= STRAIGHT
        and abs(end.x - last.x) <= STRAIGHT
        and abs(base.y - end.y) <= STRAIGHT
        and abs(first.y - last.y) <= STRAIGHT
        and first.y < base.y
    )
    x, width = min(base.x, end.x), abs(end.x - base.x)
    height = base.y - first.y
    is_cell = (
        CELL_WIDTHS[0] <= width <= CELL_WIDTHS[1]
        and CELL_HEIGHTS[0] <= height <= CELL_HEIGHTS[1]
    )
    if not is_open or not is_cell:
        return None
    return Rectangle(x, first.y, round(width, 2), round(height, 2))


def _is_line(frame: Rectangle, lying: list[Line], standing: list[Line]) -> bool:
    """Keep a thin bar as the line that it is; tell whether it was one."""
    if frame.height <= THICKEST and frame.height < frame.width:
        lying.append(Line(frame.y + frame.height / 2, frame.x, frame.right))
        return True
    if frame.width <= THICKEST:
        standing.append(Line(frame.x + frame.width / 2, frame.y, frame.bottom))
        return True
    return False


def _frame(points: list[Point], sheet: Sheet) -> Rectangle | None:
    """Give the rectangle that a shape is, if it is one."""
    corners = {(round(x, 1), round(y, 1)) for x, y in points}
    across, up = {x for x, _ in corners}, {y for _, y in corners}
    if len(corners) != 4 or len(across) != 2 or len(up) != 2:
        return None
    return sheet.seen((min(across), min(up), max(across), max(up)))


def _shapes(page: Any) -> Iterator[Shape]:
    left = [MAX_OBJECTS]
    for index in range(min(pdfium.FPDFPage_CountObjects(page), MAX_OBJECTS)):
        yield from _of_object(pdfium.FPDFPage_GetObject(page, index), _SAME, 0, left)


def _of_object(
    item: Any, outer: Matrix, depth: int, left: list[int]
) -> Iterator[Shape]:
    left[0] -= 1
    if left[0] < 0:
        return
    kind = pdfium.FPDFPageObj_GetType(item)
    if kind == pdfium.FPDF_PAGEOBJ_PATH:
        is_ink = _is_ink(item)
        matrix = _product(_matrix(item), outer)
        if circle := _around_circle(item, matrix):
            yield circle, is_ink
        for points in _of_path(item, matrix):
            yield points, is_ink
    elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < MAX_DEPTH:
        inner = _product(_matrix(item), outer)
        for index in range(min(pdfium.FPDFFormObj_CountObjects(item), MAX_OBJECTS)):
            within = pdfium.FPDFFormObj_GetObject(item, index)
            yield from _of_object(within, inner, depth + 1, left)


def _is_ink(path: Any) -> bool:
    """Tell whether a shape is filled with a colour upon which nobody could read writing."""
    mode, is_stroked = ctypes.c_int(), ctypes.c_int()
    if not pdfium.FPDFPath_GetDrawMode(
        path, ctypes.byref(mode), ctypes.byref(is_stroked)
    ):
        return False
    parts = [ctypes.c_uint() for _ in range(4)]
    if mode.value == 0 or not pdfium.FPDFPageObj_GetFillColor(
        path, *map(ctypes.byref, parts)
    ):
        return False
    red, green, blue, opacity = (each.value for each in parts)
    # As bright as the eye sees it (ITU-R BT.601), on white paper.
    bright = 0.299 * red + 0.587 * green + 0.114 * blue
    return 255 - (255 - bright) * opacity / 255 < LIGHTEST_INK


def _of_path(path: Any, matrix: Matrix) -> Iterator[list[Point]]:
    count = pdfium.FPDFPath_CountSegments(path)
    if not 2 <= count <= MAX_SEGMENTS:
        return
    points: list[Point] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(path, index)
        pdfium.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        kind = pdfium.FPDFPathSegment_GetType(segment)
        point = _moved((x.value, y.value), matrix)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            if len(points) > 1:
                yield points
            points = [point]
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            points.append(point)
        else:
            # A curve: the lines on both of its sides are apart.
            if len(points) > 1:
                yield points
            points = [point]
        if pdfium.FPDFPathSegment_GetClose(segment) and len(points) > 1:
            points.append(points[0])
    if len(points) > 1:
        yield points


def _around_circle(path: Any, matrix: Matrix) -> list[Point]:
    """Give the square around a circle, whose curves have their handles on it; or nothing."""
    count = pdfium.FPDFPath_CountSegments(path)
    if not CURVES[0] <= count <= CURVES[1]:
        return []
    x, y = ctypes.c_float(), ctypes.c_float()
    points = []
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(path, index)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if index > 0 and kind != pdfium.FPDF_SEGMENT_BEZIERTO:
            return []
        pdfium.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        points.append(_moved((x.value, y.value), matrix))
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    low, high = min(y for _, y in points), max(y for _, y in points)
    middle, radius = ((left + right) / 2, (low + high) / 2), (right - left) / 2
    # The hollow of a letter that leans is as wide as high, and longer one way across.
    is_round = abs((right - left) - (high - low)) <= STRAIGHT and all(
        abs(math.dist(each, middle) - radius) <= OVAL * radius for each in points[::3]
    )
    if not is_round or not BOX_SIDES[0] <= right - left <= BOX_SIDES[1]:
        return []
    return [(left, low), (right, low), (right, high), (left, high), (left, low)]


def _matrix(item: Any) -> Matrix:
    found = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(item, ctypes.byref(found)):
        return _SAME
    return (found.a, found.b, found.c, found.d, found.e, found.f)


def _product(inner: Matrix, outer: Matrix) -> Matrix:
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (
        *(a * p + b * r, a * q + b * s),
        *(c * p + d * r, c * q + d * s),
        *(e * p + f * r + t, e * q + f * s + u),
    )


def _moved(point: Point, matrix: Matrix) -> Point:
    a, b, c, d, e, f = matrix
    x, y = point
    return a * x + c * y + e, b * x + d * y + f

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The straight lines and frames that a page draws.

An importer of pypdfium2; run it in a process of its own: the bytes are a stranger's.
"""

import ctypes
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from booking_web.domain.forms.description import Rectangle
from booking_web.domain.forms.geometry import Sheet
from booking_web.domain.forms.guides import Guides, Line, guides_of

MAX_OBJECTS = 20_000
MAX_SEGMENTS = 200
MAX_DEPTH = 4
# A bar that is no thicker is a line; what leans no more than that stands or lies.
THICKEST = 2.5
STRAIGHT = 0.6
SHORTEST = 2.0

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]
_SAME: Matrix = (1, 0, 0, 1, 0, 0)


def guides_on(page: pypdfium2.PdfPage, sheet: Sheet) -> Guides:
    """Give the guides of a page."""
    lying: list[Line] = []
    standing: list[Line] = []
    frames: list[Rectangle] = []
    for points in _shapes(page.raw):
        frame = _frame(points, sheet)
        if frame is not None and _is_line(frame, lying, standing):
            continue
        if frame is not None:
            frames.append(frame)
        for start, end in zip(points, points[1:]):
            _add(sheet.seen((*start, *end)), lying, standing)
    return guides_of(lying, standing, frames)


def _add(drawn: Rectangle, lying: list[Line], standing: list[Line]) -> None:
    if drawn.height <= STRAIGHT and drawn.width >= SHORTEST:
        lying.append(Line(drawn.y, drawn.x, drawn.right))
    elif drawn.width <= STRAIGHT and drawn.height >= SHORTEST:
        standing.append(Line(drawn.x, drawn.y, drawn.bottom))


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


def _shapes(page: Any) -> Iterator[list[Point]]:
    left = [MAX_OBJECTS]
    for index in range(min(pdfium.FPDFPage_CountObjects(page), MAX_OBJECTS)):
        yield from _of_object(pdfium.FPDFPage_GetObject(page, index), _SAME, 0, left)


def _of_object(
    item: Any, outer: Matrix, depth: int, left: list[int]
) -> Iterator[list[Point]]:
    left[0] -= 1
    if left[0] < 0:
        return
    kind = pdfium.FPDFPageObj_GetType(item)
    if kind == pdfium.FPDF_PAGEOBJ_PATH:
        yield from _of_path(item, _product(_matrix(item), outer))
    elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < MAX_DEPTH:
        inner = _product(_matrix(item), outer)
        for index in range(min(pdfium.FPDFFormObj_CountObjects(item), MAX_OBJECTS)):
            within = pdfium.FPDFFormObj_GetObject(item, index)
            yield from _of_object(within, inner, depth + 1, left)


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

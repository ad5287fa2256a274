# SPDX-License-Identifier: AGPL-3.0-or-later
"""The lines of a page to which what is placed on it aligns, as a person sees them.

Pure: what is drawn comes from `lines_drawn`. Measures are those of `description`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from booking_web.domain.forms.description import Rectangle

# What lies so near is one line: pieces of a dashed one, the two edges of a thin bar.
TOGETHER = 1.2
DASH = 4.0
SHORTEST = 6.0
SNAP = 4.0
BOX_SIDES = (5.0, 20.0)
FEWEST_CELLS = 2
CELL_WIDTHS = (6.0, 40.0)
CELL_HEIGHTS = (2.0, 32.0)
# A frame's corners may be as round as that.
ROUNDEST = 14.0
# How high a line of writing is.
WRITING = 14.0


@dataclass(frozen=True)
class Line:
    """A line at `at` (y of one that lies, x of one that stands), from start to end."""

    at: float
    start: float
    end: float

    @property
    def length(self) -> float:
        """Give its length."""
        return self.end - self.start


@dataclass(frozen=True)
class Comb:
    """Cells in a row, each for one letter."""

    rectangle: Rectangle
    cells: int


@dataclass(frozen=True)
class Guides:
    """The lines of one page."""

    lying: tuple[Line, ...] = ()
    standing: tuple[Line, ...] = ()
    frames: tuple[Rectangle, ...] = ()
    combs: tuple[Comb, ...] = ()


def guides_of(
    lying: Iterable[Line],
    standing: Iterable[Line],
    frames: Iterable[Rectangle],
    cells: Iterable[Rectangle] = (),
) -> Guides:
    """Give the guides of what is drawn: lines in one piece, frames, rows of cells.

    `cells` are those that stand open, each drawn by itself.
    """
    across, upright = _joined(lying), _joined(standing)
    drawn = list(dict.fromkeys(frames))
    whole = drawn + _frames_of_lines(across, upright)
    framed = [part for each in whole for part in _parted(each, across, upright)]
    combs = _combs_of_cells(list(cells), upright)
    combs += [
        each
        for each in _combs_of_boxes(framed)
        if not _is_in_comb(each.rectangle, combs)
    ]
    combs += [
        each
        for each in _combs_of_strokes(across, upright)
        if not _is_in_comb(each.rectangle, combs)
    ]
    kept = [each for each in framed if not _is_in_comb(each, combs)]
    return Guides(tuple(across), tuple(upright), tuple(_distinct(kept)), tuple(combs))


def snapped(wanted: Rectangle, guides: Guides, within: float = SNAP) -> Rectangle:
    """Give a rectangle whose edges lie on the lines that they are near to."""
    rows = [each.at for each in guides.lying if _meets(each, wanted.x, wanted.right)]
    columns = [
        each.at for each in guides.standing if _meets(each, wanted.y, wanted.bottom)
    ]
    for frame in guides.frames:
        rows += [frame.y, frame.bottom]
        columns += [frame.x, frame.right]
    x, right = (_nearest(each, columns, within) for each in (wanted.x, wanted.right))
    y, bottom = (_nearest(each, rows, within) for each in (wanted.y, wanted.bottom))
    if right - x < 1 or bottom - y < 1:
        return wanted
    return Rectangle(x, y, round(right - x, 2), round(bottom - y, 2))


def _nearest(value: float, lines: Sequence[float], within: float) -> float:
    near = [each for each in lines if abs(each - value) <= within]
    return min(near, key=lambda each: abs(each - value)) if near else value


def _meets(line: Line, start: float, end: float) -> bool:
    return min(line.end, end) - max(line.start, start) > -SNAP


def _joined(lines: Iterable[Line]) -> list[Line]:
    joined: list[Line] = []
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda each: each.at):
        if rows and line.at - rows[-1][0].at <= TOGETHER:
            rows[-1].append(line)
        else:
            rows.append([line])
    for row in rows:
        at = round(sum(each.at for each in row) / len(row), 2)
        current: Line | None = None
        for line in sorted(row, key=lambda each: each.start):
            if current is not None and line.start - current.end <= DASH:
                current = Line(at, current.start, max(current.end, line.end))
                continue
            if current is not None:
                joined.append(current)
            current = Line(at, line.start, line.end)
        if current is not None:
            joined.append(current)
    return [each for each in joined if each.length >= SHORTEST / 2]


def _frames_of_lines(lying: list[Line], standing: list[Line]) -> list[Rectangle]:
    """Give what four lines enclose: each lying line with the next of its length."""
    frames = []
    for number, top in enumerate(lying):
        for bottom in lying[number + 1 :]:
            if bottom.at - top.at < SHORTEST / 2:
                continue
            if abs(top.start - bottom.start) > 2 or abs(top.end - bottom.end) > 2:
                continue
            left = _side(standing, top, bottom, top.start, -1)
            right = _side(standing, top, bottom, top.end, 1)
            if left is not None and right is not None:
                height = round(bottom.at - top.at, 2)
                frames.append(Rectangle(left, top.at, round(right - left, 2), height))
            break
    return frames


def _parted(
    frame: Rectangle, lying: list[Line], standing: list[Line]
) -> list[Rectangle]:
    """Give the cells of a table: a frame is parted by the lines that go across it."""
    if frame.width < CELL_WIDTHS[1] or frame.height < SHORTEST:
        return [frame]
    rows = [
        each.at
        for each in lying
        if frame.y + SNAP < each.at < frame.bottom - SNAP
        and each.start <= frame.x + 2
        and each.end >= frame.right - 2
    ]
    edges = [frame.y, *rows, frame.bottom]
    parts = [
        Rectangle(frame.x, round(top, 2), frame.width, round(bottom - top, 2))
        for top, bottom in zip(edges, edges[1:])
    ]
    return [cell for part in parts for cell in _columns_of(part, lying, standing)]


def _columns_of(
    part: Rectangle, lying: list[Line], standing: list[Line]
) -> list[Rectangle]:
    columns = [
        each.at
        for each in standing
        if part.x + SNAP < each.at < part.right - SNAP
        and each.start <= part.y + 2
        and each.end >= part.bottom - 2
    ]
    if not columns:
        return [part]
    edges = [part.x, *columns, part.right]
    cells = [
        Rectangle(round(left, 2), part.y, round(right - left, 2), part.height)
        for left, right in zip(edges, edges[1:])
    ]
    # Narrow ones are those of letters, or have a box to tick in them.
    wide = [each for each in cells if each.width > CELL_WIDTHS[1]]
    if not wide:
        return [part]
    # A column may have rows of its own.
    return [each for cell in wide for each in _parted(cell, lying, standing)]


def _side(
    standing: list[Line], top: Line, bottom: Line, x: float, outwards: int
) -> float | None:
    """Give where a side of a frame stands: at the end of both lines, or behind a round corner."""
    for each in standing:
        beside = (each.at - x) * outwards
        corner = beside if 2 < beside <= ROUNDEST else 0
        over, under = each.start - top.at, bottom.at - each.end
        if abs(beside) <= 2 and max(over, under) <= 2:
            return x
        if corner and corner / 2 <= min(over, under) <= max(over, under) <= 2 * corner:
            return each.at
    return None


def _combs_of_cells(cells: list[Rectangle], standing: list[Line]) -> list[Comb]:
    """Give the rows of open cells, of one too; a line of a table parts two rows."""
    combs: list[Comb] = []
    row: list[Rectangle] = []
    for cell in sorted(cells, key=lambda each: (round(each.bottom), each.x)):
        if row and not _goes_on(row[-1], cell, standing):
            combs.append(_open_comb(row))
            row = []
        row.append(cell)
    return [*combs, _open_comb(row)] if row else combs


def _goes_on(last: Rectangle, cell: Rectangle, standing: list[Line]) -> bool:
    is_next = (
        abs(last.bottom - cell.bottom) <= TOGETHER
        and abs(last.width - cell.width) <= 2
        and -1 <= cell.x - last.right <= DASH
    )
    return is_next and not any(
        last.right - 1 <= each.at <= cell.x + 1
        and each.length > CELL_HEIGHTS[1]
        and each.start < cell.y
        and each.end > cell.bottom
        for each in standing
    )


def _open_comb(row: list[Rectangle]) -> Comb:
    first, last = row[0], row[-1]
    height = max(first.height, WRITING)
    place = Rectangle(
        first.x,
        round(first.bottom - height, 2),
        round(last.right - first.x, 2),
        height,
    )
    return Comb(place, len(row))


def _combs_of_boxes(frames: list[Rectangle]) -> list[Comb]:
    """Give the rows of cells of one size that stand side by side."""
    cells = sorted(
        (
            each
            for each in frames
            if CELL_WIDTHS[0] <= each.width <= CELL_WIDTHS[1]
            and SHORTEST <= each.height <= CELL_HEIGHTS[1]
        ),
        key=lambda each: (round(each.y), each.x),
    )
    combs: list[Comb] = []
    row: list[Rectangle] = []
    for cell in cells:
        if row and _follows(row[-1], cell):
            row.append(cell)
            continue
        combs += _comb(row)
        row = [cell]
    return combs + _comb(row)


def _follows(last: Rectangle, cell: Rectangle) -> bool:
    return (
        abs(last.y - cell.y) <= TOGETHER
        and abs(last.width - cell.width) <= 2
        and -1 <= cell.x - last.right <= 3
    )


def _comb(row: list[Rectangle]) -> list[Comb]:
    if len(row) < FEWEST_CELLS:
        return []
    first, last = row[0], row[-1]
    whole = Rectangle(first.x, first.y, round(last.right - first.x, 2), first.height)
    return [Comb(whole, len(row))]


def _combs_of_strokes(lying: list[Line], standing: list[Line]) -> list[Comb]:
    """Give the lines that are parted by short strokes at equal distances."""
    combs = []
    for base in lying:
        strokes = sorted(
            each.at
            for each in standing
            if CELL_HEIGHTS[0] <= each.length <= CELL_HEIGHTS[1]
            and abs(each.end - base.at) <= 2
            and base.start - 2 <= each.at <= base.end + 2
        )
        for run in _evenly_parted(_single(strokes)):
            run = _with_ends(run, base)
            width = (run[-1] - run[0]) / (len(run) - 1)
            if not CELL_WIDTHS[0] <= width <= CELL_WIDTHS[1]:
                continue
            whole = Rectangle(
                run[0],
                round(base.at - WRITING, 2),
                round(run[-1] - run[0], 2),
                WRITING,
            )
            combs.append(Comb(whole, len(run) - 1))
    return combs


def _single(strokes: list[float]) -> list[float]:
    """Give one stroke for the two that end a cell and begin the next."""
    groups: list[list[float]] = []
    for stroke in strokes:
        if groups and stroke - groups[-1][0] <= DASH:
            groups[-1].append(stroke)
        else:
            groups.append([stroke])
    return [round((each[0] + each[-1]) / 2, 2) for each in groups]


def _with_ends(run: list[float], base: Line) -> list[float]:
    """Give the strokes of a row, and the ends of its line where that alone ends a cell."""
    width = (run[-1] - run[0]) / (len(run) - 1)
    before = [base.start] if abs(run[0] - width - base.start) <= 2 else []
    behind = [base.end] if abs(run[-1] + width - base.end) <= 2 else []
    return [*before, *run, *behind]


def _evenly_parted(strokes: list[float]) -> list[list[float]]:
    """Give the runs of strokes that part cells of one width."""
    runs: list[list[float]] = []
    run: list[float] = []
    for stroke in strokes:
        if len(run) > 1 and abs((stroke - run[-1]) - (run[1] - run[0])) > 2:
            runs.append(run)
            # The last stroke of a run may be the first of the next.
            run = run[-1:] if stroke - run[-1] >= CELL_WIDTHS[0] else []
        run.append(stroke)
    runs.append(run)
    return [each for each in runs if len(each) > FEWEST_CELLS]


def _is_in_comb(frame: Rectangle, combs: list[Comb]) -> bool:
    return any(share(frame, each.rectangle) > 0.8 for each in combs)


def share(inner: Rectangle, outer: Rectangle) -> float:
    """Give the part of the first rectangle that lies in the second, 0 to 1."""
    across = min(inner.right, outer.right) - max(inner.x, outer.x)
    down = min(inner.bottom, outer.bottom) - max(inner.y, outer.y)
    area = inner.width * inner.height
    return max(across, 0) * max(down, 0) / area if area > 0 else 0.0


def _distinct(frames: list[Rectangle]) -> list[Rectangle]:
    kept: list[Rectangle] = []
    for frame in frames:
        if not any(
            share(frame, each) > 0.9 and share(each, frame) > 0.9 for each in kept
        ):
            kept.append(frame)
    return kept

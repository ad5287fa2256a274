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
    lying: Iterable[Line], standing: Iterable[Line], frames: Iterable[Rectangle]
) -> Guides:
    """Give the guides of what is drawn: lines in one piece, frames, rows of cells."""
    across, upright = _joined(lying), _joined(standing)
    drawn = list(dict.fromkeys(frames))
    framed = drawn + _frames_of_lines(across, upright)
    combs = _combs_of_boxes(framed)
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
            if all(
                _stands(standing, x, top.at, bottom.at) for x in (top.start, top.end)
            ):
                frames.append(
                    Rectangle(
                        top.start,
                        top.at,
                        round(top.length, 2),
                        round(bottom.at - top.at, 2),
                    )
                )
            break
    return frames


def _stands(standing: list[Line], x: float, top: float, bottom: float) -> bool:
    return any(
        abs(each.at - x) <= 2 and each.start <= top + 2 and each.end >= bottom - 2
        for each in standing
    )


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
        for run in _evenly_parted(strokes):
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

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is printed of a row: medians and their ratio, as JSON and as a table. Pure."""

from dataclasses import dataclass
from statistics import median

from measure.rows import Figures, Row

COLUMNS = ("row", "n", "ours", "peer", "unit", "ratio", "aim", "ours min..max")


@dataclass(frozen=True)
class Result:
    """A row with its figures, or with the reason why there are none."""

    row: Row
    figures: Figures | None
    error: str = ""
    # True where nobody asked for the row: that is no failure.
    skipped: bool = False

    @property
    def ours(self) -> float | None:
        """Give the median of our runs, in the row's unit."""
        return median(self.figures.ours) if self.figures else None

    @property
    def peer(self) -> float | None:
        """Give the median of the peer's runs; None where there is no peer."""
        return median(self.figures.peer) if self.figures and self.figures.peer else None

    @property
    def ratio(self) -> float | None:
        """Give ours over the peer's: below 1 is better than the peer."""
        if self.ours is None or not self.peer:
            return None
        return self.ours / self.peer

    def as_json(self) -> dict[str, object]:
        """Give the object of `--json`; `error` is there only where something failed."""
        shape: dict[str, object] = {
            "name": self.row.name,
            "ours": _rounded(self.ours),
            "peer": _rounded(self.peer),
            "unit": self.row.unit,
            "ratio": _rounded(self.ratio),
            "aim": self.row.aim,
        }
        if self.error:
            shape["error"] = self.error
        return shape


def table(results: list[Result]) -> str:
    """Return the results as lines of aligned columns, with the notes below."""
    lines = [COLUMNS, *(_cells(result) for result in results)]
    widths = [
        max(len(line[column]) for line in lines) for column in range(len(COLUMNS))
    ]
    text = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
    text.insert(1, "  ".join("-" * width for width in widths))
    for result in results:
        notes = list(result.figures.notes) if result.figures else []
        if result.error:
            notes.append(result.error)
        text += [f"{result.row.name}: {note}" for note in notes]
    return "\n".join(text)


def _cells(result: Result) -> tuple[str, ...]:
    if result.figures is None:
        count, spread = "-", "not run" if result.skipped else "FAILED"
    else:
        ours, peer = result.figures.ours, result.figures.peer
        count = f"{len(ours)}+{len(peer)}" if peer else str(len(ours))
        spread = f"{_number(min(ours))}..{_number(max(ours))}"
    return (
        result.row.name,
        count,
        _number(result.ours),
        _number(result.peer),
        result.row.unit,
        _number(result.ratio),
        result.row.aim,
        spread,
    )


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)

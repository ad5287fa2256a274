# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which of a scanner's options mean what, whatever its vendor calls them. Pure.

SANE fixes few names. The words below are those of the backends in SANE 1.3 and of
sane-airscan; a scanner that offers none of them is used as it comes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from device_bridge.jobs.reasons import Reason
from device_bridge.scanning.scanner import ScannerError, ScanRequest, Source

FEEDER_WORDS = ("adf", "feeder", "automatic document", "sheet")
DUPLEX_WORDS = ("duplex", "both", "recto/verso")
BACK_WORDS = ("back", "rear", "verso")
FLATBED_WORDS = ("flatbed", "platen", "fb", "normal", "glass", "document table")
COLOUR_WORDS = ("color", "colour", "24bit")
GRAY_WORDS = ("gray", "grey")
BINARY_WORDS = ("lineart", "halftone", "black & white", "binary", "error diffusion")
# Options by which some backends ask for both sides apart from the source.
DUPLEX_OPTIONS = ("adf_mode", "duplex", "adf_duplex")
A4_MM = (210.0, 297.0)
UNIT_MM = 3


@dataclass(frozen=True, slots=True)
class Offered:
    """One option of the device: its constraint is a list, a range or None."""

    constraint: Any = None
    unit: int = 0

    @property
    def choices(self) -> Sequence[Any]:
        """Give the values that the device lists, none if it lists none."""
        return self.constraint if isinstance(self.constraint, list) else ()


Options = Mapping[str, Offered]


def choose_sources(options: Options, request: ScanRequest) -> list[tuple[Source, str]]:
    """Give what to try, in order, as source and the device's own word ("" for none).

    Raises ScannerError with NO_FEEDER when only a feeder would do and there is none.
    """
    offered = options.get("source")
    if offered is None or not offered.choices:
        # One way in only; what it is cannot be known.
        return [(request.source, "")]
    feeder = _feeder(offered.choices, request.duplex)
    flatbed = _first(offered.choices, FLATBED_WORDS, FEEDER_WORDS)
    found = []
    if feeder and request.source in (Source.AUTO, Source.FEEDER):
        found.append((Source.FEEDER, feeder))
    if flatbed and request.source in (Source.AUTO, Source.FLATBED):
        found.append((Source.FLATBED, flatbed))
    if found:
        return found
    if request.source is Source.FEEDER:
        raise ScannerError(Reason.NO_FEEDER)
    return [(request.source, str(offered.choices[0]))]


def choose_values(
    options: Options, request: ScanRequest, source: Source
) -> dict[str, Any]:
    """Give the values to set before a scan, mode first since it changes the others."""
    values: dict[str, Any] = {}
    mode = choose_mode(options, request.colour)
    if mode is not None:
        values["mode"] = mode
    if 8 in options.get("depth", Offered()).choices:
        values["depth"] = 8
    resolution = choose_resolution(options, request.resolution_dpi)
    if resolution is not None:
        values["resolution"] = resolution
    if request.duplex and source is Source.FEEDER:
        values.update(_duplex(options))
    values.update(choose_area(options, request, source))
    return values


def choose_mode(options: Options, is_colour: bool) -> str | None:
    """Give the device's word for colour or gray."""
    choices = options.get("mode", Offered()).choices
    wanted = COLOUR_WORDS if is_colour else GRAY_WORDS
    avoided = BINARY_WORDS if is_colour else BINARY_WORDS + COLOUR_WORDS
    other = GRAY_WORDS if is_colour else COLOUR_WORDS
    return _first(choices, wanted, avoided) or _first(choices, other, BINARY_WORDS)


def choose_resolution(options: Options, wanted: int) -> float | None:
    """Give the nearest resolution that the device has, the finer of two as near."""
    constraint = options.get("resolution", Offered()).constraint
    if isinstance(constraint, list) and constraint:
        nearest: float = min(constraint, key=lambda each: (abs(each - wanted), -each))
        return nearest
    if isinstance(constraint, tuple):
        low, high = constraint[0], constraint[1]
        return float(min(max(wanted, low), high))
    return float(wanted) if "resolution" in options else None


def choose_area(
    options: Options, request: ScanRequest, source: Source
) -> dict[str, float]:
    """Give the corners in the device's millimetres, never more than it can."""
    corners = [options.get(name) for name in ("tl_x", "tl_y", "br_x", "br_y")]
    if any(corner is None or corner.unit != UNIT_MM for corner in corners):
        return {}
    width, height = request.area_mm or A4_MM
    # A sheet in the feeder may be longer than it should: what is offered is taken.
    if request.area_mm is None and source is Source.FLATBED:
        width = height = float("inf")
    right, bottom = options["br_x"].constraint, options["br_y"].constraint
    values: dict[str, float] = {}
    if "page_width" in options and source is Source.FEEDER:
        values.update(page_width=width, page_height=height)
    values.update(tl_x=0.0, tl_y=0.0)
    for name, wanted, limits in (("br_x", width, right), ("br_y", height, bottom)):
        most = limits[1] if isinstance(limits, tuple) else max(limits or [wanted])
        if min(wanted, most) != float("inf"):
            values[name] = float(min(wanted, most))
    return values


def _feeder(choices: Sequence[Any], is_duplex: bool) -> str | None:
    if is_duplex:
        for choice in choices:
            if _has(choice, DUPLEX_WORDS) and not _has(choice, FLATBED_WORDS):
                return str(choice)
    simple = DUPLEX_WORDS + BACK_WORDS
    found = _first(choices, FEEDER_WORDS, simple)
    return found or _first(choices, FEEDER_WORDS, BACK_WORDS)


def _duplex(options: Options) -> dict[str, Any]:
    for name in DUPLEX_OPTIONS:
        if name in options:
            choice = _first(options[name].choices, DUPLEX_WORDS, ())
            return {name: choice if choice is not None else 1}
    return {}


def _first(
    choices: Sequence[Any], wanted: tuple[str, ...], avoided: tuple[str, ...]
) -> str | None:
    for choice in choices:
        if _has(choice, wanted) and not _has(choice, avoided):
            return str(choice)
    return None


def _has(choice: Any, words: tuple[str, ...]) -> bool:
    text = str(choice).casefold()
    return any(word in text for word in words)

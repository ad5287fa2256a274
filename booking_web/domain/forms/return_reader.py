# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has marks printed and scans looked at in processes of their own; any thread may call it.

The key that seals the marks stays on this side: no process that opens a stranger's file
has it. A long scan is looked at in portions, each by a process of its own.
"""

import json
import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeVar

from booking_web.base.own_process import memory_file
from booking_web.domain.forms.description import FieldKind, FormDescription, Rectangle
from booking_web.domain.forms.form_process import FormProcess
from booking_web.domain.forms.mark import Mark, Printing, sealed
from booking_web.domain.forms.named_page_seen import NamedPageSeen
from booking_web.domain.forms.page_taken import PageTaken
from booking_web.domain.forms.pages_seen import PageSeen
from booking_web.domain.forms.returned_pages import PageNamed
from booking_web.domain.forms.signature_seen import SignatureState, ZoneAsked

Item = TypeVar("Item")
Found = TypeVar("Found")
# A page takes its process some 0.3 s, a bad one four times that; it may use 12 s.
PORTION = 6
# Processes that look at one scan.
AT_ONCE = 2


@dataclass(frozen=True)
class MarkedForm:
    """The PDF that goes to the printer; `codes` are where the marks stand, page by page.

    None stands for a page that has no white room: it is printed without a mark.
    """

    pdf: bytes
    codes: tuple[Rectangle | None, ...]


@dataclass(frozen=True)
class ZoneSeen:
    """A zone to be signed, of a scanned page counted from 1; `place` is its key."""

    scanned: int
    place: str
    state: SignatureState


class ReturnReader:
    """Marks what is printed, and reads what came back. Make it after a fork, not before."""

    def __init__(self) -> None:
        self._process = FormProcess()

    def with_marks(
        self, pdf: bytes, description: FormDescription, printing: Printing, key: bytes
    ) -> MarkedForm:
        """Give an unsigned final PDF with a mark on each page, for the printer.

        Raises FormRefused, EngineUnavailable, or ValueError where a number is too large
        for a mark.
        """
        marks = [Mark(printing, page) for page in range(1, printing.pages + 1)]
        wanted = {
            "marks": [(sealed(each, key).hex(), *each.readable) for each in marks],
            "kept_free": _signature_zones(description),
        }
        with (
            memory_file("final", pdf) as final,
            memory_file("marks", json.dumps(wanted).encode()) as given,
            memory_file("marked") as target,
            memory_file("places") as told,
        ):
            self._process.work({"work": "print_marks"}, [final, given, target, told])
            places = tuple(
                Rectangle(**each) if each else None for each in json.load(told)
            )
            return MarkedForm(target.read(), places)

    def look_at(
        self,
        scan: bytes,
        pages: int,
        tell: Callable[[int], None] = lambda count: None,
    ) -> list[PageSeen]:
        """Tell what is seen on each page of a scan: a PDF, or a JPEG, PNG or TIFF picture.

        `tell` hears how many pages were seen so far. Raises FormRefused or
        EngineUnavailable.
        """

        def look(portion: Sequence[int]) -> list[PageSeen]:
            order = {"work": "look_at", "pages": list(portion)}
            with memory_file("scan", scan) as file, memory_file("seen") as told:
                self._process.work(order, [file, told])
                return [PageSeen.from_json(each) for each in json.load(told)]

        seen: list[PageSeen] = []
        for portion, found in _side_by_side(look, range(1, pages + 1)):
            seen += found
            tell(portion[-1])
        return seen

    def signatures(
        self,
        scan: bytes,
        marked: MarkedForm,
        description: FormDescription,
        pages: Sequence[PageNamed],
    ) -> list[ZoneSeen]:
        """Tell which signature zones are signed, of those pages of a scan that bear marks.

        `marked` is what was printed. Raises FormRefused or EngineUnavailable.
        """

        def look(portion: Sequence[list[ZoneAsked]]) -> dict[str, str]:
            zones = [asdict(each) for its in portion for each in its]
            plain = json.dumps(zones).encode()
            with (
                memory_file("scan", scan) as file,
                memory_file("printed", marked.pdf) as printed,
                memory_file("zones", plain) as given,
                memory_file("told") as told,
            ):
                order = {"work": "look_for_signatures"}
                self._process.work(order, [file, printed, given, told])
                states: dict[str, str] = json.load(told)
                return states

        asked = _zones_asked(marked, description, pages)
        seen: list[ZoneSeen] = []
        for portion, states in _side_by_side(look, _page_by_page(asked)):
            seen += [
                ZoneSeen(each.scanned, each.place, SignatureState(states[each.key]))
                for its in portion
                for each in its
            ]
        return seen

    def named_page(
        self,
        scan: bytes,
        scanned: int,
        marked: MarkedForm,
        description: FormDescription,
        page: int,
        turn: int,
    ) -> NamedPageSeen:
        """Tell how a page stands of which a person said which it is and how it is turned.

        Raises FormRefused or EngineUnavailable.
        """
        zones = signature_places(description, page)
        wanted = {
            "scanned": scanned,
            "page": page,
            "turn": turn,
            "zones": {key: asdict(each) for key, each in zones.items()},
        }
        with (
            memory_file("scan", scan) as file,
            memory_file("printed", marked.pdf) as printed,
            memory_file("named", json.dumps(wanted).encode()) as given,
            memory_file("told") as told,
        ):
            order = {"work": "look_at_named"}
            self._process.work(order, [file, printed, given, told])
            seen = json.load(told)
        states = {key: SignatureState(each) for key, each in seen["states"].items()}
        return NamedPageSeen(states, seen["turn"], seen["askew"])

    def assemble(self, sources: Sequence[bytes], pages: Sequence[PageTaken]) -> bytes:
        """Give one PDF of pages of several, upright and in this order.

        Raises FormRefused or EngineUnavailable.
        """
        wanted = {
            "lengths": [len(each) for each in sources],
            "pages": [asdict(each) for each in pages],
        }
        with (
            memory_file("sources", b"".join(sources)) as whole,
            memory_file("pages", json.dumps(wanted).encode()) as given,
            memory_file("made") as target,
        ):
            self._process.work({"work": "assemble"}, [whole, given, target])
            return target.read()


def signature_places(description: FormDescription, page: int) -> dict[str, Rectangle]:
    """Give the places of a page that are to be signed by hand, by their keys."""
    return {
        place.key: place.rectangle
        for field in description.fields
        if field.kind is FieldKind.SIGNATURE
        for place in field.places
        if place.page == page
    }


def _side_by_side(
    look: Callable[[Sequence[Item]], Found], items: Sequence[Item]
) -> Iterator[tuple[Sequence[Item], Found]]:
    """Give each portion with what `look` finds in it, in order; two are looked at at once."""
    at_once = min(AT_ONCE, len(os.sched_getaffinity(0)))
    portions = list(_portions(items, at_once))
    if len(portions) < 2 or at_once < 2:
        yield from ((each, look(each)) for each in portions)
        return
    with ThreadPoolExecutor(at_once) as threads:
        yield from zip(portions, threads.map(look, portions))


def _portions(items: Sequence[Item], at_once: int) -> Iterator[Sequence[Item]]:
    """Give portions of one size, no fewer than can be worked on at once."""
    count = max(math.ceil(len(items) / PORTION), min(len(items), at_once))
    size = math.ceil(len(items) / count) if count else 1
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _page_by_page(asked: Sequence[ZoneAsked]) -> list[list[ZoneAsked]]:
    """Put the zones of a scanned page together: it is opened once for all of them."""
    return [list(its) for _, its in groupby(asked, key=attrgetter("scanned"))]


def _zones_asked(
    marked: MarkedForm, description: FormDescription, pages: Sequence[PageNamed]
) -> list[ZoneAsked]:
    asked: list[ZoneAsked] = []
    for field in description.fields:
        for place in field.places if field.kind is FieldKind.SIGNATURE else ():
            code = marked.codes[place.page - 1]
            asked += [
                ZoneAsked(
                    each.scanned,
                    place.key,
                    each.code.corners,
                    place.page,
                    code,
                    place.rectangle,
                )
                for each in pages
                if each.mark and each.code and code and each.mark.page == place.page
            ]
    return sorted(asked, key=lambda each: each.scanned)


def _signature_zones(description: FormDescription) -> dict[str, list[dict[str, Any]]]:
    """Give where people will write by hand, page by page."""
    zones: dict[str, list[dict[str, Any]]] = {}
    for field in description.fields:
        if field.kind is FieldKind.SIGNATURE:
            for place in field.places:
                zones.setdefault(str(place.page), []).append(asdict(place.rectangle))
    return zones

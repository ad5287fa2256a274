# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has marks printed and scans looked at in processes of their own; any thread may call it.

The key that seals the marks stays on this side: no process that opens a stranger's file
has it.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

from booking_web.base.own_process import memory_file
from booking_web.domain.forms.description import FieldKind, FormDescription, Rectangle
from booking_web.domain.forms.form_process import FormProcess
from booking_web.domain.forms.mark import Mark, Printing, sealed
from booking_web.domain.forms.pages_seen import PageSeen
from booking_web.domain.forms.returned_pages import Returned, sort_out
from booking_web.domain.forms.signature_seen import SignatureState, ZoneAsked


@dataclass(frozen=True)
class MarkedForm:
    """The PDF that goes to the printer; `codes` are where the marks stand, page by page."""

    pdf: bytes
    codes: tuple[Rectangle, ...]


class ReturnReader:
    """Marks what is printed, and reads what came back. Make it after a fork, not before."""

    def __init__(self) -> None:
        self._process = FormProcess()

    def with_marks(
        self, pdf: bytes, description: FormDescription, printing: Printing, key: bytes
    ) -> MarkedForm:
        """Give an unsigned final PDF with a mark on each page, for the printer.

        Raises FormRefused (NO_ROOM_FOR_MARK), EngineUnavailable, or ValueError where a
        number is too large for a mark.
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
            places = tuple(Rectangle(**each) for each in json.load(told))
            return MarkedForm(target.read(), places)

    def returned(self, scan: bytes, printing: Printing, key: bytes) -> Returned:
        """Tell what each page of a scan is: a PDF, or a JPEG, PNG or TIFF picture.

        Raises FormRefused or EngineUnavailable.
        """
        with memory_file("scan", scan) as file, memory_file("seen") as told:
            self._process.work({"work": "look_at"}, [file, told])
            seen = [PageSeen.from_json(each) for each in json.load(told)]
        return sort_out(seen, printing, key)

    def signatures(
        self,
        scan: bytes,
        marked: MarkedForm,
        description: FormDescription,
        returned: Returned,
    ) -> dict[str, SignatureState]:
        """Tell which signature zones of the pages that came back are signed, by place.

        A zone whose page is missing is left out. Raises FormRefused or EngineUnavailable.
        """
        asked = _zones_asked(marked, description, returned)
        with (
            memory_file("scan", scan) as file,
            memory_file("printed", marked.pdf) as printed,
            memory_file("zones", json.dumps(asked).encode()) as given,
            memory_file("told") as told,
        ):
            order = {"work": "look_for_signatures"}
            self._process.work(order, [file, printed, given, told])
            states = json.load(told)
            return {key: SignatureState(state) for key, state in states.items()}


def _zones_asked(
    marked: MarkedForm, description: FormDescription, returned: Returned
) -> list[dict[str, Any]]:
    seen = {each.mark.page: each for each in returned.in_order if each.mark}
    asked: list[dict[str, Any]] = []
    for field in description.fields:
        for place in field.places if field.kind is FieldKind.SIGNATURE else ():
            page = seen.get(place.page)
            if page and page.code:
                code = marked.codes[place.page - 1]
                corners = page.code.corners
                zone = place.rectangle
                asked.append(
                    asdict(
                        ZoneAsked(
                            place.key, page.scanned, corners, place.page, code, zone
                        )
                    )
                )
    return asked


def _signature_zones(description: FormDescription) -> dict[str, list[dict[str, float]]]:
    """Give where people will write by hand, page by page."""
    zones: dict[str, list[dict[str, float]]] = {}
    for field in description.fields:
        if field.kind is FieldKind.SIGNATURE:
            for place in field.places:
                zones.setdefault(str(place.page), []).append(asdict(place.rectangle))
    return zones

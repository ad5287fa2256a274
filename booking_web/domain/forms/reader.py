# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has forms read and made in processes of their own; any thread may call it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import BinaryIO

from booking_web.base.own_process import memory_file
from booking_web.domain.forms.description import Field, FormDescription
from booking_web.domain.forms.form_process import FormProcess
from booking_web.domain.forms.layout import PageLayout
from booking_web.domain.forms.limits import Limits
from booking_web.domain.forms.placed import PlacedField
from booking_web.domain.forms.placed_meaning import as_meant, placed_of
from booking_web.domain.forms.published import as_published, with_labels_of
from booking_web.domain.forms.remarks import Remark, remark_from_json


@dataclass(frozen=True)
class FormRead:
    """What a form asks, and the PDF that is kept: harmless, and ready for the engine."""

    description: FormDescription
    pdf: bytes


@dataclass(frozen=True)
class FinalForm:
    """The PDF that is printed, and what must be said before, by field."""

    pdf: bytes
    remarks: dict[str, tuple[Remark, ...]]


class FormReader:
    """Reads forms and makes them final. Make it after a fork, not before."""

    def __init__(self) -> None:
        self._process = FormProcess()

    def get_ready(self) -> None:
        """Have a process started for the next form, if none waits for one."""
        self._process.get_ready()

    def read(
        self,
        source: BinaryIO,
        limits: Limits = Limits(),
        *,
        is_emptied: bool = False,
    ) -> FormRead:
        """Give what a form asks, and the PDF to keep; what was filled in before, or not.

        `source` must be a real file (with a descriptor). Raises FormRefused or
        EngineUnavailable.
        """
        source.seek(0)
        with memory_file("form") as prepared, memory_file("description") as told:
            order = {"work": "read", "limits": asdict(limits), "emptied": is_emptied}
            self._process.work(order, [source, prepared, told])
            description = FormDescription.from_json(json.load(told))
            return FormRead(description, prepared.read())

    def lay_out(self, pdf: bytes) -> list[PageLayout]:
        """Give the lines of each page and the fields that it seems to have.

        Raises FormRefused or EngineUnavailable.
        """
        with memory_file("form", pdf) as source, memory_file("layout") as told:
            self._process.work({"work": "lay_out"}, [source, told])
            return [PageLayout.from_json(each) for each in json.load(told)]

    def with_fields(
        self, form: FormRead, placed: Sequence[PlacedField], kept: Iterable[Field] = ()
    ) -> FormRead:
        """Put fields on a form, and give it as `read` does.

        Of the fields that it has, those of `kept` stay. Raises FormRefused or
        EngineUnavailable.
        """
        places = [each for field in kept for each in field.places]
        placing = {
            "placed": [each.to_json() for each in placed],
            "kept": [(each.page, each.annotation) for each in places],
        }
        plain = json.dumps(placing).encode()
        with (
            memory_file("form", form.pdf) as source,
            memory_file("fields", plain) as fields,
            memory_file("form") as target,
        ):
            self._process.work({"work": "place"}, [source, fields, target])
            read = self.read(target)
        description = as_published(read.description, form.description)
        return FormRead(as_meant(description, placed), read.pdf)

    def turned(self, form: FormRead, page: int, degrees: int) -> FormRead:
        """Turn a page to the right by 90, 180 or 270 degrees, and give it as `read` does.

        What was placed on it stays where it is, and is written upright. Raises FormRefused
        or EngineUnavailable.
        """
        order = {"work": "turn", "page": page, "degrees": degrees}
        with memory_file("form", form.pdf) as source, memory_file("form") as target:
            self._process.work(order, [source, target])
            read = self.read(target)
        description = as_published(read.description, form.description)
        turned = FormRead(description, read.pdf)
        if description.placed:
            placed = placed_of(description.placed)
            turned = self.with_fields(turned, placed, description.own)
        named = with_labels_of(turned.description, form.description)
        return FormRead(named, turned.pdf)

    def finish(
        self, pdf: bytes, description: FormDescription, values: Mapping[str, str]
    ) -> FinalForm:
        """Give the PDF that is printed, filled in with `values`, without fields.

        Raises FormRefused or EngineUnavailable.
        """
        filling = {"description": description.to_json(), "values": dict(values)}
        with (
            memory_file("form", pdf) as prepared,
            memory_file("values", json.dumps(filling).encode()) as given,
            memory_file("final") as final,
            memory_file("remarks") as told,
        ):
            self._process.work({"work": "finish"}, [prepared, given, final, told])
            remarks = {
                key: tuple(remark_from_json(each) for each in found)
                for key, found in json.load(told).items()
            }
            return FinalForm(final.read(), remarks)

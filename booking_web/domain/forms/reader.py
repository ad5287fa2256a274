# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has forms read and made in processes of their own; any thread may call it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import BinaryIO

from booking_web.base.own_process import memory_file
from booking_web.domain.forms.description import FormDescription
from booking_web.domain.forms.form_process import FormProcess
from booking_web.domain.forms.layout import PageLayout
from booking_web.domain.forms.limits import Limits
from booking_web.domain.forms.placed import PlacedField
from booking_web.domain.forms.placed_meaning import as_meant
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

    def read(self, source: BinaryIO, limits: Limits = Limits()) -> FormRead:
        """Give what a form asks, and the PDF to keep.

        `source` must be a real file (with a descriptor). Raises FormRefused or
        EngineUnavailable.
        """
        source.seek(0)
        with memory_file("form") as prepared, memory_file("description") as told:
            order = {"work": "read", "limits": asdict(limits)}
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
        self, pdf: bytes, placed: Sequence[PlacedField], limits: Limits = Limits()
    ) -> FormRead:
        """Put fields on a flat form and give it as `read` does.

        Raises FormRefused or EngineUnavailable.
        """
        plain = json.dumps([each.to_json() for each in placed]).encode()
        with (
            memory_file("form", pdf) as source,
            memory_file("fields", plain) as fields,
            memory_file("form") as target,
        ):
            self._process.work({"work": "place"}, [source, fields, target])
            read = self.read(target, limits)
            return FormRead(as_meant(read.description, placed), read.pdf)

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

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The engine's own process: `python -m booking_web.domain.forms.engine_process`.

It keeps the drafts that were drawn last open, so that a key costs only its own field. It
holds nothing that is not kept elsewhere: whoever finds it dead starts another.
"""

import json
from collections import OrderedDict
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any, BinaryIO

from booking_web.base.limited_work import Orders, allow, limit_each_order
from booking_web.domain.forms.description import FormDescription
from booking_web.domain.forms.errors import UnknownField
from booking_web.domain.forms.open_form import OpenForm

MEMORY_BYTES = 1536 * 1024 * 1024
# A thousand times what a key needs.
CPU_SECONDS = 4
IDLE_SECONDS = 1800.0
MAX_OPEN = 12


def main() -> None:
    """Carry out orders until none comes any more."""
    limit_each_order(MEMORY_BYTES)
    drafts = OpenDrafts()
    orders = Orders()
    while True:
        with ExitStack() as files:
            came = orders.wait(IDLE_SECONDS, files)
            if came is None:
                return
            allow(CPU_SECONDS)
            orders.answer(_answer(drafts, *came))


class OpenDrafts:
    """The drafts that are open, the one that was drawn last at the end."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, OpenForm] = OrderedDict()

    def find(self, key: str) -> OpenForm | None:
        """Give a draft that is open."""
        found = self._open.get(key)
        if found is not None:
            self._open.move_to_end(key)
        return found

    def add(self, key: str, form: OpenForm) -> None:
        """Keep a draft open, and close the one that was not drawn for longest."""
        self.drop(key)
        self._open[key] = form
        while len(self._open) > MAX_OPEN:
            self._open.popitem(last=False)[1].close()

    def drop(self, key: str) -> None:
        """Close a draft, if it is open."""
        if (form := self._open.pop(key, None)) is not None:
            form.close()


def _answer(
    drafts: OpenDrafts, order: dict[str, Any], files: list[BinaryIO]
) -> dict[str, Any]:
    key = order["key"]
    try:
        form = _form(drafts, key, files)
        if form is None:
            return {"not_open": True}
        form.apply(json.load(files[0]))
        told, picture = _drawn(form, order)
        files[1].write(picture)
        files[1].flush()
        return told
    except UnknownField as unknown:
        return {"unknown": str(unknown)[:200]}
    except (MemoryError, Exception) as error:
        # Half of the values may be in it: it is opened anew next time.
        drafts.drop(key)
        return {"failed": type(error).__name__}


def _form(drafts: OpenDrafts, key: str, files: list[BinaryIO]) -> OpenForm | None:
    if len(files) == 4:
        description = FormDescription.from_json(json.load(files[3]))
        drafts.add(key, OpenForm(files[2].read(), description))
    return drafts.find(key)


def _drawn(form: OpenForm, order: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    width = order["width"]
    if order["do"] == "page":
        return {}, form.page(order["page"], width, order["is_light"])
    field, place = form.find(order["place"])
    rectangle, picture = form.crop(place, width)
    return {
        "page": place.page,
        "drawn": asdict(rectangle),
        "framed": asdict(form.with_words(field, place)),
        "letters": form.letters(place),
        "remarks": [asdict(each) for each in form.remarks(field.key)],
    }, picture


if __name__ == "__main__":
    main()

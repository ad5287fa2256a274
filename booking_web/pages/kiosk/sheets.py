# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the second screen follows, as it is sent to it: a page, a frame, what changed on it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import select

from booking_web.domain.forms.description import (
    Field,
    FieldKind,
    FormDescription,
    Place,
    Rectangle,
)
from booking_web.domain.forms.draft_rows import changed_since
from booking_web.domain.forms.engine import Draft, Shown
from booking_web.domain.kiosks.screen_content import ShownDraft
from booking_web.shell.form_services import drafts, drawn, form_engine
from booking_web.shell.services import services
from booking_web.tables.forms import FormEdition

# Pixels for each point: letters of 8 points are sharp where they are 8 mm high.
SCALE = 3.4
LARGEST_PIXELS = 4000
# More changes at once than it is worth to draw one by one.
CROPS_AT_MOST = 16
# What is typed into an empty field will be as large as this, in points, or as has room.
USUAL_LETTERS = 12.0
LETTERS_OF_HEIGHT = 0.7
LETTERS_OF_LINES = 10.0


@dataclass(frozen=True)
class Crop:
    """A part of the page as it looks now; the rectangle is in points."""

    rectangle: Rectangle
    png: bytes

    def to_json(self) -> dict[str, object]:
        """Give it as plain values."""
        return {
            "rectangle": corners(self.rectangle),
            "png": base64.b64encode(self.png).decode(),
        }


@dataclass(frozen=True)
class Seen:
    """What the screen told that it shows of a sheet."""

    key: str = ""
    page: int = 0
    revision: int = -1


@dataclass(frozen=True)
class Sheet:
    """A page to be shown: its size in points, what is framed, and how large letters are.

    `crops` are what changed since the screen drew it; where `is_redrawn`, it draws the whole
    page again instead.
    """

    key: str
    page: int
    pages: int
    revision: int
    # Where the whole page is drawn.
    picture: str
    width: float
    height: float
    frame: Rectangle | None = None
    letters: float = 0.0
    # What is framed, in words: for a screen that cannot show it large enough.
    label: str = ""
    value: str = ""
    crops: tuple[Crop, ...] = ()
    is_redrawn: bool = False


def corners(part: Rectangle) -> list[float]:
    """Give a part of a page as left, top, width and height."""
    return [round(each, 2) for each in (part.x, part.y, part.width, part.height)]


def sheet_of_draft(shown: ShownDraft, seen: Seen) -> Sheet:
    """Give the page of a draft that is to be seen, with what changed since `seen`.

    Raises DraftGone, EngineUnavailable and what the store of the documents raises.
    """
    opened = drafts().read(shown.id)
    # Asked after the draft was read: what changed before its revision is among it, whatever
    # is written meanwhile.
    with services().database.read() as session:
        changed = changed_since(session, shown.id, seen.revision)
        asked = session.scalar(
            select(FormEdition.asked).where(FormEdition.id == opened.edition_id)
        )
    draft = drawn(opened)
    found = place_of(draft.description, shown.place)
    number = found[1].page if found else shown.page
    pages = draft.description.pages
    page = pages[min(number, len(pages)) - 1]
    key = f"draft-{shown.id}"
    is_known = (seen.key, seen.page) == (key, page.number)
    is_known = is_known and 0 <= seen.revision <= opened.revision
    places = [
        place
        for field in draft.description.fields
        if is_known and field.key in changed
        for place in field.places
        if place.page == page.number
    ]
    is_redrawn = not is_known or len(places) > CROPS_AT_MOST
    width = width_of(page.width, page.height)
    framed = form_engine().show(draft, shown.place, width) if found else None
    return Sheet(
        key,
        page.number,
        len(pages),
        opened.revision,
        url_for("kiosk_mirror.draw_draft", draft_id=shown.id, page=page.number),
        page.width,
        page.height,
        frame=framed.framed if framed else None,
        letters=letters_of(*found, framed.letters) if found and framed else 0.0,
        label=_label(asked or [], found[0]) if found else "",
        value=_value(found[0], opened.values) if found else "",
        crops=() if is_redrawn else _crops(draft, places, shown.place, framed, width),
        is_redrawn=is_redrawn,
    )


def picture_of_draft(shown: ShownDraft, page: int) -> tuple[int, bytes]:
    """Give the draft's revision and one of its pages as a JPEG; raises UnknownField too."""
    opened = drafts().read(shown.id)
    draft = drawn(opened)
    size = draft.description.pages[min(max(page, 1), len(draft.description.pages)) - 1]
    width = width_of(size.width, size.height)
    return opened.revision, form_engine().page(draft, page, width)


def width_of(width: float, height: float) -> int:
    """Give in how many pixels a page of this size is drawn."""
    scale = min(SCALE, LARGEST_PIXELS / width, LARGEST_PIXELS / height)
    return max(int(width * scale), 1)


def place_of(description: FormDescription, key: str) -> tuple[Field, Place] | None:
    """Give the field and the place that this key names."""
    for field in description.fields:
        for place in field.places:
            if key and place.key == key:
                return field, place
    return None


def _label(asked: list[dict[str, Any]], field: Field) -> str:
    """Give how the manager had the field asked."""
    said = next((each["label"] for each in asked if each["key"] == field.key), "")
    return said or field.label


def _value(field: Field, values: Mapping[str, str]) -> str:
    value = values.get(field.key, "")
    if field.kind in (FieldKind.BOX, FieldKind.SIGNATURE):
        return ""
    chosen = {each.value: each.text for each in field.options}
    return chosen.get(value, value)


def letters_of(field: Field, place: Place, written: float = 0.0) -> float:
    """Give how large a field's letters are, in points: those that are written in it, if any."""
    if written:
        return written
    if field.kind is FieldKind.MULTILINE:
        return LETTERS_OF_LINES
    return min(USUAL_LETTERS, LETTERS_OF_HEIGHT * place.rectangle.height)


def _crops(
    draft: Draft,
    places: list[Place],
    framed_key: str,
    framed: Shown | None,
    width: int,
) -> tuple[Crop, ...]:
    engine = form_engine()
    shown = [
        (
            framed
            if framed and each.key == framed_key
            else engine.show(draft, each.key, width)
        )
        for each in places
    ]
    return tuple(Crop(each.rectangle, each.png) for each in shown)

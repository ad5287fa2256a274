# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads what the CV's page sends; nothing of it is trusted.

The page says of each field what it showed: of a whole form only what was changed in it is
kept, and what somebody else changed meanwhile stays.
"""

import hashlib
import json
from collections.abc import Mapping

from flask import abort

from booking_web.base.row_numbers import whole_or_none
from booking_web.domain.cv.content import (
    LONG,
    CvContent,
    Section,
    with_entry,
    with_entry_back,
    with_entry_moved,
    without_entry,
)
from booking_web.domain.cv.errors import UnknownCvField

PREFIX = "f."
DIGEST_LETTERS = 10


def shown_digests(content: CvContent) -> str:
    """Give what the page keeps beside its fields: by it, it tells what it showed."""
    return json.dumps(
        {key: digest(value) for key, value in content.fields().items()},
        separators=(",", ":"),
    )


def changed_fields(form: Mapping[str, str]) -> dict[str, str]:
    """Give the fields of a whole form that are others than the page showed."""
    try:
        was = json.loads(form.get("was", "{}"))
    except ValueError:
        was = None
    if not isinstance(was, dict):
        abort(422)
    sent = {
        name.removeprefix(PREFIX): plain(name, value)
        for name, value in form.items()
        if name.startswith(PREFIX)
    }
    return {key: value for key, value in sent.items() if was.get(key) != digest(value)}


def plain(key: str, text: str) -> str:
    """Give a text with our line ends, and on one line where the field has one."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    is_long = key.rpartition(".")[2] in LONG
    return lines if is_long else " ".join(lines.split("\n")).strip()


def number_sent(values: Mapping[str, str], name: str) -> int:
    """Give a whole number; what is none is not understood (422)."""
    number = whole_or_none(values.get(name, "") or "0")
    if number is None:
        abort(422)
    return number


def restructured(content: CvContent, act: str) -> CvContent:
    """Add, move or take away an entry as a button says; raises CvError."""
    name, _, rest = act.partition(":")
    if name == "back":
        return with_entry_back(content)
    section_name, _, digits = rest.partition(":")
    if section_name not in set(Section):
        raise UnknownCvField
    section = Section(section_name)
    if name == "add":
        return with_entry(content, section)
    number = whole_or_none(digits)
    if number is None:
        raise UnknownCvField
    if name == "remove":
        return without_entry(content, section, number)
    by = -1 if name == "up" else 1
    return with_entry_moved(content, section, number, by)


RESTRUCTURING = frozenset({"add", "remove", "up", "down", "back"})


def digest(value: str) -> str:
    """Give what stands for a text beside the page: too short to tell it by."""
    return hashlib.sha256(value.encode(errors="replace")).hexdigest()[:DIGEST_LETTERS]

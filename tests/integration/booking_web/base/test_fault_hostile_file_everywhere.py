# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every work on a stranger's file ends within its limits, whatever the file: a walk of them all.

Not only the door by which a file comes in: what that door lets pass, the others are given.
"""

import inspect
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from functools import cache
from typing import Any, BinaryIO

import pytest
from PIL import Image

from booking_web.base.own_process import memory_file
from booking_web.domain.documents.errors import DocumentRefused, Refusal
from booking_web.domain.documents.examiner import Examiner
from booking_web.domain.forms.description import FieldKind, Rectangle
from booking_web.domain.forms.errors import FormRefusal, FormRefused
from booking_web.domain.forms.form_process import FormProcess
from booking_web.domain.forms.limits import Limits
from booking_web.domain.forms.mark import Mark, Printing, sealed
from booking_web.domain.forms.once import WORKS
from booking_web.domain.forms.page_taken import PageTaken
from booking_web.domain.forms.placed import PlacedField
from booking_web.domain.forms.signature_seen import ZoneAsked
from stage.forked_work import Begin, begun_by, forks
from tests.factories import hostile_forms, pdf_forms
from tests.factories.forms_read import read_form

PLACE = Rectangle(100, 100, 100, 20)
CORNERS = ((10.0, 10.0), (60.0, 10.0), (60.0, 60.0), (10.0, 60.0))
# What is made of any of these files is no larger than a long scan.
MOST_BYTES = 30_000_000
HOSTILE = {
    "endless": hostile_forms.endless_page,
    "huge": hostile_forms.huge_picture_drawn,
    "giant": hostile_forms.giant_page,
    "none": hostile_forms.no_page_at_all,
}


@pytest.fixture(scope="module")
def _hurried() -> Iterator[Begin]:
    with forks("tests.factories.hurried_work") as begin:
        yield begin


@pytest.fixture(autouse=True)
def _files_worked_on_by_forks(_hurried: Begin) -> Iterator[None]:
    """Have each file worked on within the limits, but for a second of processor time alone."""
    with begun_by(_hurried):
        yield


@cache
def hostile(kind: str) -> bytes:
    return HOSTILE[kind]()


def plain(told: Any) -> bytes:
    return json.dumps(told).encode()


def placed() -> bytes:
    field = PlacedField("nom", FieldKind.TEXT, 1, PLACE, "Nom")
    return plain({"placed": [field.to_json()], "kept": []})


def filling() -> bytes:
    home = read_form(pdf_forms.request_for_a_home().saved())
    return plain({"description": home.description.to_json(), "values": {"nom": "x"}})


def marks() -> bytes:
    mark = Mark(Printing(1, 2, 3, 1, b"abcd"), 1)
    code = sealed(mark, bytes(32)).hex()
    return plain({"marks": [[code, *mark.readable]], "kept_free": {}})


def zones() -> bytes:
    return plain([asdict(ZoneAsked(1, "a", CORNERS, 1, PLACE, PLACE))])


def named() -> bytes:
    zone = {"a": asdict(PLACE)}
    return plain({"scanned": 1, "page": 1, "turn": 0, "zones": zone})


def one_page(pdf: bytes) -> bytes:
    return plain({"lengths": [len(pdf)], "pages": [asdict(PageTaken(0, 1, 90, 1.5))]})


@cache
def printed() -> bytes:
    return pdf_forms.flat().saved()


# What comes with the order, besides the stranger's file, and how many files are written.
ORDERS: dict[str, tuple[dict[str, Any], Callable[[bytes], Sequence[bytes]], int]] = {
    "read": ({"limits": asdict(Limits()), "emptied": True}, lambda _: [], 2),
    "lay_out": ({}, lambda _: [], 1),
    "place": ({}, lambda _: [placed()], 1),
    "turn": ({"page": 1, "degrees": 90}, lambda _: [], 1),
    "finish": ({}, lambda _: [filling()], 2),
    "print_marks": ({}, lambda _: [marks()], 2),
    "look_at": ({"pages": [1]}, lambda _: [], 1),
    "look_at_named": ({}, lambda _: [printed(), named()], 1),
    "look_for_signatures": ({}, lambda _: [printed(), zones()], 1),
    "assemble": ({}, lambda pdf: [one_page(pdf)], 1),
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("work", WORKS)
def test_no_work_on_a_form_or_its_scan_goes_on_without_end(
    work: str, kind: str
) -> None:
    pdf = hostile(kind)
    options, beside, outputs = ORDERS[work]
    contents = [pdf, *beside(pdf), *[b""] * outputs]
    with ExitStack() as opened:
        files = [opened.enter_context(memory_file("file", each)) for each in contents]
        try:
            FormProcess().work({"work": work, **options}, files)
        except FormRefused as refused:
            assert refused.reason in (FormRefusal.ENDLESS, FormRefusal.DAMAGED)
        assert sum(map(length, files[-outputs:])) < MOST_BYTES


def length(file: BinaryIO) -> int:
    return file.seek(0, io.SEEK_END)


DRAWN: dict[str, Callable[[Examiner, BinaryIO, bytes], object]] = {
    "examine": lambda examiner, file, _: examiner.examine(file, 200).pdf,
    "preview": lambda examiner, file, _: examiner.draw_preview(file),
    "page": lambda examiner, file, _: examiner.draw_page(file, 1),
    "large": lambda examiner, file, _: examiner.draw_large(file, 1),
    "thumbnails": lambda examiner, file, _: examiner.draw_thumbnails(file, [1]),
    "arrange": lambda examiner, file, pdf: examiner.arrange(
        file,
        [len(pdf)],
        [{"source": 0, "page": 1, "turn": 90, "crop": (0.1, 0.1, 0.9, 0.9)}],
        "COPIE POUR LA CAF",
    ),
}
PICTURED = {
    "examine": DRAWN["examine"],
    "mark": lambda examiner, file, _: examiner.draw_mark(file),
    "photo": lambda examiner, file, _: examiner.draw_photo(file),
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("work", DRAWN)
def test_no_work_on_a_document_goes_on_without_end(work: str, kind: str) -> None:
    look(DRAWN[work], hostile(kind))


@cache
def png(size: tuple[int, int], mode: str) -> bytes:
    kept = io.BytesIO()
    Image.new(mode, size).save(kept, "PNG")
    return kept.getvalue()


@pytest.mark.parametrize(
    "made",
    [
        lambda: png((12_000, 12_000), "1"),
        # As many pixels as are taken of a telephone, with a transparency for each.
        lambda: png((9_900, 9_900), "LA"),
        lambda: png((1, 60_000), "RGBA"),
        lambda: png((400, 300), "RGB")[:200],
    ],
    ids=["pixels", "transparent", "line", "cut"],
)
@pytest.mark.parametrize("work", PICTURED)
def test_no_work_on_a_picture_goes_on_without_end(work: str, made) -> None:
    look(PICTURED[work], made())


def look(work: Callable[..., object], content: bytes) -> None:
    """Have it done; a refusal is one that says that the file is at fault."""
    with memory_file("file", content) as file:
        try:
            made = work(Examiner(), file, content)
        except DocumentRefused as refused:
            assert refused.reason in (Refusal.BOMB, Refusal.DAMAGED, Refusal.EMPTY)
            return
    if isinstance(made, io.IOBase):
        with made:
            assert length(made) < MOST_BYTES  # type: ignore[arg-type]


def test_every_work_is_walked() -> None:
    assert set(ORDERS) == set(WORKS)
    told = re.findall(
        r'_(?:run|draw|draw_small)\(\s*"(\w+)"', inspect.getsource(Examiner)
    )
    assert {*DRAWN, *PICTURED} == set(told)

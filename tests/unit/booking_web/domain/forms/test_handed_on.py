# SPDX-License-Identifier: AGPL-3.0-or-later
"""A library in one file is read as it was written, and a hostile one is refused."""

import io
import json
import zipfile
import zlib

import pytest

from booking_web.domain.forms.asked import AskedField, Known
from booking_web.domain.forms.description import FieldKind, Option
from booking_web.domain.forms.handed_on import (
    MOST_FORMS,
    HandedFault,
    HandedRefused,
    read_library,
    write_library,
)
from booking_web.domain.forms.library_reading import Edition
from booking_web.domain.forms.published import as_published
from tests.factories.forms_described import a_field, a_form
from tests.factories.handed_on import a_form_told, a_library, a_pdf, zipped


def refused(content: bytes) -> HandedFault:
    """Give why a file is not taken."""
    with pytest.raises(HandedRefused) as error:
        read_library(io.BytesIO(content))
    return error.value.reason


def an_edition(number: int = 1) -> Edition:
    """Give an edition of a form with a list and a date."""
    options = (Option("1", "Un"), Option("2", "Deux"))
    form = a_form(
        a_field("liste", FieldKind.CHOICE, options=options),
        a_field("jour", FieldKind.DATE),
    )
    asked = (
        AskedField("jour", "Le jour", "Quand", Known.DATE),
        AskedField("liste", "Combien", "Quoi"),
    )
    return Edition(
        number, number, 1, f"Forme {number}", 1, "", form.description, asked, False
    )


def written(*editions: Edition) -> bytes:
    target = io.BytesIO()
    write_library(editions, lambda each: b"%PDF- of " + each.title.encode(), target)
    return target.getvalue()


def test_what_is_written_is_read_again() -> None:
    first, second = read_library(io.BytesIO(written(an_edition(), an_edition(2))))
    assert (first.title, second.title) == ("Forme 1", "Forme 2")
    assert first.pdf == b"%PDF- of Forme 1"
    assert first.asked == an_edition().asked
    assert first.description == an_edition().description


def test_all_that_a_booking_knows_is_handed_on() -> None:
    form = a_form(*(a_field(each.value) for each in Known))
    asked = tuple(AskedField(each.value, each.value, "", each) for each in Known)
    told = Edition(1, 1, 1, "Forme", 1, "", form.description, asked, False)
    (read,) = read_library(io.BytesIO(written(told)))
    assert [each.known for each in read.asked] == list(Known)


def test_the_same_library_makes_the_same_file() -> None:
    assert written(an_edition()) == written(an_edition())


def test_lists_and_dates_are_known_again() -> None:
    told = an_edition().description
    read = a_form(a_field("liste"), a_field("jour"), a_field("autre")).description
    fields = {each.key: each for each in as_published(read, told).fields}
    assert fields["liste"].kind is FieldKind.CHOICE
    assert [each.text for each in fields["liste"].options] == ["Un", "Deux"]
    assert fields["jour"].kind is FieldKind.DATE
    assert fields["autre"].kind is FieldKind.TEXT


def test_more_forms_than_a_file_may_have_are_not_written() -> None:
    with pytest.raises(HandedRefused) as error:
        written(*(an_edition(number) for number in range(MOST_FORMS + 1)))
    assert error.value.reason is HandedFault.TOO_MANY_FORMS


@pytest.mark.parametrize(
    "content", [b"", b"abc", b"%PDF-1.7", b"PK\x03\x04" + bytes(40)]
)
def test_another_file_is_no_library(content) -> None:
    assert refused(content) is HandedFault.NOT_A_LIBRARY


@pytest.mark.parametrize(
    "name", ["../1.pdf", "/etc/passwd", "forms/../1.pdf", "forms/1.exe", "forms\\1.pdf"]
)
def test_a_name_that_leads_elsewhere_is_refused(name) -> None:
    content = zipped({name: a_pdf()}, forms=[a_form_told(file=name)])
    assert refused(content) is HandedFault.NOT_A_LIBRARY


def test_a_bomb_is_not_unpacked() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("forms/1.pdf", bytes(250_000_000))
        archive.writestr("library.json", "{}")
    assert refused(target.getvalue()) is HandedFault.TOO_LARGE


def test_a_file_that_lies_about_its_size_is_read_no_further() -> None:
    told = a_form_told()
    content = zipped({"forms/1.pdf": bytes(30_000_000)}, forms=[told])
    size = (30_000_000).to_bytes(4, "little")
    lying = content.replace(size, (1000).to_bytes(4, "little"))
    assert lying != content
    assert refused(lying) in (HandedFault.TOO_LARGE, HandedFault.DAMAGED)


def test_too_many_files_are_refused_before_they_are_listed() -> None:
    files = {f"forms/{each}.pdf": b"" for each in range(1, 500)}
    assert refused(zipped(files, forms=[])) is HandedFault.TOO_MANY_FORMS


def test_a_directory_that_says_little_and_holds_much_is_refused() -> None:
    files = {f"forms/{each}.pdf": b"" for each in range(1, 4000)}
    content = bytearray(zipped(files, forms=[]))
    content[-14:-10] = bytes([1, 0, 1, 0])
    assert refused(bytes(content)) is HandedFault.NOT_A_LIBRARY


def test_a_newer_version_is_told_apart() -> None:
    content = zipped({"forms/1.pdf": a_pdf()}, forms=[a_form_told()], version=2)
    assert refused(content) is HandedFault.NEWER_VERSION


@pytest.mark.parametrize(
    "change",
    [
        {"title": "x" * 200},
        {"title": "a\u202eb"},
        {"file": "forms/9.pdf"},
        {"asked": [{"key": 1, "label": "", "group": "", "known": ""}]},
        {"description": {"pages": [], "fields": [{"key": "a"}], "notices": []}},
        {"description": {"pages": "x", "fields": [], "notices": ["?"]}},
        {"more": 1},
    ],
)
def test_what_is_said_of_a_form_is_held_to_what_ours_say(change) -> None:
    content = zipped({"forms/1.pdf": a_pdf()}, forms=[a_form_told() | change])
    assert refused(content) in (HandedFault.NOT_A_LIBRARY, HandedFault.DAMAGED)


@pytest.mark.parametrize("text", ["[" * 200_000, "nonsense", "[]", '{"forms": 1}'])
def test_contents_that_are_none_are_refused(text) -> None:
    content = zipped({"forms/1.pdf": a_pdf(), "library.json": text.encode()})
    assert refused(content) in (HandedFault.NOT_A_LIBRARY, HandedFault.DAMAGED)


def test_broken_bytes_are_refused() -> None:
    content = bytearray(a_library("Demande"))
    content[100:140] = zlib.compress(b"other bytes entirely, and more of them")[:40]
    assert refused(bytes(content)) is HandedFault.DAMAGED


def test_a_known_thing_of_a_newer_program_is_left_out() -> None:
    told = a_form_told()
    told["asked"][0]["known"] = "shoe_size"
    content = zipped({"forms/1.pdf": a_pdf()}, forms=[json.loads(json.dumps(told))])
    [form] = read_library(io.BytesIO(content))
    assert form.asked[0].known is None and form.asked[0].label.startswith("Dit : ")

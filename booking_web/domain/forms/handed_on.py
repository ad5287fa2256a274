# SPDX-License-Identifier: AGPL-3.0-or-later
"""A library of forms in one file, for other organisations: a ZIP of PDFs and `library.json`.

Written by `write_library`, read by `read_library`, which takes nothing from a stranger's
file for granted: names, sizes, counts and values are held to what ours have. The PDFs in it
are read by the caller like any stranger's.
"""

import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, BinaryIO, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from booking_web.base.own_process import memory_file
from booking_web.base.resident_text import has_unprintable, normalised
from booking_web.domain.forms.asked import GROUP_LENGTH, LABEL_LENGTH, AskedField, Known
from booking_web.domain.forms.description import FormDescription, Option
from booking_web.domain.forms.library_reading import Edition
from booking_web.domain.forms.limits import Limits
from booking_web.domain.forms.published import as_published
from booking_web.domain.forms.reader import FormRead, FormReader
from booking_web.tables.forms import FORM_TITLE_LENGTH

FORMAT, VERSION = "guichet-forms", 1
CONTENTS = "library.json"
MOST_FORMS = 60
MOST_BYTES = 60_000_000
# Unpacked: the labels of many long forms, and all PDFs together.
MOST_CONTENTS_BYTES = 20_000_000
MOST_UNPACKED_BYTES = 120_000_000
# A thousand fields, each in a few places: what a form may have at most.
MOST_FIELDS = Limits().max_fields
MOST_OPTIONS = 500
LONGEST = 500
_NAME = re.compile(r"forms/[1-9][0-9]{0,2}\.pdf")
# The end of a ZIP without a comment (APPNOTE.TXT, 4.3.16); ours has none.
_END = struct.Struct("<4s4H2LH")
_DIRECTORY_BYTES = 100_000
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 1
# ZIP knows no day before; the same library makes the same file.
_DAY = (1980, 1, 1, 0, 0, 0)


class HandedFault(StrEnum):
    """Why a file is not taken as a library. Each has a sentence in `words.form_library`."""

    NOT_A_LIBRARY = "not_a_library"
    TOO_LARGE = "too_large"
    TOO_MANY_FORMS = "too_many_forms"
    NEWER_VERSION = "newer_version"
    DAMAGED = "damaged"


class HandedRefused(Exception):
    """The file is not taken; trying again changes nothing."""

    def __init__(self, reason: HandedFault) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class HandedForm:
    """A form of such a file; `pdf` is a stranger's until it was read."""

    title: str
    pdf: bytes
    description: FormDescription
    asked: tuple[AskedField, ...]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    key: Annotated[str, Field(max_length=LONGEST)]
    label: Annotated[str, Field(max_length=LABEL_LENGTH)]
    group: Annotated[str, Field(max_length=GROUP_LENGTH)]
    known: Annotated[str, Field(max_length=40)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    title: Annotated[str, Field(min_length=1, max_length=FORM_TITLE_LENGTH)]
    file: str
    description: dict[str, Any]
    asked: Annotated[list[_Asked], Field(max_length=MOST_FIELDS)]


class _Contents(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    format: Literal["guichet-forms"]
    version: Literal[1]
    forms: Annotated[list[_Form], Field(min_length=1)]


_DESCRIPTION = TypeAdapter(FormDescription)


def write_library(
    editions: Sequence[Edition], pdf_of: Callable[[Edition], bytes], target: BinaryIO
) -> None:
    """Write these editions to `target`; raises HandedRefused where they are too many."""
    if len(editions) > MOST_FORMS:
        raise HandedRefused(HandedFault.TOO_MANY_FORMS)
    told = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, edition in enumerate(editions, start=1):
            name = f"forms/{number}.pdf"
            archive.writestr(zipfile.ZipInfo(name, _DAY), pdf_of(edition))
            told.append(
                {
                    "title": edition.title,
                    "file": name,
                    "description": edition.description.to_json(),
                    "asked": [each.to_json() for each in edition.asked],
                }
            )
        contents = {"format": FORMAT, "version": VERSION, "forms": told}
        plain = json.dumps(contents, ensure_ascii=False, indent=1)
        packed = zipfile.ZipInfo(CONTENTS, _DAY)
        packed.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(packed, plain.encode())
    if target.tell() > MOST_BYTES:
        raise HandedRefused(HandedFault.TOO_LARGE)


def is_library(source: BinaryIO) -> bool:
    """Tell whether a file says of itself that it is a ZIP, not a PDF."""
    source.seek(0)
    start = source.read(4)
    source.seek(0)
    return start == b"PK\x03\x04"


def read_library(source: BinaryIO) -> list[HandedForm]:
    """Give the forms of such a file; raises HandedRefused."""
    _check_end(source)
    try:
        with zipfile.ZipFile(source) as archive:
            files = _files(archive)
            contents = _contents(archive, files)
            return [
                _form(each, _unpacked(archive, files[each.file], Limits().max_bytes))
                for each in contents.forms
            ]
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise HandedRefused(HandedFault.DAMAGED) from error
    except (NotImplementedError, RecursionError) as error:
        raise HandedRefused(HandedFault.DAMAGED) from error
    except (ValueError, TypeError, KeyError) as error:
        # Also what the reader of JSON says of broken bytes.
        raise HandedRefused(HandedFault.DAMAGED) from error


def _check_end(source: BinaryIO) -> None:
    """Refuse what Python's reader would unpack a long directory of, before it does."""
    source.seek(0, 2)
    size = source.tell()
    if size > MOST_BYTES:
        raise HandedRefused(HandedFault.TOO_LARGE)
    if size < _END.size or not is_library(source):
        raise HandedRefused(HandedFault.NOT_A_LIBRARY)
    source.seek(size - _END.size)
    signature, _, _, _, count, directory, _, comment = _END.unpack(source.read())
    source.seek(0)
    if signature != b"PK\x05\x06" or comment:
        raise HandedRefused(HandedFault.NOT_A_LIBRARY)
    if count > MOST_FORMS + 1:
        raise HandedRefused(HandedFault.TOO_MANY_FORMS)
    # A locator of the larger kind of end (4.3.15) would lead to another directory.
    source.seek(max(size - _END.size - 20, 0))
    has_locator = source.read(4) == b"PK\x06\x07"
    source.seek(0)
    if directory > _DIRECTORY_BYTES or has_locator:
        raise HandedRefused(HandedFault.NOT_A_LIBRARY)


def _files(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    files: dict[str, zipfile.ZipInfo] = {}
    for each in archive.infolist():
        is_ours = each.filename == CONTENTS or _NAME.fullmatch(each.filename)
        if not is_ours or each.filename in files:
            raise HandedRefused(HandedFault.NOT_A_LIBRARY)
        if each.flag_bits & _ENCRYPTED or each.compress_type not in _PACKED:
            raise HandedRefused(HandedFault.NOT_A_LIBRARY)
        files[each.filename] = each
    if CONTENTS not in files:
        raise HandedRefused(HandedFault.NOT_A_LIBRARY)
    if sum(each.file_size for each in files.values()) > MOST_UNPACKED_BYTES:
        raise HandedRefused(HandedFault.TOO_LARGE)
    return files


def _unpacked(archive: zipfile.ZipFile, file: zipfile.ZipInfo, most: int) -> bytes:
    # What a file says of its own size is not believed.
    with archive.open(file) as packed:
        content = packed.read(most + 1)
    if len(content) > most:
        raise HandedRefused(HandedFault.TOO_LARGE)
    return content


def _contents(archive: zipfile.ZipFile, files: dict[str, zipfile.ZipInfo]) -> _Contents:
    plain = json.loads(_unpacked(archive, files[CONTENTS], MOST_CONTENTS_BYTES))
    version = plain.get("version") if isinstance(plain, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise HandedRefused(HandedFault.NEWER_VERSION)
    try:
        contents = _Contents.model_validate(plain)
    except ValidationError as error:
        raise HandedRefused(HandedFault.NOT_A_LIBRARY) from error
    if len(contents.forms) > MOST_FORMS:
        raise HandedRefused(HandedFault.TOO_MANY_FORMS)
    if len({each.file for each in contents.forms}) != len(contents.forms):
        raise HandedRefused(HandedFault.DAMAGED)
    return contents


def _form(told: _Form, pdf: bytes) -> HandedForm:
    title = normalised(told.title)
    if not title or has_unprintable(title):
        raise HandedRefused(HandedFault.DAMAGED)
    description = _DESCRIPTION.validate_python(told.description)
    if len(description.fields) > MOST_FIELDS:
        raise HandedRefused(HandedFault.DAMAGED)
    for field in description.fields:
        _check_options(field.options)
    asked = tuple(_asked(each) for each in told.asked)
    return HandedForm(title, pdf, description, asked)


def _check_options(options: Sequence[Option]) -> None:
    if len(options) > MOST_OPTIONS:
        raise HandedRefused(HandedFault.DAMAGED)
    for each in options:
        if max(len(each.value), len(each.text)) > LONGEST:
            raise HandedRefused(HandedFault.DAMAGED)


def _asked(told: _Asked) -> AskedField:
    # What a newer program knows of a booking and this one does not is left out.
    known = Known(told.known) if told.known in list(Known) else None
    return AskedField(told.key, told.label, told.group, known)


def read_again(handed: HandedForm, reader: FormReader) -> FormRead:
    """Have the PDF of a library's file read like any stranger's, and told what it was.

    Raises FormRefused or EngineUnavailable.
    """
    with memory_file("form", handed.pdf) as pdf:
        read = reader.read(pdf)
    return FormRead(as_published(read.description, handed.description), read.pdf)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads the CSV file of a spreadsheet, in whatever way it was saved; pure.

Each physical line stands for itself: one that is broken spoils no other.
"""

import csv
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

MAX_LINES = 5_000
# A quoted cell may hold line breaks; one that spans more lines was never closed.
MAX_LINES_OF_A_CELL = 10
_DELIMITERS = ";,\t"


class Column(StrEnum):
    """What a column holds; the value is its French heading."""

    REFERENCE = "reference"
    RELAY = "relais"
    ORGANISATION = "organisme"
    DAY = "date"
    HOUR = "heure"
    NAME = "nom"
    REASON = "motif"
    DETAILS = "precision"
    MINUTES = "duree"
    LANGUAGE = "langue"
    INTERPRETER = "interprete"
    DISCREET = "discret"
    STREET = "adresse"
    POSTCODE = "code postal"
    COMMUNE = "commune"
    COUNTRY = "pays"


_HEADINGS: dict[str, Column] = {
    heading: column
    for column, headings in {
        Column.REFERENCE: "reference ref id identifiant numero externalid",
        Column.RELAY: "relais relay lieu",
        Column.ORGANISATION: "organisme organisation organization",
        Column.DAY: "date jour day",
        Column.HOUR: "heure hour time",
        Column.NAME: "nom usager nomdelusager name resident residentname",
        Column.REASON: "motif reason",
        Column.DETAILS: "precision precisions details commentaire comment",
        Column.MINUTES: "duree dureeminutes minutes duration",
        Column.LANGUAGE: "langue language lang",
        Column.INTERPRETER: "interprete interpreter",
        Column.DISCREET: "discret rendezvousdiscret discreet",
        Column.STREET: "adresse adressepostale rue voie street address",
        Column.POSTCODE: "codepostal cp postcode zip zipcode",
        Column.COMMUNE: "commune ville city town",
        Column.COUNTRY: "pays country",
    }.items()
    for heading in headings.split()
}
NEEDED = (Column.REFERENCE, Column.DAY, Column.HOUR, Column.NAME)


class FileRefused(ValueError):
    """Nothing of the file can be used."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        # `empty`, `no_text`, `missing_columns`, `double_column` or `too_long`.
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class RawLine:
    """One line of the file, by its number there; `cells` is None where it is broken."""

    number: int
    cells: dict[Column, str] | None


def read_lines(content: bytes, assumed: Sequence[Column] = ()) -> list[RawLine]:
    """Read the file's lines; raises FileRefused.

    `assumed` are columns that need not be there because the caller knows their value.
    """
    text = decoded(content)
    lines = text.splitlines()
    headed = next(
        (n for n, line in enumerate(lines) if line.strip(_DELIMITERS + " ")), None
    )
    if headed is None:
        raise FileRefused("empty")
    delimiter = max(_DELIMITERS, key=lines[headed].count)
    columns = _columns(lines[headed], delimiter)
    needed = {*NEEDED, Column.RELAY, Column.ORGANISATION} - set(assumed)
    missing = sorted(needed - {column for column in columns if column})
    if missing:
        raise FileRefused("missing_columns", ", ".join(missing))
    found = list(_records(lines, headed + 1, delimiter, columns))
    if not found:
        raise FileRefused("empty")
    if len(found) > MAX_LINES:
        raise FileRefused("too_long", str(MAX_LINES))
    return found


def decoded(content: bytes) -> str:
    """Give the text: UTF-8 (with or without its mark), UTF-16 with its mark, or cp1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise FileRefused("no_text")


def folded(text: str) -> str:
    """Give the text's letters and digits, unaccented and lower-case: what is compared."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in plain if character.isalnum())


def _columns(heading: str, delimiter: str) -> list[Column | None]:
    cells = _cells(heading, delimiter) or []
    columns = [_HEADINGS.get(folded(cell)) for cell in cells]
    known = [column for column in columns if column]
    for column in known:
        if known.count(column) > 1:
            raise FileRefused("double_column", column)
    return columns


def _records(
    lines: list[str], first: int, delimiter: str, columns: list[Column | None]
) -> Iterator[RawLine]:
    number = first
    while number < len(lines):
        if not lines[number].strip(delimiter + " "):
            number += 1
            continue
        cells, used = _record(lines, number, delimiter)
        yield RawLine(number + 1, _named(cells, columns))
        number += used


def _record(
    lines: list[str], number: int, delimiter: str
) -> tuple[list[str] | None, int]:
    """Give the cells of the record that begins here, and how many lines it takes."""
    for used in range(1, MAX_LINES_OF_A_CELL + 1):
        cells = _cells("\n".join(lines[number : number + used]), delimiter)
        if cells is not None:
            return cells, used
        if number + used >= len(lines):
            break
    return None, 1


def _cells(text: str, delimiter: str) -> list[str] | None:
    try:
        rows = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _named(
    cells: list[str] | None, columns: list[Column | None]
) -> dict[Column, str] | None:
    """Put the cells under their headings; None where there are more cells than headings."""
    if cells is None or any(cell.strip() for cell in cells[len(columns) :]):
        return None
    named = dict.fromkeys(Column, "")
    for column, cell in zip(columns, cells, strict=False):
        if column is not None:
            named[column] = cell.strip()
    return named

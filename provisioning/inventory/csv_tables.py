# SPDX-License-Identifier: AGPL-3.0-or-later
"""An inventory as tables of a spreadsheet: a CSV file for each kind of entry. Pure.

Written as French spreadsheets open them by a double click (UTF-8 with its mark, semicolons,
CRLF), read however they were saved. A cell that a spreadsheet would calculate is written with
an apostrophe before it, and read without. RFC 4180, but for the semicolon.
"""

import csv
import io
import re
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import phonenumbers

from provisioning.inventory.entries import ENTRIES, Entry
from provisioning.inventory.plan import Fields, Kind, Value
from provisioning.inventory.values import HOME_REGION

SUFFIX = ".csv"
BYTE_ORDER_MARK = "\ufeff"
_DELIMITERS = ";,\t"
# What begins a formula (OWASP, "CSV injection").
_FORMULA = re.compile(r"'*[=+\-@|%\t\r]")
_YES, _NO = (
    ("oui", "yes", "true", "vrai", "1", "x"),
    ("non", "no", "false", "faux", "0"),
)
_PAPER = re.compile(r"(?P<name>.*\S)\s*\[(?P<pictogram>[a-z0-9-]+)\]", re.DOTALL)
_BETWEEN_PAPERS = " | "
_NUMBER = re.compile(r"-?\d+([.,]\d+)?")


class NotATable(ValueError):
    """The file is no table that can be read; says what is wrong."""


class NotWritable(ValueError):
    """An entry cannot be written into a cell; says which, and why."""


@dataclass(frozen=True)
class CsvTable:
    """The rows of one file, as an inventory in TOML would have them."""

    name: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    # The line of each row, from 1.
    lines: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class CsvPlaces:
    """Names places of these files: `kiosks.csv, line 3, column "relay"`."""

    name: str
    tables: Mapping[str, CsvTable]

    def entry(self, table: str, index: int | None) -> str:
        """Name the place of a row, from 0, of a table."""
        found = self.tables[table]
        return f"{found.name}, line {found.lines[index or 0]}"

    def key(self, table: str, index: int | None, key: str | None) -> str:
        """Name the place of a cell of it; the row where the key is none of a column."""
        place = self.entry(table, index)
        return place if key is None else f'{place}, column "{key}"'


def table_of_file(name: str) -> Kind | None:
    """Tell of what a file is, by its name: `kiosks.csv`, `kiosks-2026.csv`; None: of nothing."""
    stem = name.casefold().removesuffix(SUFFIX)
    for kind in Kind:
        table = f"{kind}s"
        if stem == table or re.match(rf"{table}[-_ .]", stem):
            return kind
    return None


def read_table(kind: Kind, content: bytes, name: str) -> CsvTable:
    """Read the file of a kind; an empty cell is as a key that is not there.

    Raises NotATable.
    """
    records = list(_records(_decoded(content), name))
    if not records:
        raise NotATable(f"{name}: the file is empty; its first line names the columns.")
    line, headings = records[0]
    columns = _columns(kind, headings, f"{name}, line {line}")
    rows, lines = [], []
    for line, cells in records[1:]:
        if any(cell.strip() for cell in cells[len(columns) :]):
            raise NotATable(
                f"{name}, line {line}: there are more cells than columns; is the whole"
                " row in one line, and a cell that holds a separator between quotes?"
            )
        given = zip(columns, cells, strict=False)
        rows.append(
            {key: _value(kind, key, cell) for key, cell in given if cell.strip()}
        )
        lines.append(line)
    return CsvTable(name, rows, lines)


def write_table(kind: Kind, entries: Mapping[str, Fields]) -> bytes:
    """Write the entries of a kind, every column of it; raises NotWritable."""
    model = ENTRIES[kind]
    columns = list(model.model_fields)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    for key, fields in entries.items():
        values = {model.key_name: key, **fields}
        writer.writerow(_cell(values[column], column) for column in columns)
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What a spreadsheet on a French Windows calls CSV.
        return content.decode("cp1252", errors="replace")


def _records(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Give each record that is not empty, with the line that it begins in."""
    lines = list(io.StringIO(text, newline=""))
    # What some spreadsheets write before the table, for themselves.
    skipped = 1 if lines and lines[0].casefold().startswith("sep=") else 0
    heading = next((line for line in lines[skipped:] if line.strip()), "")
    delimiter = max(_DELIMITERS, key=heading.count)
    reader = csv.reader(lines[skipped:], delimiter=delimiter, strict=True)
    before = 0
    try:
        for record in reader:
            line, before = skipped + before + 1, reader.line_num
            if any(cell.strip() for cell in record):
                yield line, record
    except csv.Error as error:
        raise NotATable(
            f"{name}, line {skipped + reader.line_num}: this is no row of a table:"
            f" {error}; a cell with quotation marks in it is written between two, each"
            " of its own doubled."
        ) from error


def _columns(kind: Kind, headings: Sequence[str], place: str) -> list[str]:
    known = list(ENTRIES[kind].model_fields)
    columns = [_plain(heading).casefold() for heading in headings]
    while columns and not columns[-1]:
        columns.pop()
    for column in columns:
        if column not in known:
            raise NotATable(
                f'{place}: the column "{column}" is not known; known columns:'
                f" {', '.join(known)}."
            )
        if columns.count(column) > 1:
            raise NotATable(
                f'{place}: the column "{column}" is there twice; remove one.'
            )
    return columns


def _value(kind: Kind, key: str, cell: str) -> Any:
    """Give what the cell says, of the type that the key takes; else the text, to be refused."""
    text = _plain(cell)
    wanted = _types_of(ENTRIES[kind], key)
    if list in wanted:
        return [_paper(part) for part in text.split("|") if part.strip()]
    if bool in wanted:
        folded = text.casefold()
        return True if folded in _YES else False if folded in _NO else text
    if float in wanted and _NUMBER.fullmatch(text):
        return float(text.replace(",", "."))
    if (
        int in wanted
        and _NUMBER.fullmatch(text)
        and float(text.replace(",", ".")) % 1 == 0
    ):
        return int(float(text.replace(",", ".")))
    return text


def _types_of(model: type[Entry], key: str) -> set[Any]:
    def flat(annotation: Any) -> set[Any]:
        origin = get_origin(annotation)
        if origin is Annotated:
            return flat(get_args(annotation)[0])
        if origin in (Union, types.UnionType):
            return set().union(*map(flat, get_args(annotation)))
        return {str} if origin is Literal else {origin or annotation}

    return flat(model.model_fields[key].annotation)


def _paper(text: str) -> dict[str, str]:
    found = _PAPER.fullmatch(text.strip())
    return {"name": text.strip()} if found is None else dict(found.groupdict())


def _plain(cell: str) -> str:
    text = cell.strip()
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def _cell(value: Value, column: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return _safe(_BETWEEN_PAPERS.join(_paper_cell(paper) for paper in value))
    if isinstance(value, float):
        # A decimal point would be a date to a French spreadsheet.
        return repr(value).replace(".", ",")
    if column == "telephone" and isinstance(value, str):
        return _safe(_telephone(value))
    return _safe(value) if isinstance(value, str) else str(value)


def _paper_cell(paper: Mapping[str, str]) -> str:
    name, pictogram = paper["name"], paper["pictogram"]
    if "|" in name or _PAPER.fullmatch(name):
        raise NotWritable(
            f'the paper "{name}" cannot be written into a cell, for its | or [ ]: write'
            " the inventory as TOML, or rename the paper"
        )
    return f"{name} [{pictogram}]" if pictogram else name


def _telephone(number: str) -> str:
    """Write a number as people do: digits in one piece are a sum to a spreadsheet."""
    if not number.startswith("+"):
        return number
    parsed = phonenumbers.parse(number)
    is_home = phonenumbers.region_code_for_number(parsed) == HOME_REGION
    kinds = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(
        parsed, kinds.NATIONAL if is_home else kinds.INTERNATIONAL
    )


def _safe(text: str) -> str:
    # A text that has such an apostrophe of its own gets another one.
    return f"'{text}" if _FORMULA.match(text) else text

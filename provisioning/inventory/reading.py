# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads an inventory (TOML, or CSV tables) into a snapshot, or says exactly what is wrong in it.

Pure but for `read_inventory`. Each complaint names the line, the table and the key, and
what to do. References are checked by `check_references`, which also needs to know what
the database holds: an inventory may be a part, such as one more organisation.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from provisioning.inventory.csv_tables import (
    SUFFIX,
    CsvPlaces,
    CsvTable,
    NotATable,
    read_table,
    table_of_file,
)
from provisioning.inventory.entries import (
    ENTRIES,
    PaperEntry,
    SipTable,
    WebTable,
    key_of,
)
from provisioning.inventory.lines import LineFinder
from provisioning.inventory.plan import Fields, Kind, Snapshot

Shape = TypeVar("Shape", bound=BaseModel)

# Which fields of an entry name another entry, and of which kind.
REFERENCES: Mapping[Kind, Mapping[str, Kind]] = {
    Kind.KIOSK: {"relay": Kind.RELAY},
    Kind.COUNTER: {"organisation": Kind.ORGANISATION},
    Kind.REASON: {"organisation": Kind.ORGANISATION},
    Kind.COUNSELLOR: {"organisation": Kind.ORGANISATION},
    Kind.USER: {
        "relay": Kind.RELAY,
        "organisation": Kind.ORGANISATION,
        "counsellor": Kind.COUNSELLOR,
    },
}
TABLE_OF: Mapping[Kind, str] = {kind: f"{kind}s" for kind in Kind}
_TABLE_NAMES = ", ".join(f"{table}{SUFFIX}" for table in TABLE_OF.values())


class InventoryError(Exception):
    """The inventory cannot be used; `complaints` holds one sentence per fault."""

    def __init__(self, complaints: list[str]) -> None:
        super().__init__("\n".join(complaints))
        self.complaints = complaints


@dataclass(frozen=True)
class Inventory:
    """What a file asks for: the entries, where endpoints reach Asterisk, and the web."""

    snapshot: Snapshot
    sip: SipTable | None = None
    web: WebTable | None = None
    # Where each entry stands in the file, for complaints made later.
    places: Mapping[tuple[Kind, str], str] = field(default_factory=dict)


def read_inventory(path: Path) -> Inventory:
    """Read a file of TOML, a CSV table by its name, or a folder of such tables.

    Raises InventoryError, also where it cannot be read at all.
    """
    try:
        if path.is_dir():
            return parse_tables(
                {
                    each.name: each.read_bytes()
                    for each in sorted(path.iterdir())
                    if each.suffix.casefold() == SUFFIX
                },
                path.name,
            )
        if path.suffix.casefold() == SUFFIX:
            return parse_tables({path.name: path.read_bytes()}, path.name)
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InventoryError([f"{path}: cannot be read: {error}"]) from error
    return parse_inventory(text, path.name)


def parse_tables(files: Mapping[str, bytes], name: str) -> Inventory:
    """Parse CSV tables by the names of their files; raises InventoryError."""
    complaints, tables = [], dict[str, CsvTable]()
    if not files:
        complaints.append(
            f"{name}: there is no CSV file in this folder; known names: {_TABLE_NAMES}."
        )
    for file, content in files.items():
        kind = table_of_file(file)
        if kind is None:
            complaints.append(
                f"{file}: the name does not say of what it is a table; known names:"
                f" {_TABLE_NAMES}."
            )
        elif TABLE_OF[kind] in tables:
            complaints.append(
                f"{file}: {tables[TABLE_OF[kind]].name} is a table of"
                f" {TABLE_OF[kind]} already; put their rows into one file."
            )
        else:
            try:
                tables[TABLE_OF[kind]] = read_table(kind, content, file)
            except NotATable as error:
                complaints.append(str(error))
    if complaints:
        raise InventoryError(complaints)
    document = {table: found.rows for table, found in tables.items()}
    places = CsvPlaces(name, tables)
    return _Parser(
        document, places, "this column is missing or its cell is empty"
    ).parse()


def parse_inventory(text: str, name: str = "inventory") -> Inventory:
    """Parse the text of an inventory called `name`; raises InventoryError."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InventoryError([f"{name}: this is not TOML: {error}"]) from error
    return _Parser(document, LineFinder(text, name)).parse()


def check_references(inventory: Inventory, others: Snapshot) -> None:
    """Raise InventoryError where an entry names what neither the file nor `others` has.

    Also refuses a slug that already names something of another kind, since commands take
    a slug alone.
    """
    complaints = []
    for kind, fields_of in REFERENCES.items():
        for key, fields in inventory.snapshot.get(kind, {}).items():
            for name, target in fields_of.items():
                complaint = _reference_complaint(
                    fields.get(name), name, target, inventory.snapshot, others
                )
                if complaint:
                    complaints.append(f"{inventory.places[kind, key]}{complaint}")
    complaints += _ambiguous_slugs(inventory, others)
    if complaints:
        raise InventoryError(complaints)


def _reference_complaint(
    value: Any, name: str, target: Kind, own: Snapshot, others: Snapshot
) -> str | None:
    if value is None or value in own.get(target, {}) or value in others.get(target, {}):
        return None
    known = sorted({*own.get(target, {}), *others.get(target, {})})
    return (
        f', key "{name}": no {target} has the slug "{value}"; known:'
        f" {', '.join(known) or 'none'}. Correct it or add it under"
        f" [[{TABLE_OF[target]}]]."
    )


def _ambiguous_slugs(inventory: Inventory, others: Snapshot) -> list[str]:
    complaints = []
    owner: dict[str, Kind] = {
        key: kind for kind, entries in others.items() for key in entries
    }
    for kind in Kind:
        for key in inventory.snapshot.get(kind, {}):
            if (taken := owner.setdefault(key, kind)) is not kind:
                complaints.append(
                    f'{inventory.places[kind, key]}: "{key}" is already the slug of a'
                    f" {taken}; choose another one."
                )
    return complaints


class _Places(Protocol):
    """How the places of a document are named."""

    @property
    def name(self) -> str: ...

    def entry(self, table: str, index: int | None) -> str: ...

    def key(self, table: str, index: int | None, key: str | None) -> str: ...


class _Parser:
    """Walks one document, collecting every complaint before it gives up."""

    def __init__(
        self, document: Mapping[str, Any], lines: _Places, missing: str = ""
    ) -> None:
        self._document = document
        self._lines = lines
        # What is said of a key that is not there; empty: that a line is to be added.
        self._missing = missing
        self._complaints: list[str] = []
        self._places: dict[tuple[Kind, str], str] = {}

    def parse(self) -> Inventory:
        """Give the inventory, or raise InventoryError with all complaints."""
        self._refuse_unknown_tables()
        snapshot = {kind: self._parse_kind(kind) for kind in Kind}
        sip = self._parse_table("sip", SipTable)
        web = self._parse_table("web", WebTable)
        if self._complaints:
            raise InventoryError(self._complaints)
        return Inventory(snapshot, sip, web, self._places)

    def _refuse_unknown_tables(self) -> None:
        known = [f"[[{table}]]" for table in TABLE_OF.values()] + ["[sip]", "[web]"]
        for key in self._document:
            if key not in (*TABLE_OF.values(), "sip", "web"):
                self._complaints.append(
                    f'{self._lines.name}: the key or table "{key}" is not known; known'
                    f" tables: {', '.join(known)}."
                )

    def _parse_kind(self, kind: Kind) -> dict[str, Fields]:
        table = TABLE_OF[kind]
        rows = self._document.get(table, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self._complaints.append(
                f"{self._lines.name}: write each {kind} under a line [[{table}]], with"
                " two brackets."
            )
            return {}
        entries: dict[str, Fields] = {}
        for index, row in enumerate(rows):
            place = self._lines.entry(table, index)
            entry = self._validate(ENTRIES[kind], row, table, index)
            if entry is None:
                continue
            key = key_of(entry)
            if key in entries:
                first = self._places[kind, key]
                self._complaints.append(
                    f'{place}: "{key}" is there twice; the first is {first}. Remove one'
                    " of them or give it another slug."
                )
                continue
            entries[key] = entry.fields()
            self._places[kind, key] = place
        return entries

    def _parse_table(self, table: str, model: type[Shape]) -> Shape | None:
        row = self._document.get(table)
        if row is None:
            return None
        if not isinstance(row, dict):
            self._complaints.append(
                f"{self._lines.name}: write [{table}] with one bracket, once."
            )
            return None
        return self._validate(model, row, table, None)

    def _validate(
        self, model: type[Shape], row: Mapping[str, Any], table: str, index: int | None
    ) -> Shape | None:
        try:
            return model.model_validate(row)
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_context=False):
                key = str(fault["loc"][0]) if fault["loc"] else None
                place = self._lines.key(table, index, key)
                said = _sentence(fault, model, self._missing)
                self._complaints.append(f"{place}: {said}")
            return None


def _sentence(fault: Any, model: type[BaseModel], missing: str = "") -> str:
    where = fault["loc"]
    if len(where) > 1:
        # Only papers lie deeper than a key: ("papers", position, key of the paper).
        about = f', "{where[2]}"' if len(where) > 2 else ""
        inner = _sentence({**fault, "loc": where[2:]}, PaperEntry)
        inner = inner.replace("add a line", "add")
        return f"paper number {where[1] + 1}{about}: {inner}"
    if fault["type"] == "extra_forbidden":
        return f"this key is not known; known keys: {', '.join(model.model_fields)}."
    if fault["type"] == "missing" and missing and model is not PaperEntry:
        return f"{missing}; fill it in."
    if fault["type"] == "missing":
        return f'this key is missing; add a line {where[0]} = "...".'
    message: str = fault["msg"]
    if missing:
        message = re.sub(
            r"add a line (\w+) = [^\s,]+", r'fill in the column "\1"', message
        )
    return message.removeprefix("Value error, ").rstrip(".") + "."

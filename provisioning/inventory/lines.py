# SPDX-License-Identifier: AGPL-3.0-or-later
"""Finds the line of a table or key in an inventory's text, which tomllib does not tell."""

import re

HEADER = re.compile(r"^\s*(\[\[?)\s*([\w-]+)\s*\]\]?\s*(#.*)?$")


class LineFinder:
    """Names places of one text: `inventory.toml, line 12, [[kiosks]] 2, key "relay"`."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self._lines = text.splitlines()
        self._headers: dict[str, list[int]] = {}
        for number, line in enumerate(self._lines, 1):
            if match := HEADER.match(line):
                self._headers.setdefault(match[2], []).append(number)

    def entry(self, table: str, index: int | None) -> str:
        """Name the place of the table, of its entry `index` (from 0) for an array."""
        return self._place(self._header(table, index), table, index)

    def key(self, table: str, index: int | None, key: str | None) -> str:
        """Name the place of a key of that entry; of the entry where the key is absent."""
        header = self._header(table, index)
        if key is None:
            return self._place(header, table, index)
        line = self._line_of_key(header, key) if header else None
        return f'{self._place(line or header, table, index)}, key "{key}"'

    def _header(self, table: str, index: int | None) -> int | None:
        # A table written inline (`kiosks = [{...}]`) has no header line to point at.
        found = self._headers.get(table, [])
        position = index or 0
        return found[position] if position < len(found) else None

    def _line_of_key(self, header: int, key: str) -> int | None:
        pattern = re.compile(rf"^\s*[\"']?{re.escape(key)}[\"']?\s*=")
        for number, line in enumerate(self._lines[header:], header + 1):
            if HEADER.match(line):
                return None
            if pattern.match(line):
                return number
        return None

    def _place(self, line: int | None, table: str, index: int | None) -> str:
        where = self.name if line is None else f"{self.name}, line {line}"
        return (
            f"{where}, [{table}]"
            if index is None
            else (f"{where}, [[{table}]] number {index + 1}")
        )

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists as French spreadsheets open them by a double click; pure.

UTF-8 with its mark, semicolons, CRLF. A cell that a spreadsheet would calculate is made
text: a name must not run a formula on the secretary's computer.
"""

import csv
import io
from collections.abc import Iterable, Sequence

BYTE_ORDER_MARK = "\ufeff"
# What begins a formula (OWASP, "CSV injection"); full-width forms are read as their twins.
_FORMULA_STARTS = frozenset("=+-@\t\r\n|%＝＋－＠")


def safe_cell(text: str) -> str:
    """Give the text as a cell that is not calculated."""
    stripped = text.lstrip(" \u00a0\u202f")
    return f"'{text}" if stripped[:1] in _FORMULA_STARTS and stripped else text


def spreadsheet(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Write the table."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(safe_cell(title) for title in titles)
    for row in rows:
        writer.writerow(safe_cell(cell) for cell in row)
    return (BYTE_ORDER_MARK + text.getvalue()).encode()
